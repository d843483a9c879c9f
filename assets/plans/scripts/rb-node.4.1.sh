#!/bin/sh
# RB-NODE.4.1: Versions.
# Arguments: NODE.
set -eu
node=$1
ssh "ubuntu@$node" 'cat /etc/os-release; uname -r'
