#!/bin/sh
# RB-SSHKEY.4: Remove the old key.
# Arguments: NEW_KEY, HOST.
set -eu
new_key=$1
host=$2
# the old key arrives on standard input; a file that would be left without the new key stays as it is
ssh -o BatchMode=yes -o IdentitiesOnly=yes -i "$new_key" "ubuntu@$host" 'read -r old && umask 077 && grep -vF "$old" ~/.ssh/authorized_keys > ~/.ssh/authorized_keys.new && [ -s ~/.ssh/authorized_keys.new ] && install -m 600 ~/.ssh/authorized_keys.new ~/.ssh/authorized_keys && rm ~/.ssh/authorized_keys.new'
ssh -o BatchMode=yes -o IdentitiesOnly=yes -i "$new_key" "ubuntu@$host" hostname
