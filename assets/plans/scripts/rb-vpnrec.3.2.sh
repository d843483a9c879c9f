#!/bin/sh
# RB-VPNREC.3.2: Settings.
# Arguments: BASTION, VPN_IP.
set -eu
bastion=$1
vpn_ip=$2
ssh -J "ubuntu@$bastion" "ubuntu@$vpn_ip" sh -s <<'END_OF_REMOTE'
sudo grep -oE '^[A-Z_]+' /etc/user-sync-agent.env
END_OF_REMOTE
