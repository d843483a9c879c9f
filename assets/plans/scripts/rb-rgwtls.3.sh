#!/bin/sh
# RB-RGWTLS.3: Commit and copy.
# Arguments: BASTION.
set -eu
bastion=$1
scp assets/ceph/rgw-tls.crt assets/ceph/rgw-tls.key "ubuntu@$bastion:release-assets/assets/ceph/"
scp assets/config/certificates/ca/ceph-rgw.crt "ubuntu@$bastion:release-assets/assets/config/certificates/ca/"
