#!/bin/sh
# RB-CEPH-NODE.6: Leave maintenance.
# Arguments: NODE.
set -eu
node=$1
ceph orch host maintenance exit "$node"
ceph orch ps "$node"
ceph osd unset noout   # and every other flag that was set
