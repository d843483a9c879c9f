# The fabric controller keeps kubectl outside the path of a shell without login.
PATH=$PATH:/opt/bin:/usr/local/bin
for c in "$HOME/.kube/config" /etc/rancher/k3s/k3s.yaml; do
  [ -n "$KUBECONFIG" ] || [ ! -r "$c" ] || KUBECONFIG=$c
done
[ -z "$KUBECONFIG" ] || export KUBECONFIG
