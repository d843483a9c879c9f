#!/bin/sh
# RB-BOND.1: Look.
# Arguments: FABRIC_GATEWAY.
set -eu
fabric_gateway=$1
cat /proc/net/bonding/bond0
ping -c3 "$fabric_gateway"
