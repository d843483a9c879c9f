#!/bin/sh
# RB-STOP.5: Power off in order.
# Arguments: HOST, BMC, BMC_USER.
set -eu
host=$1
bmc=$2
bmc_user=$3
# the BMC's password comes from the environment (-E): never from a command line
ssh -o BatchMode=yes -o ConnectTimeout=10 "ubuntu@$host" sudo shutdown -h now ||
    ipmitool -I lanplus -L OPERATOR -H "$bmc" -U "$bmc_user" -E chassis power off
