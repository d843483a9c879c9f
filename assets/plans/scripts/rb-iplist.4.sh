#!/bin/sh
# RB-IPLIST.4: Copy.
# Arguments: JUMP, ROUTER, DIR, NEW, PATH.
set -eu
jump=$1
router=$2
dir=$3
new=$4
path=$5
# values were checked when they were asked for: the remote shell sees no other words
ssh -J "$jump" "root@$router" mkdir -p "$dir"
scp -O -J "$jump" "$new" "root@$router:$path"
