#!/bin/sh
# RB-CFG.3: Apply.
# Arguments: CHANGE.
set -eu
change=$1
# the downtime matrix of the runbooks
case $change in
management-provision | management | openstack | provision) ./scripts/platform-setup.sh --tags "$change" ;;
upgrade | reconfigure | update | bootstrap) ./scripts/platform-setup.sh "--$change" ;;
*) echo "no such change: $change" >&2; exit 64 ;;
esac
