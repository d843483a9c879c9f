#!/bin/sh
# RB-SSHKEY.2c: Add on router box, bastion and OpenWRT.
# Arguments: AT.
set -eu
at=$1
case $at in
rb | b0) file=$HOME/.ssh/authorized_keys ;;
wrt) file=/etc/dropbear/authorized_keys ;;
esac
IFS= read -r key
grep -qxF "$key" "$file" || echo "$key" >> "$file"
grep -cF "$key" "$file"
