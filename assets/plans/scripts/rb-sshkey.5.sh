#!/bin/sh
# RB-SSHKEY.5: Nova key pair.
set -eu
umask 077
key=$(mktemp) && trap 'rm -f "$key"' EXIT
cat > "$key"
openstack keypair delete management-key
openstack keypair create --public-key "$key" management-key
