#!/bin/sh
# RB-RBDLOCK.4: Find image and lock.
# Arguments: AT, INSTANCE, ID.
set -eu
at=$1
instance=$2
id=$3
case $at in
cp) virsh dumpxml "$instance" | grep rbd ;;
csh) rbd lock list "vms/${id}_disk" ;;
esac
