#!/bin/sh
# HW-4.4: creates the bastion. Its VNC console listens on the loopback address only.
set -eu
# added: refuses when the machine exists
if sudo virsh dominfo deployment0 > /dev/null 2>&1; then
    echo "the machine deployment0 exists already; nothing was changed" >&2
    exit 3
fi
# end
sudo virt-install --name deployment0 --vcpus 2 --memory 4096 \
    --disk /var/lib/libvirt/images/ubuntu-noble-vm.qcow2,device=disk \
    --disk /var/lib/libvirt/images/cloud-init.iso,device=cdrom \
    --network bridge=virbr-libvirt --os-variant ubuntu24.04 --import \
    --graphics vnc,listen=127.0.0.1 --console pty,target_type=serial --noautoconsole
sudo virsh autostart deployment0
