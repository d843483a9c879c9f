#!/bin/sh
# RB-MIG.3: Detach every tenant router from management-net.
# Arguments: ROUTER, PORT.
set -eu
router=$1
port=$2
# recorded for the way back: router, port, fixed address
openstack port list --device-id "$router" -f value -c ID -c Name -c 'Fixed IP Addresses' | grep tenant-router-mgmt- | tee -a /infra-management/management-ports-before.txt
openstack router remove port "$router" "$port"
