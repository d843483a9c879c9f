#!/bin/sh
# RB-REPROV.7: Remove the temporary routes and resolvers.
# Arguments: AT, OOB_GW, ROUTER.
set -eu
at=$1
oob_gw=$2
router=$3
sudo ip route del default via "$oob_gw"
case $at in
rb) sudo resolvectl dns virbr-libvirt "$router" ;;
b0) sudo resolvectl dns enp1s0 "$router" ;;
esac
ping -c3 1.1.1.1
