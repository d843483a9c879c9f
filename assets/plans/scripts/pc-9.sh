#!/bin/sh
# PC-9: Save the console database's credentials.
set -eu
# each value goes straight into a sealed block: neither screen nor journal sees it (IL-25)
for k in password postgres-password replication-password backup-key; do
  kubectl get secret iaas-api-postgresql -n iaas-console -o jsonpath="{.data.$k}" | base64 -d |
    ansible-vault encrypt_string --vault-password-file /secrets/vault-key.txt --stdin-name "$(echo "$k" | tr - _)"
  echo
done
echo "put the four blocks under iaas_console.postgresql_credentials in inventory.yml"
