#!/bin/sh
# HW-4.2: builds the first-boot seed of the bastion. The network configuration is a file of its own:
# a netplan file written through user-data loses against the generated 50-cloud-init.yaml.
# Environment: PUBLIC_KEY ADDRESS (with prefix) GATEWAY.
# Standard input: the hash of a console password, or an empty line.
set -eu
read -r hash

# added: writes user-data and network-config, and proves them
for value in "$PUBLIC_KEY" "$ADDRESS" "$GATEWAY" "$hash"; do
    case $value in
    *[\"\\]* | *'
'*) echo "a value has a quote, a backslash or a line break" >&2; exit 2 ;;
    esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
umask 077
cat > user-data <<END
#cloud-config
hostname: bastion0
users:
  - name: ubuntu
    groups: [sudo]
    shell: /bin/bash
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    ssh_authorized_keys: ["$PUBLIC_KEY"]
END
if [ -n "$hash" ]; then
    printf '    lock_passwd: false\n    passwd: "%s"\n' "$hash" >> user-data
fi
cat >> user-data <<END
package_update: true
packages: [python3, python3-pip, python3-venv]
END
cat > network-config <<END
version: 2
ethernets:
  management:
    match: {name: "en*"}
    dhcp4: false
    addresses: ["$ADDRESS"]
    routes: [{to: default, via: "$GATEWAY"}]
    nameservers: {addresses: ["$GATEWAY", 1.1.1.1]}
END
# end
touch meta-data
# added: proves user-data where cloud-init is installed
if command -v cloud-init > /dev/null; then
    cloud-init schema --config-file user-data
fi
# end
sudo cloud-localds --network-config network-config /var/lib/libvirt/images/cloud-init.iso user-data meta-data
