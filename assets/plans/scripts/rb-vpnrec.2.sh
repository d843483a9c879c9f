#!/bin/sh
# RB-VPNREC.2: Log in.
# Arguments: TENANT, BASTION.
set -eu
tenant=$1
bastion=$2
openstack server list --all-projects --project "$tenant" --name vpn-server
address=$(openstack server list --all-projects --project "$tenant" --name vpn-server -f json | jq -r '.[0].Networks | to_entries[0].value[0]')
ssh -J "ubuntu@$bastion" "ubuntu@$address" true
echo "address: $address"
