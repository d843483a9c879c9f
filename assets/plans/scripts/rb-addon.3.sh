#!/bin/sh
# RB-ADDON.3: Volumes of a model provider.
# Arguments: INSTANCE.
set -eu
instance=$1
kubectl get pvc -n "iaas-addon-$instance"
kubectl delete pvc --all -n "iaas-addon-$instance"
