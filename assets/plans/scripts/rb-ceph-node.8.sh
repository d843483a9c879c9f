#!/bin/sh
# RB-CEPH-NODE.8: Put the node back into the gateway placement.
# Arguments: NODE, GATEWAYS_ALL, PLACEMENT_FILE.
set -eu
node=$1
gateways_all=$2
placement_file=$3
# the same guard as RB-CEPH-NODE.2
if ceph orch ls rgw --export | grep -q 'ssl: true'; then
    [ -n "$placement_file" ] || {
        echo "the gateway has TLS: edit placement.hosts of the exported spec, name the file" >&2
        exit 65
    }
    ceph orch apply -i "$placement_file"
else
    ceph orch apply rgw gateway --placement="$gateways_all" --port=8080
fi
ceph orch ps "$node" --daemon-type rgw
