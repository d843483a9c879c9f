#!/bin/sh
# RB-START.4: Start the remembered instances.
set -eu
list=/infra-management/.nova-running-vms
while read -r id; do
    openstack server start "$id" < /dev/null
done < "$list"
# the list stays until every start is confirmed
while read -r id; do
    [ "$(openstack server show "$id" -f value -c status < /dev/null)" = ACTIVE ] || {
        echo "$id is not ACTIVE yet: the list stays, repeat this step" >&2
        exit 65
    }
done < "$list"
rm "$list"
