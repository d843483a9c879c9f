#!/bin/sh
# RB-START.1: Power on in order.
# Arguments: BMC, BMC_USER.
set -eu
bmc=$1
bmc_user=$2
# the BMC's password comes from the environment (-E): never from a command line
ipmitool -I lanplus -L OPERATOR -H "$bmc" -U "$bmc_user" -E chassis power on
