#!/bin/sh
# RB-OSD.11: After the last one.
set -eu
left=$(ceph-volume lvm list --format json)
[ "$left" = '{}' ] || { echo "LVM volumes are left: $left" >&2; exit 65; }
ceph orch rm osd.default
