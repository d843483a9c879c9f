#!/bin/sh
# RB-STOP.2c: Wait.
set -eu
# 0: none is active; 1: some are; anything else: cannot be said
left=$(openstack server list --all-projects --status ACTIVE -f value -c ID) || exit 2
[ -z "$left" ]
