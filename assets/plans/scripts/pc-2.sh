#!/bin/sh
# PC-2: Users.
# Arguments: API, USER_MAIL, USER_ROLE.
set -eu
api=$1
user_mail=$2
user_role=$3
ask() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sS --fail-with-body --config - -H 'Content-Type: application/json' "$@"
}
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
# GET list
known=$(ask "$api/users" | jq -r --arg mail "$user_mail" '.[] | select(.email == $mail) | .id')
if [ -z "$known" ]; then
    # POST
    ask -X POST "$api/users" -d "$(jq -n --arg mail "$user_mail" --arg role "$user_role" '{email: $mail, role: $role, ssh_key_id: null}')"
fi
ask "$api/users" | jq -e --arg mail "$user_mail" '.[] | select(.email == $mail) | {id, email, role}'
