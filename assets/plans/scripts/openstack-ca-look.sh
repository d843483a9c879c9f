#!/bin/sh
# Are the site's CA and its private key there? Both must survive a rotation of leaf certificates.
set -u
cd ~/release-assets/assets/config/certificates || exit 2
[ -s ca/root.crt ] || { echo "ca/root.crt is missing"; exit 1; }
ls -d private/root* > /dev/null 2>&1 || { echo "the CA's private key is missing"; exit 1; }
