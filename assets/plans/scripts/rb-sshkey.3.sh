#!/bin/sh
# RB-SSHKEY.3: Prove it everywhere.
# Arguments: NEW_KEY, HOST.
set -eu
new_key=$1
host=$2
ssh -o BatchMode=yes -o IdentitiesOnly=yes -i "$new_key" "ubuntu@$host" hostname
