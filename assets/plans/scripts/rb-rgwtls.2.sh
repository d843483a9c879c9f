#!/bin/sh
# RB-RGWTLS.2: Generate.
# Arguments: SITE, ASSETS_DIR.
set -eu
site=$1
assets_dir=$2
"./scripts/generate-rgw-tls.$site.sh" "$assets_dir"
openssl x509 -in assets/ceph/rgw-tls.crt -noout -text | grep -A5 'Subject Alternative Name'
