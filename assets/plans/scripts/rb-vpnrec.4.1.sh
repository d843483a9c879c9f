#!/bin/sh
# RB-VPNREC.4.1: Credential.
# Arguments: SERVICE_ACCOUNT, TENANT.
set -eu
service_account=$1
tenant=$2
openstack application credential list --user "$service_account" | grep "vpn-credential-$tenant"
