#!/bin/sh
# RB-PGPOOL.3: Restart the pooler.
set -eu
kubectl rollout restart deployment iaas-api-postgresql-ha-pgpool -n iaas-console && kubectl rollout status deployment iaas-api-postgresql-ha-pgpool -n iaas-console
