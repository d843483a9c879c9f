#!/bin/sh
# PC-3: SSH keys.
# Arguments: API, USER_ID, SSH_PUBLIC_KEY.
set -eu
api=$1
user_id=$2
ssh_public_key=$3
ask() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sS --fail-with-body --config - -H 'Content-Type: application/json' "$@"
}
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
find_key() {
    # the key itself, without its comment
    ask "$api/sshkeys" | jq -r --arg key "$ssh_public_key" '.[] | select((.public_key | split(" ")[0:2]) == ($key | split(" ")[0:2])) | .id'
}
key=$(find_key)
if [ -z "$key" ]; then
    ask -X POST "$api/sshkeys" -d "$(jq -n --arg key "$ssh_public_key" '{public_key: $key}')"
    key=$(find_key)
fi
user=$(ask "$api/users" | jq -c --arg id "$user_id" '.[] | select(.id == $id)')
ask -X PUT "$api/users/$user_id" -d "$(printf '%s' "$user" | jq -c --arg key "$key" '{email, role, ssh_key_id: $key}')"
ask "$api/users" | jq -e --arg id "$user_id" --arg key "$key" '.[] | select(.id == $id and .ssh_key_id == $key)'
