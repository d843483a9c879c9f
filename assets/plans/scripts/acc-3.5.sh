#!/bin/sh
# ACC-3.5: The console of the instance opens.
# Arguments: TENANT, SERVER.
set -eu
tenant=$1
server=$2
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
openstack console log show --lines 5 "$server"
# the address holds a token, so the screen sees the answer's code alone (IL-25)
openstack console url show --novnc "$server" -f value -c url |
    sed 's/.*/url = "&"/' | curl -sS --cacert "$OS_CACERT" -o /dev/null -w 'console: %{http_code}\n' --config -
