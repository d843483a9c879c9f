#!/bin/sh
# ACC-3.3: The floating address is reachable, and the way back is the same.
# Arguments: FIP.
set -eu
fip=$1
# sshd needs a moment after the first boot
tries=30
until nc -zv -w 5 "$fip" 22; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 10
done
mtr --report --report-cycles 10 "$fip"
