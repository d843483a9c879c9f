#!/bin/sh
# ACC-9.4: Remove the test container and its S3 credentials.
# Arguments: TENANT, TEST_NAME.
set -eu
tenant=$1
test_name=$2
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
if openstack container list -f value -c Name | grep -qx "$test_name"; then
    openstack container delete --recursive "$test_name"
fi
# those of the test project alone
for access in $(openstack ec2 credentials list -f json | jq -r --arg project "$tenant" '.[] | select(."Project ID" == $project) | .Access'); do
    openstack ec2 credentials delete "$access"
done
