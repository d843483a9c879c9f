#!/bin/sh
# HW-4.1: is the cloud image there, and can it be read as an image?
set -u
image=/var/lib/libvirt/images/noble-server-cloudimg-amd64.img
sudo -n true || exit 2
command -v qemu-img > /dev/null || exit 2
sudo -n test -s "$image" || { echo "$image does not exist"; exit 1; }
sudo -n qemu-img info -U "$image" > /dev/null || { echo "$image cannot be read as an image"; exit 1; }
