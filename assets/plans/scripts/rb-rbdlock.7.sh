#!/bin/sh
# RB-RBDLOCK.7: Start.
# Arguments: ID.
set -eu
id=$1
openstack server start "$id"
openstack console log show "$id"
