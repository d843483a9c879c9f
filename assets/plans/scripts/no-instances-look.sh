#!/bin/sh
# Has this compute node no instances, of any tenant?
set -u
node=$1
found=$(openstack server list --host "$node" --all-projects -f value -c ID) || exit 2
[ -z "$found" ] || { printf '%s instances are still on %s\n' "$(printf '%s\n' "$found" | wc -l)" "$node"; exit 1; }
