#!/bin/sh
# RB-CAPI: Replace a worker.
# Arguments: MACHINE.
set -eu
machine=$1
owner=$(kubectl get machine "$machine" -n magnum-system -o jsonpath='{.metadata.ownerReferences[*].kind}')
# a control-plane machine goes only when its controller says so, and never here
case " $owner " in
*" KubeadmControlPlane "*) echo "$machine belongs to the control plane: stop" >&2; exit 65 ;;
esac
kubectl delete machine "$machine" -n magnum-system
