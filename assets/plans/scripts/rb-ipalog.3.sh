#!/bin/sh
# RB-IPALOG.3: Unpack.
# Arguments: FILE.
set -eu
file=$1
cd /home/ubuntu && mkdir -p l && tar xzf "$file" -C l
