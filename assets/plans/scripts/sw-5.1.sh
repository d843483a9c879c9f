#!/bin/sh
# SW-5.1: Gateway settings for Keystone.
# Arguments: KOLLA_INTERNAL_FQDN.
set -eu
kolla_internal_fqdn=$1
ceph config set client.rgw.gateway rgw_keystone_api_version 3
ceph config set client.rgw.gateway rgw_keystone_url "https://$kolla_internal_fqdn:5000"
ceph config set client.rgw.gateway rgw_keystone_verify_ssl false
ceph config set client.rgw.gateway rgw_keystone_admin_user ceph_rgw
ceph config set client.rgw.gateway rgw_keystone_admin_domain Default
ceph config set client.rgw.gateway rgw_keystone_admin_project service
ceph config set client.rgw.gateway rgw_keystone_token_cache_size 0
ceph config set client.rgw.gateway rgw_enable_usage_log true
ceph config set client.rgw.gateway rgw_keystone_implicit_tenants true
ceph config set client.rgw.gateway rgw_swift_account_in_url false
ceph config set client.rgw.gateway rgw_s3_auth_use_keystone true
