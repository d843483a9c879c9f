#!/bin/sh
# SW-4.4: Verify the management cluster.
set -eu
kubectl get nodes
kubectl get pods -A
