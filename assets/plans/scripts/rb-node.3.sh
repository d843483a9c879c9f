#!/bin/sh
# RB-NODE.3: Network boot.
# Arguments: BMC, BMC_USER, NODE.
set -eu
bmc=$1
bmc_user=$2
node=$3
# the BMC's password comes from the environment (-E): never from a command line
bmc() { ipmitool -I lanplus -L OPERATOR -H "$bmc" -U "$bmc_user" -E "$@"; }
bmc chassis bootdev pxe options=efiboot
flags=$(bmc chassis bootparam get 5)
echo "$flags"
# HOST-23 before the power cycle: a legacy boot would fail
case $flags in
*EFI*Force\ PXE*) ;;
*) echo "$node would not boot from the network in UEFI mode: stop" >&2; exit 65 ;;
esac
bmc chassis power cycle
echo "follow it on its console: sol of $bmc"
