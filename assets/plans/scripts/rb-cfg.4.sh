#!/bin/sh
# RB-CFG.4: Check.
# Arguments: AT.
set -eu
at=$1
case $at in
b0) ./scripts/platform-setup.sh --check ;;
box)
    openstack service list
    openstack endpoint list
    ;;
esac
