#!/bin/sh
# ACC-2.3: The fabric has its VPC.
# Arguments: PREFIX.
set -eu
prefix=$1
kubectl get vpc -A -o json | jq -e --arg prefix "$prefix" '[.items[].metadata.name | select(startswith($prefix))] | if length > 0 then . else error("no VPC of the tenant") end'
