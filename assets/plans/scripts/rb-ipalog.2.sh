#!/bin/sh
# RB-IPALOG.2: Copy out.
# Arguments: FILE.
set -eu
file=$1
sudo podman cp "ironic_conductor:/var/log/kolla/ironic/$file" /home/ubuntu/
sudo chown ubuntu: "/home/ubuntu/$file"
