#!/bin/sh
# RB-CEPH-NODE.4: Wait for its daemons to stop.
# Arguments: NODE.
set -eu
node=$1
# 0: no daemon of the node runs; 1: one does; anything else: cannot be said
answer=$(ceph orch ps "$node" --format json) || exit 2
left=$(printf '%s' "$answer" | jq '[.[] | select(.status_desc != "stopped")] | length') || exit 2
[ "$left" -eq 0 ]
