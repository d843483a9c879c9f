#!/bin/sh
# RB-START.1b: Ceph first.
set -eu
ceph -s
ceph osd unset nobackfill
ceph osd unset norebalance
ceph osd unset noout
