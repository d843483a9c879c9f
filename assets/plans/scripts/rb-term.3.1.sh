#!/bin/sh
# RB-TERM.3.1: Tenant gone.
# Arguments: API, TENANT.
set -eu
api=$1
tenant=$2
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -sS --fail-with-body --config - -X GET "$api/tenants" |
    jq -e --arg id "$tenant" 'all(.[]; .id != $id)'
