#!/bin/sh
# SW-3.7: Kubeconfig of the fabric controller for the console.
set -eu
umask 077
IP=$(ip -4 -o addr show eth0 | awk '{print $4}' | cut -d/ -f1)
kubectl config view --flatten | sed "s#server: https://127.0.0.1:6443#server: https://$IP:6443#" | base64 -w0 > kubeconfig-for-console.b64
# the kubeconfig stays in the file; the screen and the journal see where it points
base64 -d kubeconfig-for-console.b64 | grep 'server:'
echo "seal the content of $PWD/kubeconfig-for-console.b64 as hedgehog_kubeconfig_b64, then remove the file"
