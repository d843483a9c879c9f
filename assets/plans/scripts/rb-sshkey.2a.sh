#!/bin/sh
# RB-SSHKEY.2a: Add on every host.
# Arguments: OLD_KEY, HOST.
set -eu
old_key=$1
host=$2
# the key arrives on standard input and is added once
ssh -i "$old_key" "ubuntu@$host" 'read -r key && { grep -qxF "$key" ~/.ssh/authorized_keys || echo "$key" >> ~/.ssh/authorized_keys; }'
