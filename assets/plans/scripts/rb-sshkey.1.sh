#!/bin/sh
# RB-SSHKEY.1: New pair.
# Arguments: COMMENT.
set -eu
comment=$1
ssh-keygen -t ed25519 -f ~/.ssh/new_key.pem -C "$comment" -N ''
cat ~/.ssh/new_key.pem.pub
