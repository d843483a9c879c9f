#!/bin/sh
# SW-5.6: Certificate in block form.
set -eu
umask 077
sudo cephadm shell -- ceph config-key get rgw/cert/rgw.gateway > ~/rgw-cert.pem
# a certificate with its key: the screen sees how many lines there are
grep -c . ~/rgw-cert.pem
openssl x509 -in ~/rgw-cert.pem -noout -subject -enddate
