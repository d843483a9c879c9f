#!/bin/sh
# RB-RGWSSL.E: Emergency only.
set -eu
ceph config set client.rgw.gateway rgw_keystone_verify_ssl false
ceph orch restart rgw.gateway
