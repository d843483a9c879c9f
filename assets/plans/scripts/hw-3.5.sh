#!/bin/sh
# HW-3.5: writes the answers of the unattended installation to a second stick, labelled CIDATA.
# Erases the stick. Standard input: the hash of the password of ubuntu ($6$, as mkpasswd makes it).
# Environment: NAME PUBLIC_KEY BRIDGED_NIC BRIDGED_MAC UPLINK_NIC SFP_NICS ADDRESS GATEWAY SEARCH
# DISK LOCALE KEYBOARD TIMEZONE.
set -eu
stick=$1
read -r hash

# added: refuses what is no USB stick, and values that would break the file
case $stick in
'' | */* | *[!a-z0-9]*) echo "name the stick without /dev/, as sdc: $stick" >&2; exit 2 ;;
esac
if ! lsblk -dno TRAN "/dev/$stick" | grep -qx usb; then
    echo "/dev/$stick is not a USB device; nothing was written" >&2
    exit 2
fi
case $hash in
'$6$'*) ;;
*) echo "the password must come as a SHA-512 hash: mkpasswd --method=sha-512" >&2; exit 2 ;;
esac
# Values end up inside quotes of a YAML file: one line each, no quotes.
for value in "$NAME" "$PUBLIC_KEY" "$BRIDGED_NIC" "$BRIDGED_MAC" "$UPLINK_NIC" "$SFP_NICS" "$ADDRESS" \
    "$GATEWAY" "$SEARCH" "$DISK" "$LOCALE" "$KEYBOARD" "$TIMEZONE" "$hash"; do
    case $value in
    *[\"\\]* | *'
'*) echo "a value has a quote, a backslash or a line break: $value" >&2; exit 2 ;;
    esac
done
# end
# added: renders user-data from the form, as the template of the procedure says
# The bridge has a locally administered address: b2:1d:6e and the last three octets of its NIC.
bridge_mac=b2:1d:6e:$(printf %s "$BRIDGED_MAC" | cut -d: -f4-6)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
umask 077
{
    cat <<END
#cloud-config
autoinstall:
  version: 1
  locale: "$LOCALE"
  keyboard: {layout: "$KEYBOARD"}
  timezone: "$TIMEZONE"
  identity:
    hostname: "$NAME"
    username: ubuntu
    password: "$hash"
  ssh:
    install-server: true
    allow-pw: false
    authorized-keys: ["$PUBLIC_KEY"]
  swap: {size: 0}
  storage:
    config:
      - {type: disk, id: disk, path: "$DISK", ptable: gpt, wipe: superblock, grub_device: false}
      - {type: partition, id: efi, device: disk, size: 256M, flag: boot, grub_device: true}
      - {type: format, id: efi-format, volume: efi, fstype: fat32}
      - {type: partition, id: root, device: disk, size: -1}
      - {type: format, id: root-format, volume: root, fstype: ext4}
      - {type: mount, id: root-mount, device: root-format, path: /}
      - {type: mount, id: efi-mount, device: efi-format, path: /boot/efi}
  network:
    version: 2
    ethernets:
      "$UPLINK_NIC": {dhcp4: true, optional: true}
      "$BRIDGED_NIC": {dhcp4: false, optional: true}
END
    # The OpenWRT router owns the SFP+ ports: they get no address here.
    for nic in $SFP_NICS; do
        printf '      "%s": {dhcp4: false, optional: true}\n' "$nic"
    done
    cat <<END
    bridges:
      virbr-libvirt:
        interfaces: ["$BRIDGED_NIC"]
        macaddress: "$bridge_mac"
        addresses: ["$ADDRESS"]
        routes: [{to: default, via: "$GATEWAY"}]
        nameservers: {addresses: ["$GATEWAY"], search: ["$SEARCH"]}
  packages: [lm-sensors, vim, curl, tree, bridge-utils, libvirt-clients, chrony, git, build-essential, unzip,
    file, qemu-kvm, libvirt-daemon-system, virtiofsd, virtinst, guestfs-tools, cloud-image-utils, python3-lxml]
END
} > user-data
if command -v python3 > /dev/null && python3 -c 'import yaml' 2> /dev/null; then
    python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))' user-data
fi
# end
sudo parted -s "/dev/$stick" mklabel gpt
sudo parted -s "/dev/$stick" mkpart CIDATA fat32 1MB 100%
sudo udevadm settle
sudo mkfs.vfat -F 32 -n CIDATA "/dev/${stick}1"
sudo mkdir -p /mnt/usb
sudo mount "/dev/${stick}1" /mnt/usb && sudo cp user-data /mnt/usb/ && sudo touch /mnt/usb/meta-data && sudo umount /mnt/usb
