#!/bin/sh
# ACC-9.1: Remove the test instances, their addresses, security group and key pair.
# Arguments: TENANT, TEST_NAME.
set -eu
tenant=$1
test_name=$2
# what is absent is fine; only objects of the test project and of its name
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
for id in $(openstack server list --name "^$test_name" -f value -c ID); do
    openstack server delete --wait "$id"
done
for id in $(openstack floating ip list --long -f json | jq -r --arg name "$test_name" '.[] | select(.Description == $name) | .ID'); do
    openstack floating ip delete "$id"
done
for id in $(openstack security group list --project "$tenant" -f json | jq -r --arg name "$test_name" '.[] | select(.Name == $name) | .ID'); do
    openstack security group delete "$id"
done
if openstack keypair list -f value -c Name | grep -qx "$test_name"; then
    openstack keypair delete "$test_name"
fi
[ -z "$(openstack server list --name "^$test_name" -f value -c ID)" ]
