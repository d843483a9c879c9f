#!/bin/sh
# RB-CEPH-NODE.2: Take the node out of the gateway placement.
# Arguments: NODE, GATEWAYS_LEFT, PLACEMENT_FILE.
set -eu
node=$1
gateways_left=$2
placement_file=$3
ceph orch ls rgw
ceph orch ps "$node" --daemon-type rgw
# never the plain command when TLS is part of the stored spec: it would drop the certificate (IL-05)
if ceph orch ls rgw --export | grep -q 'ssl: true'; then
    [ -n "$placement_file" ] || {
        echo "the gateway has TLS: export the spec, edit placement.hosts, name the file" >&2
        exit 65
    }
    ceph orch apply -i "$placement_file"
else
    ceph orch apply rgw gateway --placement="$gateways_left" --port=8080
fi
