#!/bin/sh
# RB-OSTUP.5: Check.
# Arguments: AT.
set -eu
at=$1
case $at in
b0) ./scripts/platform-setup.sh --check ;;
box)
    openstack endpoint list
    openstack service list
    ;;
esac
