#!/bin/sh
# HW-7.9: has the gateway's admin user its four capabilities? Its keys are never printed.
set -u
answer=$(sudo -n cephadm shell -- radosgw-admin user info --uid=iaas-rgw-admin 2>&1) || {
    case $answer in
    *"could not fetch user info: no user info saved"*) echo "the user does not exist"; exit 1 ;;
    *) exit 2 ;;
    esac
}
for cap in users buckets usage metadata; do
    printf '%s' "$answer" | tr -d ' \n' | grep -q "\"type\":\"$cap\",\"perm\":\"\*\"" || {
        echo "the capability $cap is missing"
        exit 1
    }
done
