#!/bin/sh
# RB-TERM.3.5: VPC gone.
# Arguments: PREFIX.
set -eu
prefix=$1
all=$(kubectl get vpc,vpcattachment -A)
left=$(printf '%s\n' "$all" | grep "$prefix" || true)
[ -z "$left" ] || { echo "$left"; exit 1; }
