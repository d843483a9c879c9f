#!/bin/sh
# RB-STOP.2a: Remember what runs.
set -eu
list=/infra-management/.nova-running-vms
# a second list would forget the instances that are stopped already
if ! [ -s "$list" ]; then
    openstack server list --all-projects --status ACTIVE -f value -c ID > "$list"
fi
wc -l < "$list"
