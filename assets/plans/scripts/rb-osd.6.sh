#!/bin/sh
# RB-OSD.6: Wipe.
# Arguments: HOST, DEVICE.
set -eu
host=$1
device=$2
[ "$(hostname)" = "$host" ] || { echo "this is $(hostname), not $host: stop" >&2; exit 65; }
sudo apt install -y ceph-volume
sudo ceph-volume lvm zap "$device" --destroy
