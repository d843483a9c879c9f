#!/bin/sh
# RB-OSD.5: Log in to the host that owns the disk.
# Arguments: HOST, DEVICE.
set -eu
host=$1
device=$2
# the disk is wiped next, and device names repeat on every host
hostname
[ "$(hostname)" = "$host" ] || { echo "this is $(hostname), not $host: stop" >&2; exit 65; }
lsblk "$device"
