#!/bin/sh
# HW-4.2: does the seed exist? Its user-data was checked as it was written.
set -u
sudo -n true || exit 2
sudo -n test -s /var/lib/libvirt/images/cloud-init.iso || { echo "cloud-init.iso does not exist"; exit 1; }
