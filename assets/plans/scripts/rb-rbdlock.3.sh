#!/bin/sh
# RB-RBDLOCK.3: Make sure it is not running.
# Arguments: ID.
set -eu
id=$1
openstack server stop "$id"
openstack server show "$id" -c status -f value
