#!/bin/sh
# Is there no Ceph cluster on this machine?
set -u
sudo -n true || exit 2
if sudo -n test -e /etc/ceph/ceph.conf; then
    echo "there is a cluster: /etc/ceph/ceph.conf exists"
    exit 1
fi
if sudo -n sh -c 'ls -d /var/lib/ceph/*-*-*-*-*' > /dev/null 2>&1; then
    echo "there is a cluster in /var/lib/ceph"
    exit 1
fi
