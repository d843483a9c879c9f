#!/bin/sh
# RB-HHCRED.5: Leave and prove every key.
# Arguments: KEY, HEDGEHOG_IP.
set -eu
key=$1
hedgehog_ip=$2
ssh -i "$key" "core@$hedgehog_ip" hostname
