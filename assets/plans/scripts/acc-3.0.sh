#!/bin/sh
# ACC-3.0: The OpenStack admin may act in the test project.
# Arguments: TENANT.
set -eu
tenant=$1
openstack role add --project "$tenant" --user admin member
openstack role assignment list --project "$tenant" --user admin --names -f value
