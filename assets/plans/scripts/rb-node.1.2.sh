#!/bin/sh
# RB-NODE.1.2: Compute: move instances.
# Arguments: NODE.
set -eu
node=$1
for id in $(openstack server list --host "$node" --all-projects -f value -c ID); do
    openstack server migrate --live-migration --wait "$id"
done
left=$(openstack server list --host "$node" --all-projects -f value -c ID)
[ -z "$left" ] || { echo "still on $node: $left" >&2; exit 65; }
echo "no instance on $node"
