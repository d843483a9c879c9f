#!/bin/sh
# ACC-2.1: A tenant can be created.
# Arguments: API, TEST_NAME, WG_PUBLIC_KEY.
set -eu
api=$1
test_name=$2
wg_public_key=$3
ask() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sS --fail-with-body --config - -H 'Content-Type: application/json' "$@"
}
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
user=$(ask "$api/users/me" | jq -re .id)
find_tenant() { ask "$api/tenants" | jq -r --arg name "$test_name" '.[] | select(.name == $name) | .id'; }
tenant=$(find_tenant)
if [ -z "$tenant" ]; then
    ask -X POST "$api/tenants" -d "$(jq -n --arg name "$test_name" '{name: $name, users: []}')"
    tenant=$(find_tenant)
fi
[ "$(printf '%s\n' "$tenant" | grep -c .)" -eq 1 ] || exit 1
ask -X PUT "$api/tenants/$tenant/users/$user" -d "$(jq -n --arg key "$wg_public_key" '{pubkey: $key}')"
printf 'user: %s\ntenant: %s\nprefix: %s\n' "$user" "$tenant" "$(printf %.8s "$tenant")"
