#!/bin/sh
# RB-GDPR.4: Confirm.
# Arguments: API, USER.
set -eu
api=$1
user=$2
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -sS --fail-with-body --config - -X GET "$api/users" |
    jq -e --arg id "$user" 'all(.[]; .id != $id)'
