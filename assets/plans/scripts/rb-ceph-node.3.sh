#!/bin/sh
# RB-CEPH-NODE.3: Enter maintenance.
# Arguments: NODE.
set -eu
node=$1
ceph osd set noout   # short work only
ceph orch host maintenance enter "$node"
