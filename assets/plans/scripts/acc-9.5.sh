#!/bin/sh
# ACC-9.5: Take the admin's role in the test project back.
# Arguments: TENANT.
set -eu
tenant=$1
if [ -n "$(openstack role assignment list --project "$tenant" --user admin --role member -f value)" ]; then
    openstack role remove --project "$tenant" --user admin member
fi
