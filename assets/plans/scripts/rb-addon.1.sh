#!/bin/sh
# RB-ADDON.1: Reason.
set -eu
kubectl get helmrelease -A
kubectl logs -n flux-system deployment/helm-controller --tail=100
