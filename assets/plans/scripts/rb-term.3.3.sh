#!/bin/sh
# RB-TERM.3.3: Instances and networks gone.
# Arguments: TENANT.
set -eu
tenant=$1
left=$(openstack server list --all-projects --project "$tenant" -f value; openstack network list --project "$tenant" -f value)
[ -z "$left" ] || { echo "$left"; exit 1; }
