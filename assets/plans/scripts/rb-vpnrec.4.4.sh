#!/bin/sh
# RB-VPNREC.4.4: Configuration file.
# Arguments: BASTION, VPN_IP.
set -eu
bastion=$1
vpn_ip=$2
ssh -J "ubuntu@$bastion" "ubuntu@$vpn_ip" sh -s <<'END_OF_REMOTE'
sudo stat -c '%U:%G %a' /etc/wireguard/wg0.conf
END_OF_REMOTE
