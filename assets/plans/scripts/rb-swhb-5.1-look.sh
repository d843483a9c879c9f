#!/bin/sh
# RB-SWHB.5.1: Watch the errors stop.
# Arguments: LOKI, VNI is already used in.
set -eu
loki=$1
# 0: no such line in the last 2 min; 1: there is one; anything else: cannot be said
since=$(($(date +%s) - 120))000000000
answer=$(curl -sS -f -G "$loki/loki/api/v1/query_range" --data-urlencode "query={job=\"hedgehog-agent\"} |= \`$2\`" --data-urlencode "start=$since") || exit 2
count=$(printf '%s' "$answer" | jq '[.data.result[].values[]] | length') || exit 2
[ "$count" -eq 0 ]
