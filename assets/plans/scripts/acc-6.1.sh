#!/bin/sh
# ACC-6.1: A bare-metal server can be provisioned and returned.
# Arguments: TENANT, TEST_NAME, BAREMETAL_FLAVOR, BAREMETAL_IMAGE, NETWORK.
set -eu
tenant=$1
test_name=$2
baremetal_flavor=$3
baremetal_image=$4
network=$5
openstack baremetal node list --provision-state available -f value -c Name | grep .
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
openstack server create --flavor "$baremetal_flavor" --image "$baremetal_image" --network "$network" --key-name "$test_name" --wait "$test_name-metal" -f value -c status
openstack server show "$test_name-metal" -f value -c status | sed 's/^/status: /'
# returned at once: cleaning goes on while the other canaries are looked at
openstack server delete "$test_name-metal"
