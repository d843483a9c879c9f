#!/bin/sh
# ACC-3.4: The instance is reached over the tenant VPN, and reaches the Internet.
# Arguments: PEER_NAME, VM_IP, SSH_KEY.
set -eu
peer_name=$1
vm_ip=$2
ssh_key=$3
wg-quick up "$peer_name" || wg show "$peer_name" > /dev/null
ssh -i "$ssh_key" -o StrictHostKeyChecking=accept-new -o ConnectTimeout=20 "ubuntu@$vm_ip" curl -sL --max-time 10 https://example.com -o /dev/null
