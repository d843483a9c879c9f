#!/bin/sh
# RB-OSD.3: Stop it.
# Arguments: ID.
set -eu
id=$1
ceph osd down "osd.$id"
ceph orch daemon stop "osd.$id"
