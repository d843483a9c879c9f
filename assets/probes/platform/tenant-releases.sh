[ -n "$TENANT_KUBECONFIG" ] || { echo 'no tenant cluster: TENANT_KUBECONFIG is not set' >&2; return 77; }
t kubectl --kubeconfig "$TENANT_KUBECONFIG" get helmrelease -A -o json
