#!/bin/sh
# HW-4.3: creates the bastion's disk. Refuses when one is there.
set -eu
# added: never destroys a disk that is there
if sudo test -e /var/lib/libvirt/images/ubuntu-noble-vm.qcow2; then
    echo "the disk exists already; it is left as it is" >&2
    exit 3
fi
# end
sudo qemu-img create -f qcow2 -F qcow2 -b /var/lib/libvirt/images/noble-server-cloudimg-amd64.img \
    /var/lib/libvirt/images/ubuntu-noble-vm.qcow2 128G
