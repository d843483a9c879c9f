#!/bin/sh
# HW-3.4: writes the Ubuntu installer to a USB stick. Erases the stick.
set -eu
iso=$1
stick=$2

# added: refuses what is no USB stick, and one that is in use
case $stick in
'' | */* | *[!a-z0-9]*) echo "name the stick without /dev/, as sdb: $stick" >&2; exit 2 ;;
esac
[ -r "$iso" ] || { echo "the image $iso cannot be read" >&2; exit 2; }
if ! lsblk -dno TRAN "/dev/$stick" | grep -qx usb; then
    echo "/dev/$stick is not a USB device; nothing was written" >&2
    exit 2
fi
if lsblk -no MOUNTPOINTS "/dev/$stick" | grep -q .; then
    echo "device busy: unmount the partitions of /dev/$stick first" >&2
    exit 2
fi
# end
lsblk -do NAME,SIZE,MODEL,TRAN | grep usb
sudo dd if="$iso" of="/dev/$stick" bs=4M status=progress conv=fsync
