#!/usr/bin/env bash
# A hypervisor for tests: libvirt with tiny virtual machines in software emulation. Debian, as root.
#
#   libvirt.sh up [MACHINE…]   starts libvirtd and defines the machines, shut off
#   libvirt.sh mounts          puts this libvirt in place of the machine's own, in the mount namespace
#                              of whoever calls; a plain virsh finds it there
#   libvirt.sh virsh WORD…     virsh as it is there
#   libvirt.sh crash           ends libvirtd with -9; the machines go on
#   libvirt.sh again           starts it again
#   libvirt.sh down            ends all of it, and nothing else
#
#   LAB_DIR    where state and logs are (required; made when missing)
#   LAB_OWNER  a process: when it ends, all goes down and LAB_DIR goes away
#
# No network: machines have a serial console and nothing else. Account core, password guest-secret.
# Any account may use this libvirt, as members of the group libvirt may.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/processes.sh"
: "${LAB_DIR:?says where the state of the hypervisor is}"
environment=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/shopfloor-tests/env

die() { printf 'libvirt.sh: %s\n' "$*" >&2; exit 1; }
# The directories of libvirt, here and where libvirt has them.
places=(etc:/etc run:/run lib:/var/lib log:/var/log cache:/var/cache)
mounts() {
    local place
    for place in "${places[@]}"; do mount --bind "$LAB_DIR/${place%%:*}" "${place#*:}/libvirt"; done
}
there() { unshare -m --propagation private "$here/libvirt.sh" in "$@"; }
answers() { there virsh -c qemu:///system list >/dev/null 2>&1; }

daemon() {
    local tries=200
    spawn "$LAB_DIR/libvirtd.pid" "$LAB_DIR/libvirtd.log" unshare -m --propagation private \
        "$here/libvirt.sh" in /usr/sbin/libvirtd --config /etc/libvirt/libvirtd.conf
    until answers; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || die "libvirtd does not answer: $(tail -n 1 "$LAB_DIR/libvirtd.log")"
        sleep 0.05
    done
}
prepare() {
    local place
    [ "$(id -u)" = 0 ] || die "only root can start libvirtd with directories of its own"
    unshare -m true 2>/dev/null || die "mount namespaces are not allowed here"
    "$here/install" libvirt >"$LAB_DIR/install.log" 2>&1 || die "$(tail -n 1 "$LAB_DIR/install.log")"
    . "$environment"
    mkdir -p "$LAB_DIR"/{etc/qemu,run,lib,log/qemu,cache}
    for place in "${places[@]}"; do mkdir -p "${place#*:}/libvirt"; done
    chmod 755 "$LAB_DIR" "$LAB_DIR/run"
    cat >"$LAB_DIR/etc/libvirtd.conf" <<'END'
listen_tls = 0
listen_tcp = 0
unix_sock_rw_perms = "0777"
auth_unix_ro = "none"
auth_unix_rw = "none"
END
    # Nothing but QEMU: no virtlogd, no control groups, no namespaces, no AppArmor.
    cat >"$LAB_DIR/etc/qemu.conf" <<'END'
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
END
}
define() { # MACHINE
    cat >"$LAB_DIR/$1.xml" <<END
<domain type='qemu'>
  <name>$1</name>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>$SHOPFLOOR_GUEST/vmlinuz</kernel>
    <initrd>$SHOPFLOOR_GUEST/initrd.gz</initrd>
    <cmdline>console=ttyS0,115200 panic=5 guest.name=$1</cmdline>
  </os>
  <features><acpi/><tcg><tb-cache unit='MiB'>32</tb-cache></tcg></features>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <serial type='pty'><target port='0'/></serial>
    <console type='pty'><target type='serial' port='0'/></console>
    <memballoon model='none'/>
  </devices>
</domain>
END
    there virsh -q -c qemu:///system define "$LAB_DIR/$1.xml" >/dev/null
}

case ${1:-} in
up)
    shift
    mkdir -p "$LAB_DIR"
    prepare
    daemon
    if [ -n "${LAB_OWNER:-}" ]; then with_owner "$LAB_OWNER" "$here/libvirt.sh" leave; fi
    for machine; do define "$machine"; done
    ;;
mounts) mounts ;;
in) shift; mounts; exec "$@" ;;
virsh) shift; there virsh -q -c qemu:///system "$@" ;;
crash)
    read -r pid _ <"$LAB_DIR/libvirtd.pid"
    signal KILL "$LAB_DIR/libvirtd.pid"
    # Its locks of consoles count as long as somebody has its number, a zombie too.
    for lock in /var/lock/LCK.._pts_*; do
        [ -s "$lock" ] && [ "$(tr -dc 0-9 <"$lock")" = "$pid" ] && rm -f "$lock"
    done
    true
    ;;
again) daemon ;;
down)
    stop "$LAB_DIR/libvirtd.pid"
    # libvirt writes the pid of each emulator, which outlives it; its command line names the machine's
    # directory, so that a pid that is somebody else's by now is left alone.
    for file in "$LAB_DIR"/run/qemu/*.pid; do
        machine=$(basename "$file" .pid)
        pid=$(cat "$file" 2>/dev/null) && [ -r "/proc/$pid/cmdline" ] || continue
        case $(tr '\0' ' ' <"/proc/$pid/cmdline") in
        *qemu-system*"guest=$machine,"*) kill -9 "$pid" 2>/dev/null || true ;;
        esac
    done
    ;;
leave) "$here/libvirt.sh" down; rm -rf "$LAB_DIR" ;;
*)
    sed -n '2,/^set /p' "$0" | sed '$d; s/^# \{0,1\}//' >&2
    exit 4
    ;;
esac
