#!/bin/sh
# HW-6.7: restarts the router only when the gateway does not answer and the bond has churned.
set -eu
gateway=$1
if ping -c3 "$gateway"; then answers=yes; else answers=no; fi
cat /proc/net/bonding/bond0
if [ "$answers" = no ] && grep -q 'Churn State: churned' /proc/net/bonding/bond0; then
    echo "the bond has churned: the router restarts, about two minutes without it"
    reboot
fi
