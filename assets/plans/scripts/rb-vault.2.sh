#!/bin/sh
# RB-VAULT.2: New password.
# Arguments: PRIVATE_DIR.
set -eu
private_dir=$1
cd "$private_dir"
[ ! -e new ] || { echo "a new password is there already" >&2; exit 65; }
(umask 077; openssl rand -base64 32 | tr -d '\n' > new)
wc -lc new
