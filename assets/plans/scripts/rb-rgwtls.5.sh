#!/bin/sh
# RB-RGWTLS.5: Look.
# Arguments: RGW_CN.
set -eu
rgw_cn=$1
echo | openssl s_client -connect "$rgw_cn:8080" 2>/dev/null | openssl x509 -noout -startdate -enddate
