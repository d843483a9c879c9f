#!/bin/sh
# RB-VAULT.4: Re-key.
# Arguments: PRIVATE_DIR, CLUSTER_DIR.
set -eu
private_dir=$1
cluster_dir=$2
grep -rlE '^\$ANSIBLE_VAULT' "$cluster_dir" | while read -r file; do
    ansible-vault rekey --vault-password-file "$private_dir/old" --new-vault-password-file "$private_dir/new" "$file" < /dev/null
done
