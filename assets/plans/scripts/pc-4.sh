#!/bin/sh
# PC-4: Tenants and membership.
# Arguments: API, TENANT_NAME, USER_ID, WG_PUBLIC_KEY.
set -eu
api=$1
tenant_name=$2
user_id=$3
wg_public_key=$4
ask() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sS --fail-with-body --config - -H 'Content-Type: application/json' "$@"
}
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
tenant=$(ask "$api/tenants" | jq -r --arg name "$tenant_name" '.[] | select(.name == $name) | .id')
if [ -z "$tenant" ]; then
    ask -X POST "$api/tenants" -d "$(jq -n --arg name "$tenant_name" --arg user "$user_id" --arg key "$wg_public_key" '{name: $name, users: [{user_id: $user, pubkey: $key}]}')"
else
    ask -X PUT "$api/tenants/$tenant/users/$user_id" -d "$(jq -n --arg key "$wg_public_key" '{pubkey: $key}')"
fi
ask "$api/tenants" | jq -e --arg name "$tenant_name" '.[] | select(.name == $name) | {id, name}'
