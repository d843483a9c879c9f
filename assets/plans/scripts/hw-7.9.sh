#!/bin/sh
# HW-7.9: creates the gateway's admin user. The answer holds its secret key and is thrown away;
# HW-7.10 reads the keys where they are entered.
set -eu
sudo cephadm shell -- radosgw-admin user create --uid="iaas-rgw-admin" \
    --display-name="iaas management user for ceph object gateway admin API" \
    --caps="users=*;buckets=*;usage=*;metadata=*" > /dev/null
