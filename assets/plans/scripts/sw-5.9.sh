#!/bin/sh
# SW-5.9: Switch verification on and redeploy.
set -eu
sudo cephadm shell -- ceph config set client.rgw.gateway rgw_keystone_verify_ssl true
sudo cephadm shell -- ceph orch redeploy rgw.gateway
sudo cephadm shell -- ceph orch ps --daemon-type rgw
