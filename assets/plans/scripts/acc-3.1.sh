#!/bin/sh
# ACC-3.1: Object storage from the tenant's view.
# Arguments: TENANT, TEST_NAME, S3_ENDPOINT.
set -eu
tenant=$1
test_name=$2
s3_endpoint=$3
umask 077
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
openstack container create "$test_name"
work=$(mktemp -d) && trap 'rm -r "$work"' EXIT
date -u > "$work/object"
openstack object create --name object "$test_name" "$work/object"
openstack object save --file "$work/back" "$test_name" object
cmp "$work/object" "$work/back"
# the same over S3: key and secret go from file to file (IL-25); the region is always us-east-1
openstack ec2 credentials create -f json > "$work/key"
jq -r '"user = \"\(.access):\(.secret)\""' "$work/key" > "$work/curl"
curl -sS --fail-with-body --config "$work/curl" --aws-sigv4 aws:amz:us-east-1:s3 "$s3_endpoint/" | grep -o "<Name>$test_name</Name>"
