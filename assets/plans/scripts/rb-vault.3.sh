#!/bin/sh
# RB-VAULT.3: List encrypted files.
# Arguments: CLUSTER_DIR.
set -eu
cluster_dir=$1
grep -rlE '^\$ANSIBLE_VAULT' "$cluster_dir" || echo "no whole-file vault"
grep -rnE '!vault' --include='*.yml' "$cluster_dir" | cut -d: -f1 | sort | uniq -c
