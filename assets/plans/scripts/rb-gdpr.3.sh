#!/bin/sh
# RB-GDPR.3: Prune older backups.
# Arguments: VERSION, S3_ENDPOINT, KEYSTONE_URL.
set -eu
version=$1
s3_endpoint=$2
keystone_url=$3
# the password arrives on standard input and goes through a secret of the cluster: never an argument (IL-25)
kubectl create secret generic prune-backups -n iaas-console --from-file=ADMIN_PASS=/dev/stdin
trap 'kubectl delete job,secret prune-backups -n iaas-console --ignore-not-found' EXIT
kubectl apply -n iaas-console -f - <<END
apiVersion: batch/v1
kind: Job
metadata: {name: prune-backups}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: prune-backups
        image: ghcr.io/midokura/iaas-backup:$version
        command: [/scripts/utils/prune-s3-backups.sh]
        env:
        - {name: S3_ENDPOINT, value: "$s3_endpoint"}
        - {name: KEYSTONE_URL, value: "$keystone_url"}
        - {name: RETENTION_DAYS, value: "1"}
        - name: ADMIN_PASS
          valueFrom: {secretKeyRef: {name: prune-backups, key: ADMIN_PASS}}
END
kubectl wait -n iaas-console --for=condition=complete --timeout=15m job/prune-backups
kubectl logs -n iaas-console job/prune-backups
