#!/bin/sh
# RB-RBDLOCK.1: Identify.
# Arguments: NAME.
set -eu
name=$1
openstack server list --all --name "$name" -f value -c ID -c Name
id=$(openstack server list --all --name "$name" -f value -c ID)
# exactly one, or the name says too little
[ "$(printf '%s\n' "$id" | grep -c .)" -eq 1 ] || exit 65
openstack server show "$id" -c OS-EXT-SRV-ATTR:instance_name -c OS-EXT-SRV-ATTR:host -c volumes_attached -c status -f json
echo "id: $id"
