#!/bin/sh
# ACC-0.6: GPUs can be scheduled.
set -eu
# flavours that ask for a device, and the hypervisors that are up
openstack flavor list --all --long -f json |
    jq -r '.[] | select(.Properties | tostring | test("pci_passthrough:alias|accel:|resources:VGPU|resources:CUSTOM")) | "flavor: \(.Name)"'
openstack hypervisor list -f json | jq -r '.[] | "hypervisor: \(."Hypervisor Hostname") \(.State)"'
