#!/bin/sh
# RB-OSD.9: Apply a raw specification.
# Arguments: HOST, DEV, DEVICE.
set -eu
host=$1
dev=$2
device=$3
printf 'service_type: osd\nservice_id: raw-%s-%s\nplacement:\n  hosts: [%s]\nspec:\n  data_devices:\n    paths: [%s]\n  method: raw\n' "$host" "$dev" "$host" "$device" > /tmp/spec.yaml
ceph orch apply -i /tmp/spec.yaml
