#!/bin/sh
# PC-6: Add-ons.
# Arguments: API, CLUSTER_ID, ADDON, ADDON_PARAMS.
set -eu
api=$1
cluster_id=$2
addon=$3
addon_params=$4
ask() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sS --fail-with-body --config - -H 'Content-Type: application/json' "$@"
}
# the token arrives on standard input: never on a command line (IL-25)
IFS= read -r token
ask "$api/addons/catalog" | jq -e --arg addon "$addon" '.[] | select(.name == $addon)'
# 202; each POST makes a new instance
ask -X POST "$api/clusters/$cluster_id/addons" -d "$(jq -n --arg addon "$addon" --argjson params "$addon_params" '{addon: $addon, params: $params}')"
