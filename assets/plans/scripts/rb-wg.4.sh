#!/bin/sh
# RB-WG.4: Replace the secret in one go.
# Arguments: TENANT.
set -eu
tenant=$1
# the key arrives on standard input and goes through a private file: never on a command line (IL-25)
umask 077
key=$(mktemp) && trap 'rm -f "$key"' EXIT
tr -d '\n' > "$key"
[ "$(wc -c < "$key")" -eq 44 ] || { echo "that is no WireGuard key" >&2; exit 65; }
href=$(openstack secret list --name "vpn-private-key-$tenant" -f value -c 'Secret href')
[ "$(printf '%s\n' "$href" | grep -c .)" -eq 1 ] || { echo "not exactly one secret of that name: $href" >&2; exit 65; }
openstack secret delete "$href"
openstack secret store --name "vpn-private-key-$tenant" --file "$key"
