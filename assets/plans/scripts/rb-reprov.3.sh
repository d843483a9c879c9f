#!/bin/sh
# RB-REPROV.3: Same on the bastion.
# Arguments: OOB_GW, PUBLIC_DNS.
set -eu
oob_gw=$1
public_dns=$2
sudo ip route add default via "$oob_gw" metric 10
sudo resolvectl dns enp1s0 "$public_dns"
ping -c3 1.1.1.1
