#!/bin/sh
# RB-MIG.2: Dump the console database.
# Arguments: VERSION.
set -eu
version=$1
kubectl apply -n iaas-console -f - <<END
apiVersion: v1
kind: Pod
metadata: {name: console-dump}
spec:
  restartPolicy: Never
  containers:
  - name: console-dump
    image: ghcr.io/midokura/iaas-backup:$version
    command: [sleep, "7200"]
    env:
    - name: PGPASSWORD
      valueFrom: {secretKeyRef: {name: iaas-api-postgresql, key: postgres-password}}
END
trap 'kubectl delete pod console-dump -n iaas-console --ignore-not-found' EXIT
kubectl wait -n iaas-console --for=condition=ready --timeout=5m pod/console-dump
kubectl exec -n iaas-console console-dump -- sh -c 'set -e; pg_dump -h iaas-api-postgresql-ha-pgpool -U postgres --format=custom --no-owner iaas_console > /tmp/iaas_console.dump; gzip /tmp/iaas_console.dump'
umask 077
kubectl cp iaas-console/console-dump:/tmp/iaas_console.dump.gz /infra-management/iaas_console.dump.gz
gzip -t /infra-management/iaas_console.dump.gz
ls -l /infra-management/iaas_console.dump.gz
