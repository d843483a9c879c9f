#!/bin/sh
# RB-REPROV.4: Save the router configuration.
# Arguments: ROUTER.
set -eu
router=$1
umask 077
if [ -x scripts/openwrt/snapshot-router.sh ]; then
    scripts/openwrt/snapshot-router.sh
else
    ssh "root@$router" sysupgrade -b - > router-backup.tgz
    tar -tzf router-backup.tgz | head -3
fi
