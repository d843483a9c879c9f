#!/bin/sh
# RB-STOP.2b: Stop them.
set -eu
while read -r id; do
    openstack server stop "$id" < /dev/null
done < /infra-management/.nova-running-vms
