#!/bin/sh
# SW-7.4: Prove the tunnel.
# Arguments: PEER_NAME, TUNNEL_ADDRESS, CONSOLE_HOST.
set -eu
peer_name=$1
tunnel_address=$2
console_host=$3
wg-quick up "$peer_name"
ping -c 3 "$tunnel_address"
getent hosts "$console_host"
