#!/bin/sh
# HW-7.8: starts the object gateway, unless its stored specification has TLS: a plain apply would drop
# the certificate.
set -eu
first=$1
second=$2
third=$3
if sudo cephadm shell -- ceph orch ls rgw --export 2>/dev/null | grep -q 'ssl: true'; then
    echo 'TLS is configured, refusing' >&2
    exit 3
else
    sudo cephadm shell -- ceph orch apply rgw gateway --placement="3 $first $second $third" --port=8080
fi
