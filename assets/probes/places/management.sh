# kubectl against the management cluster, with the kubeconfig of the assets.
# Where there is none, `k` ends with 77.
for c in /infra-management/kubeconfig "$HOME/release-assets/assets/kubeconfig"; do
  [ -n "$KUBECONFIG" ] || [ ! -r "$c" ] || KUBECONFIG=$c
done
[ -z "$KUBECONFIG" ] || export KUBECONFIG
k() {
  command -v kubectl >/dev/null 2>&1 || return 127
  [ -n "$KUBECONFIG" ] || { echo 'there is no kubeconfig of the management cluster' >&2; return 77; }
  $T kubectl "$@"
}
