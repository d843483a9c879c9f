#!/bin/sh
# RB-MIG.6: Attach every tenant again.
# Arguments: TENANT, FIXED_IP, ROUTER, MGMT_ROUTER_IP, TENANT_CIDR, TENANT_VPN_VM.
set -eu
tenant=$1
fixed_ip=$2
router=$3
mgmt_router_ip=$4
tenant_cidr=$5
tenant_vpn_vm=$6
port=$(openstack port create --network management-net --fixed-ip "subnet=management-subnet,ip-address=$fixed_ip" --project "$tenant" -f value -c id "tenant-router-mgmt-$tenant")
openstack router add port "$router" "$port"
openstack router set --route "destination=10.32.0.0/16,gateway=$mgmt_router_ip" "$router"
openstack router set --route "destination=$tenant_cidr,gateway=$fixed_ip" management-router
openstack server reboot "$tenant_vpn_vm"
