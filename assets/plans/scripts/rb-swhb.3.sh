#!/bin/sh
# RB-SWHB.3: Find that tenant.
# Arguments: API, PREFIX.
set -eu
api=$1
prefix=$2
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
tenants=$(printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -sS --fail-with-body --config - -X GET "$api/tenants")
# one tenant, and the newest one: anything else stops here
printf '%s' "$tenants" | jq -e --arg prefix "$prefix" '
    [.[] | select(.id | startswith($prefix))] as $found
    | if ($found | length) == 1 and $found[0].created_at == ([.[].created_at] | max)
      then {tenant: $found[0].id, name: $found[0].name, created_at: $found[0].created_at}
      else error("not exactly one tenant, or not the newest one: stop") end'
