#!/bin/sh
# ACC-9.6: Move the operator back and remove the test tenant.
# Arguments: API, TENANT, TEST_NAME, HOME_TENANT, USER_ID, WG_PUBLIC_KEY.
set -eu
api=$1
tenant=$2
test_name=$3
home_tenant=$4
user_id=$5
wg_public_key=$6
ask() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sS --fail-with-body --config - -H 'Content-Type: application/json' "$@"
}
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
ask -X PUT "$api/tenants/$home_tenant/users/$user_id" -d "$(jq -n --arg key "$wg_public_key" '{pubkey: $key}')"
# the id and the name must belong together: nothing else is ever deleted
name=$(ask "$api/tenants" | jq -r --arg id "$tenant" '.[] | select(.id == $id) | .name')
case $name in
"$test_name") ask -X DELETE "$api/tenants/$tenant" ;;
'') echo "the tenant is gone already" ;;
*) echo "$tenant is called $name, not $test_name: stop" >&2; exit 65 ;;
esac
ask "$api/tenants" | jq -e --arg id "$tenant" 'all(.[]; .id != $id)'
