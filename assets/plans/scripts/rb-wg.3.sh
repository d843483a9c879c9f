#!/bin/sh
# RB-WG.3: New pair.
# Arguments: PRIVATE_DIR.
set -eu
private_dir=$1
umask 077
cd "$private_dir"
[ ! -e private.key ] || { echo "a key is there already" >&2; exit 65; }
wg genkey | tee private.key | wg pubkey > public.key
cat public.key
