#!/bin/sh
# RB-IPLIST.1: Find the path.
# Arguments: NAME.
set -eu
name=$1
uci show firewall | grep loadfile
file=$(uci show firewall | sed -n "s/.*loadfile='\(.*\)'/\1/p" | grep "/$name\$")
[ "$(printf '%s\n' "$file" | grep -c .)" -eq 1 ]
echo "path: $file"
echo "directory: ${file%/*}"
