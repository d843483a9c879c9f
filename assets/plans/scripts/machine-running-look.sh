#!/bin/sh
# Does this machine run here?
set -u
machine=$1
state=$(LC_ALL=C virsh -c qemu:///system domstate "$machine" 2> /dev/null) || {
    LC_ALL=C virsh -c qemu:///system list --all --name > /dev/null 2>&1 || exit 2
    echo "$machine does not exist"
    exit 1
}
[ "$state" = running ] || { echo "$machine is $state"; exit 1; }
