#!/bin/sh
# HW-6.1: is the installer image there with the digest of hedgehog.iso_checksum?
set -u
digest=${1#sha256:}
[ -s ~/hedgehog-installer.iso ] || { echo "hedgehog-installer.iso does not exist"; exit 1; }
found=$(sha256sum < ~/hedgehog-installer.iso | cut -d' ' -f1) || exit 2
[ "$found" = "$digest" ] || { echo "the digest differs"; exit 1; }
