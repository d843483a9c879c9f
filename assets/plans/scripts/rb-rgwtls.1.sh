#!/bin/sh
# RB-RGWTLS.1: Expiry.
# Arguments: RGW_CN.
set -eu
rgw_cn=$1
openssl x509 -in assets/ceph/rgw-tls.crt -noout -subject -enddate
echo | openssl s_client -connect "$rgw_cn:8080" 2>/dev/null | openssl x509 -noout -enddate
