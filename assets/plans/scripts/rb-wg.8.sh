#!/bin/sh
# RB-WG.8: Look.
# Arguments: BASTION, VPN_IP.
set -eu
bastion=$1
vpn_ip=$2
ssh -J "ubuntu@$bastion" "ubuntu@$vpn_ip" sh -s <<'END_OF_REMOTE'
sudo wg show
END_OF_REMOTE
