#!/bin/sh
# HW-4.3: has the bastion's disk a virtual size of 128 GiB?
set -u
disk=/var/lib/libvirt/images/ubuntu-noble-vm.qcow2
sudo -n true || exit 2
command -v qemu-img > /dev/null || exit 2
sudo -n test -e "$disk" || { echo "$disk does not exist"; exit 1; }
size=$(sudo -n qemu-img info -U --output=json "$disk" | sed -n 's/.*"virtual-size": *\([0-9]*\).*/\1/p' | tail -n 1)
[ -n "$size" ] || exit 2
[ "$size" = 137438953472 ] || { echo "the virtual size is $size bytes, not 128 GiB"; exit 1; }
