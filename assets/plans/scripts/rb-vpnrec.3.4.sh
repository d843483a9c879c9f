#!/bin/sh
# RB-VPNREC.3.4: Interface.
# Arguments: BASTION, VPN_IP.
set -eu
bastion=$1
vpn_ip=$2
ssh -J "ubuntu@$bastion" "ubuntu@$vpn_ip" sh -s <<'END_OF_REMOTE'
sudo wg show
sudo systemctl status wg-quick@wg0
END_OF_REMOTE
