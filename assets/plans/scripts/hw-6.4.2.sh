#!/bin/sh
# HW-6.4.2: puts the firmware file there. Standard input: its address, which may be signed.
set -eu
read -r address
printf '%s\n' "$address" | wget -O ~/boot-http-server/onie-updater.bin -i -
