#!/bin/sh
# RB-CAPI.2.16: First-boot log of the worker.
# Arguments: AT, SERVER, WORKER_IP.
set -eu
at=$1
server=$2
worker_ip=$3
case $at in
oc) openstack server add security group "$server" default ;;
tc) ssh "ubuntu@$worker_ip" 'sudo journalctl -u cloud-init --no-pager | tail -50; sudo journalctl -u kubeadm --no-pager | tail -50' ;;
esac
