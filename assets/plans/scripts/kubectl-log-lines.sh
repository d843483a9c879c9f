#!/bin/sh
# RB-CAPI, RB-PGPOOL: Lines of a controller's log.
# Arguments: NAMESPACE, OBJECT, TAIL, PATTERN.
set -eu
namespace=$1
object=$2
tail=$3
pattern=$4
lines=$(kubectl logs -n "$namespace" "$object" --tail="$tail")
printf '%s\n' "$lines" | grep -iE "$pattern" || echo "no such line"
