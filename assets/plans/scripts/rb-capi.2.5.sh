#!/bin/sh
# RB-CAPI.2.5: Find failed machines.
set -eu
answer=$(kubectl get machines -A -o json)
printf '%s' "$answer" | jq '[.items[] | select(.status.phase == "Failed") | {namespace: .metadata.namespace, name: .metadata.name, message: .status.failureMessage}]'
