#!/bin/sh
# HW-3.4: does the stick hold the image? Compares the digest of its first bytes, as many as the image has.
set -u
iso=$1
stick=$2
[ -r "$iso" ] && [ -b "/dev/$stick" ] || exit 2
sudo -n true || exit 2
size=$(stat -c %s "$iso") || exit 2
wanted=$(sha256sum < "$iso") || exit 2
found=$(sudo -n head -c "$size" "/dev/$stick" | sha256sum) || exit 2
[ "$wanted" = "$found" ] || { echo "the stick holds something else than the image"; exit 1; }
