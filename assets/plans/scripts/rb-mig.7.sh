#!/bin/sh
# RB-MIG.7: Restore the database.
# Arguments: VERSION.
set -eu
version=$1
kubectl apply -n iaas-console -f - <<END
apiVersion: v1
kind: Pod
metadata: {name: console-restore}
spec:
  restartPolicy: Never
  containers:
  - name: console-restore
    image: ghcr.io/midokura/iaas-backup:$version
    command: [sleep, "7200"]
    env:
    - name: PGPASSWORD
      valueFrom: {secretKeyRef: {name: iaas-api-postgresql, key: postgres-password}}
END
trap 'kubectl delete pod console-restore -n iaas-console --ignore-not-found' EXIT
kubectl wait -n iaas-console --for=condition=ready --timeout=5m pod/console-restore
kubectl cp /infra-management/iaas_console.dump.gz iaas-console/console-restore:/tmp/iaas_console.dump.gz
kubectl exec -n iaas-console console-restore -- sh -c 'set -e; gunzip -f /tmp/iaas_console.dump.gz; pg_restore -h iaas-api-postgresql-ha-pgpool -U postgres -d iaas_console --clean --if-exists --no-owner --single-transaction --exit-on-error /tmp/iaas_console.dump'
