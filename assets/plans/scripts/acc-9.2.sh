#!/bin/sh
# ACC-9.2: Remove the test cluster.
# Arguments: TENANT, TEST_NAME.
set -eu
tenant=$1
test_name=$2
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
present() { openstack coe cluster list -f value -c name | grep -qx "$test_name"; }
if present; then openstack coe cluster delete "$test_name"; fi
tries=60
while present; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 20
done
