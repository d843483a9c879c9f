#!/bin/sh
# HW-7.0: boots a storage node over the network, which installs it. Erases its system disks.
# Environment: IPMI_PASSWORD, which ipmitool reads itself.
set -eu
bmc=$1
user=$2
ipmitool -I lanplus -L OPERATOR -H "$bmc" -U "$user" -E chassis bootdev pxe options=efiboot
flags=$(ipmitool -I lanplus -L OPERATOR -H "$bmc" -U "$user" -E chassis bootparam get 5)
echo "$flags"
# added: HOST-23 decides whether the power cycle may come
# HOST-23: a legacy network boot would fail after the power cycle.
case $flags in
*EFI*"Force PXE"*) ;;
*) echo "the next boot is not a network boot in UEFI mode; the power was left alone" >&2; exit 1 ;;
esac
# end
ipmitool -I lanplus -L OPERATOR -H "$bmc" -U "$user" -E chassis power cycle
