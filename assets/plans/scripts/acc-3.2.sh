#!/bin/sh
# ACC-3.2: An instance can be created.
# Arguments: TENANT, TEST_NAME, FLAVOR, IMAGE, NETWORK, EXTERNAL_NETWORK.
set -eu
tenant=$1
test_name=$2
flavor=$3
image=$4
network=$5
external_network=$6
umask 077
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
key=$(mktemp) && trap 'rm -f "$key"' EXIT
cat > "$key"
openstack keypair show "$test_name" > /dev/null 2>&1 || openstack keypair create --public-key "$key" "$test_name" < /dev/null
if ! openstack security group show "$test_name" > /dev/null 2>&1; then
    openstack security group create "$test_name" -f value -c id
    openstack security group rule create --ingress --protocol tcp --dst-port 22 "$test_name" -f value -c id
    openstack security group rule create --ingress --protocol icmp "$test_name" -f value -c id
fi
openstack server create --flavor "$flavor" --image "$image" --network "$network" --key-name "$test_name" --security-group "$test_name" --wait "$test_name" -f value -c status
floating=$(openstack floating ip create "$external_network" --description "$test_name" -f value -c floating_ip_address)
openstack server add floating ip "$test_name" "$floating"
openstack server show "$test_name" -f json | jq -r --arg floating "$floating" '"server: \(.id)", "address: \([.addresses[][] | select(. != $floating)][0])", "status: \(.status)"'
echo "floating: $floating"
