#!/bin/sh
# RB-VPNREC.4.2: State file.
# Arguments: TENANT.
set -eu
tenant=$1
openstack object save --file /tmp/vpn-users.json "$tenant" config/vpn-users.json && python3 -m json.tool /tmp/vpn-users.json
