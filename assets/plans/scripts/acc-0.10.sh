#!/bin/sh
# ACC-0.10: Nothing is left of an earlier acceptance.
# Arguments: TEST_NAME.
set -eu
test_name=$1
left=$(
    openstack project list -f value -c Name | grep -x "$test_name" | sed 's/^/project /' || true
    openstack server list --all-projects --name "^$test_name" -f value -c Name | sed 's/^/server /'
    openstack keypair list -f value -c Name | grep -x "$test_name" | sed 's/^/keypair /' || true
    openstack coe cluster list -f value -c name | grep -x "$test_name" | sed 's/^/cluster /' || true
)
[ -z "$left" ] || { printf 'left over:\n%s\n' "$left" >&2; exit 1; }
echo "nothing is called $test_name"
