#!/bin/sh
# RB-HHCRED.7: Reboot test.
# Arguments: HEDGEHOG_VM.
set -eu
hedgehog_vm=$1
virsh shutdown "$hedgehog_vm"
# start is refused while the domain still runs
tries=60
until [ "$(virsh domstate "$hedgehog_vm")" = 'shut off' ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "$hedgehog_vm did not shut down in 5 min" >&2; exit 1; }
    sleep 5
done
virsh start "$hedgehog_vm"
