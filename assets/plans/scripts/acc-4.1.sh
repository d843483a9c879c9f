#!/bin/sh
# ACC-4.1: An instance with a GPU is scheduled.
# Arguments: TENANT, TEST_NAME, GPU_FLAVOR, GPU_IMAGE, NETWORK.
set -eu
tenant=$1
test_name=$2
gpu_flavor=$3
gpu_image=$4
network=$5
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
openstack server create --flavor "$gpu_flavor" --image "$gpu_image" --network "$network" --key-name "$test_name" --security-group "$test_name" --wait "$test_name-gpu" -f value -c status
openstack server show "$test_name-gpu" -f json | jq -r '"address: \([.addresses[][]][0])", "host: \(."OS-EXT-SRV-ATTR:host")", "status: \(.status)"'
