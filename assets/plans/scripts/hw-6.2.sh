#!/bin/sh
# HW-6.2: creates the Hedgehog VM by hand, waits until its installer has switched it off, starts it.
set -eu
bridge=$1
mac=$2
device=$3
export LC_ALL=C LIBVIRT_DEFAULT_URI=qemu:///system
# added: refuses when the machine exists
if virsh dominfo hedgehog-control > /dev/null 2>&1; then
    echo "the machine hedgehog-control exists already; nothing was changed" >&2
    exit 3
fi
# end
sudo qemu-img create -f qcow2 /var/lib/libvirt/images/hedgehog-control.qcow2 35G
sudo chown libvirt-qemu:kvm /var/lib/libvirt/images/hedgehog-control.qcow2 /var/lib/libvirt/images/hedgehog-installer.iso
virt-install --name=hedgehog-control --os-variant=ubuntu24.04 --machine q35 \
    --boot firmware=efi,firmware.feature0.name=secure-boot,firmware.feature0.enabled=no --tpm none \
    --vcpu=8 --ram=16384 --disk path=/var/lib/libvirt/images/hedgehog-control.qcow2,bus=virtio \
    --cdrom=/var/lib/libvirt/images/hedgehog-installer.iso \
    --network bridge="$bridge",mac="$mac" --host-device="$device" --noautoconsole
# added: waits until the installer has switched the machine off
waited=0
while [ "$(virsh domstate hedgehog-control)" != "shut off" ]; do
    if [ "$waited" -ge 7200 ]; then
        echo "the installation has not ended within two hours; look at its console" >&2
        exit 1
    fi
    sleep 15
    waited=$((waited + 15))
done
# end
virsh start hedgehog-control
