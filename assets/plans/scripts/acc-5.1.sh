#!/bin/sh
# ACC-5.1: A tenant Kubernetes cluster becomes active.
# Arguments: TENANT, TEST_NAME, TEMPLATE.
set -eu
tenant=$1
test_name=$2
template=$3
unset OS_PROJECT_NAME OS_TENANT_NAME OS_PROJECT_DOMAIN_NAME
export OS_PROJECT_ID="$tenant"
openstack coe cluster show "$test_name" > /dev/null 2>&1 ||
    openstack coe cluster create --cluster-template "$template" --master-count 1 --node-count 1 "$test_name"
# 40 min: CREATING, BOOTSTRAPPING, READY_CONTROL_PLANE, ADDING_WORKERS, ACTIVE
tries=80
while :; do
    status=$(openstack coe cluster show "$test_name" -f value -c status)
    echo "status: $status"
    case $status in
    CREATE_COMPLETE) break ;;
    *FAILED*) openstack coe cluster show "$test_name" -f value -c status_reason; exit 1 ;;
    esac
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 30
done
umask 077
work=$(mktemp -d) && trap 'rm -r "$work"' EXIT
openstack coe cluster config "$test_name" --dir "$work" > /dev/null
KUBECONFIG=$work/config kubectl get nodes
KUBECONFIG=$work/config kubectl wait --for=condition=Ready nodes --all --timeout=10m
