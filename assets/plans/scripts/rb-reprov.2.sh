#!/bin/sh
# RB-REPROV.2: Give the router box another way out.
# Arguments: OOB_GW, PUBLIC_DNS.
set -eu
oob_gw=$1
public_dns=$2
sudo ip route add default via "$oob_gw" metric 10
sudo resolvectl dns virbr-libvirt "$public_dns"
ping -c3 1.1.1.1
