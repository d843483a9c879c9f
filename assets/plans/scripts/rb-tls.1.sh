#!/bin/sh
# RB-TLS.1: What is served.
# Arguments: INTERNAL_FQDN.
set -eu
internal_fqdn=$1
echo | openssl s_client -connect "$internal_fqdn:5000" -servername "$internal_fqdn" 2>/dev/null | openssl x509 -noout -subject -issuer -startdate -enddate
