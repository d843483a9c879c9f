#!/bin/sh
# SW-4.5: Second pass for bare metal.
# Arguments: AT.
set -eu
at=$1
case $at in
oc)
    # control0: the line holds a password, so the screen sees it without
    umask 077
    sudo grep -F 'rabbit://' /etc/kolla/ironic-api/ironic.conf > os_rabbitmq_url.txt
    sed -E 's#(rabbit://[^:]*:)[^@]*@#\1***@#g' os_rabbitmq_url.txt
    echo "seal the URL in $PWD/os_rabbitmq_url.txt as os_rabbitmq_url, then remove the file"
    ;;
b0)
    grep -q '^ *os_rabbitmq_url:' inventory.yml || {
        echo "os_rabbitmq_url is not in inventory.yml: set it, then repeat this step" >&2
        exit 65
    }
    ./scripts/platform-setup.sh --tags management-provision
    ;;
esac
