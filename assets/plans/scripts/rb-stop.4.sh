#!/bin/sh
# RB-STOP.4: Keep them from starting by themselves.
set -eu
ansible all -i /infra-management/inventory.ini --become -m shell -a "systemctl list-unit-files 'kolla-*-container.service' --no-legend --plain | awk '\$2==\"enabled\"{print \$1}' | xargs -r systemctl disable --now"
