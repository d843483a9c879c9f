#!/bin/sh
# RB-VPNREC.3.1: Service.
# Arguments: BASTION, VPN_IP.
set -eu
bastion=$1
vpn_ip=$2
ssh -J "ubuntu@$bastion" "ubuntu@$vpn_ip" sh -s <<'END_OF_REMOTE'
sudo systemctl status user-sync-agent
sudo journalctl -u user-sync-agent --since '10 min ago' --no-pager | tail -50
sudo ls /etc/user-sync-agent.env
END_OF_REMOTE
