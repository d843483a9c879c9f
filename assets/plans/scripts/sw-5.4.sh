#!/bin/sh
# SW-5.4: See the verification fail first.
# Arguments: KOLLA_INTERNAL_FQDN.
set -eu
kolla_internal_fqdn=$1
C=$(sudo podman ps --filter name=rgw --format '{{.Names}}' | head -1)
sudo podman exec "$C" curl -sv "https://$kolla_internal_fqdn:5000/v3/" 2>&1 | grep -E 'SSL certificate|CAfile'
