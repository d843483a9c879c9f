#!/bin/sh
# HW-5.5: restarts the Hedgehog VM. The login afterwards is proved from the bastion by the checks.
set -eu
machine=$1
export LC_ALL=C LIBVIRT_DEFAULT_URI=qemu:///system
virsh shutdown "$machine"
# added: waits until it is off, and never forces it
waited=0
while [ "$(virsh domstate "$machine")" != "shut off" ]; do
    if [ "$waited" -ge 300 ]; then
        echo "$machine has not switched itself off within five minutes; it was not forced" >&2
        exit 1
    fi
    sleep 5
    waited=$((waited + 5))
done
# end
virsh start "$machine"
