#!/bin/sh
# RB-TLS.2: Remove the leaves.
set -eu
cd assets/config/certificates
# never the CA (IL-16): present before …
ls ca/root.crt private/root/
umask 077
mkdir -p leaves-before
for leaf in haproxy.pem haproxy-internal.pem backend-cert.pem backend-key.pem rabbitmq-cert.pem rabbitmq-key.pem proxysql-cert.pem proxysql-key.pem; do
    [ ! -e "$leaf" ] || cp -p "$leaf" leaves-before/
done
rm -f haproxy.pem haproxy-internal.pem backend-cert.pem backend-key.pem rabbitmq-cert.pem rabbitmq-key.pem proxysql-cert.pem proxysql-key.pem
# … and after
ls ca/root.crt private/root/
