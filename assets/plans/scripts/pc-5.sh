#!/bin/sh
# PC-5: VPN file for a user.
# Arguments: API, USER_ID.
set -eu
api=$1
user_id=$2
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -sS --fail-with-body --config - "$api/users/$user_id/vpn" > vpn-config-script.sh
head -1 vpn-config-script.sh
echo "the user runs: cat privatekey | bash $PWD/vpn-config-script.sh > wg.conf"
