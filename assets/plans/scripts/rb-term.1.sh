#!/bin/sh
# RB-TERM.1: Identify.
# Arguments: API, NAME.
set -eu
api=$1
name=$2
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -sS --fail-with-body --config - -X GET "$api/tenants" |
    jq -e --arg name "$name" '[.[] | select(.name == $name)] | if length == 1 then {tenant: .[0].id, prefix: .[0].id[0:8]} else error("not exactly one tenant of that name") end'
