#!/bin/sh
# RB-L3.1: Find the nodes.
# Arguments: AT.
set -eu
at=$1
case $at in
api) openstack network agent list --agent-type l3 ;;
oc) sudo podman ps --filter name=neutron_l3_agent --format '{{.Names}} {{.Status}}' ;;
esac
