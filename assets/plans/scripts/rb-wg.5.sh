#!/bin/sh
# RB-WG.5: Publish the new public key.
# Arguments: TENANT, PUB.
set -eu
tenant=$1
pub=$2
umask 077
cd "$(mktemp -d)"
openstack object save --file u.json "$tenant" config/vpn-users.json
jq --arg k "$pub" '.vpn_server_public_key=$k' u.json > n.json
openstack object create --name config/vpn-users.json "$tenant" n.json
