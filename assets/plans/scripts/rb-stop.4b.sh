#!/bin/sh
# RB-STOP.4b: Protect Ceph from rebalancing.
set -eu
ceph osd set noout
ceph osd set norebalance
ceph osd set nobackfill
