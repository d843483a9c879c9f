#!/bin/sh
# HW-4.1: fetches the cloud image. Never overwrites it once the bastion's disk stands on it.
set -eu
# added: never overwrites the image on which a disk stands
if sudo test -e /var/lib/libvirt/images/ubuntu-noble-vm.qcow2; then
    echo "the bastion's disk stands on this image: it is left as it is" >&2
    exit 3
fi
# end
sudo wget -O /var/lib/libvirt/images/noble-server-cloudimg-amd64.img \
    https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img
