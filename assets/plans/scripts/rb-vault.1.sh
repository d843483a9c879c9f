#!/bin/sh
# RB-VAULT.1: Old password in a private file.
# Arguments: PRIVATE_DIR.
set -eu
private_dir=$1
# the password arrives on standard input: never on a command line (IL-25)
cd "$private_dir"
(umask 077; tr -d '\n' > old)
ls -l old
