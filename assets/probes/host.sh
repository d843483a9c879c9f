# shopfloor look 1 NONCE
# What a host is asked, in one piece, for any POSIX sh (dash, ash, bash): the
# preparation, then one part for each of the probes that are due. A part is what
# stands between the braces; it has its own NONCE and ends by itself.
# It reads and changes nothing, installs nothing, leaves nothing behind, never
# asks for a password and ends by itself. The probe sends the sections that the
# host's role calls for, without these remarks, with its own NONCE, and with
# the line of each parameter filled in. The answer's format and every section's
# purpose are in src/probes/hosts/sections.rs.
N=NONCE
SUDO=no
NAMES=''
GATEWAY=''
AMT=''
NIC=''
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
# Frames. The end begins on a line of its own, whatever came before.
b() { printf '@@%s %s\n' "$N" "$1"; }
e() { printf '\n@@%s %s = %s\n' "$N" "$1" "$2"; }
# Ends a section with a status of its own, without a process for it.
x() { return "$1"; }
# A small file, without a process for it: the same is asked of every host again and again.
f() {
  [ -r "$1" ] || return 1
  while IFS= read -r l || [ -n "$l" ]; do printf '%s\n' "$l"; done <"$1"
}
# A command that may hang gets five seconds, where the host can count them. One
# that is a program of its own can; that of a multi-call binary (a link) may
# want its seconds said otherwise and is tried first.
T=
for p in /usr/bin/timeout /bin/timeout; do
  [ -f "$p" ] && [ ! -L "$p" ] && command -v timeout >/dev/null && T='timeout 5' && break
done
[ -n "$T" ] || { timeout 5 true 2>/dev/null && T='timeout 5'; }
t() {
  command -v "$1" >/dev/null 2>&1 || return 127
  $T "$@"
}
# A command that needs root: as root, through sudo without asking, or not at all (126).
# Whether sudo asks is tried before it, since the command's own words are not kept.
R=
who() {
  [ -z "$R" ] || return 0
  R=none
  u=
  if [ -r "/proc/$$/status" ]; then
    while read -r l u d; do [ "$l" != Uid: ] || break; done <"/proc/$$/status"
  else
    u=$(id -u)
  fi
  if [ "$u" = 0 ]; then
    R=root
  elif [ "$SUDO" = yes ] && t sudo -n true >/dev/null 2>&1; then
    R=sudo
  fi
  return 0
}
r() {
  command -v "$1" >/dev/null 2>&1 || return 127
  who
  case $R in
    root) $T "$@" ;;
    sudo) $T sudo -n "$@" ;;
    *) return 126 ;;
  esac
}
#: {
# A part of the script: read to its end before it is run, and cut off where it prints too much.
{
exec </dev/null
#: uptime
f /proc/uptime
#: hostname
f /proc/sys/kernel/hostname
#: kernel
f /proc/sys/kernel/osrelease
#: os
f /etc/os-release
#: load
f /proc/loadavg
#: processors
if [ -r /sys/devices/system/cpu/online ] && IFS= read -r l </sys/devices/system/cpu/online; then
  n=0
  IFS=,
  for d in $l; do n=$((n + ${d#*-} - ${d%-*} + 1)); done
  unset IFS
  echo "$n"
else
  nproc 2>/dev/null || grep -c '^processor' /proc/cpuinfo
fi
#: memory
# What is total, free and cached stands in the first lines.
if [ -r /proc/meminfo ]; then
  while IFS= read -r l; do
    printf '%s\n' "$l"
    case $l in Cached:*) break ;; esac
  done </proc/meminfo
else
  false
fi
#: disks
t df -P -k 2>/dev/null
#: inodes
t df -P -i 2>/dev/null
#: mounted
grep -E '^/dev/|^[^ ]+ / ' /proc/mounts
#: cmdline
f /proc/cmdline
#: iommu
set -- /sys/kernel/iommu_groups/*
if [ -e "$1" ]; then echo $#; else echo 0; fi
#: modules
if [ -d /sys/module ]; then
  [ ! -d /sys/module/nouveau ] || echo nouveau
else
  cat /proc/modules
fi
#: mdstat
f /proc/mdstat
#: swap
if [ -r /proc/swaps ]; then
  { read -r l; while IFS= read -r l; do printf '%s\n' "$l"; done; } </proc/swaps
fi
true
#: links
ip -j -d addr show 2>/dev/null
#: routes
ip -j route show default 2>/dev/null
#: bonds
for f in /proc/net/bonding/*; do
  [ -r "$f" ] && printf 'Bond: %s\n' "${f##*/}" && cat "$f"
done
true
#: chrony
t chronyc -c tracking 2>/dev/null
#: units
t systemctl --failed --plain --no-legend 2>&1
#: reboot
for f in /run/reboot-required /run/reboot-required.pkgs; do
  [ -e "$f" ] && echo "$f" && cat "$f"
done
true
#: kernels
for k in /boot/vmlinuz-*; do
  [ -e "$k" ] && printf '%s\n' "${k##*/}"
done
[ -r /boot ]
#: domains
t virsh -c qemu:///system list --all 2>&1
#: domains-autostart
t virsh -c qemu:///system list --all --autostart --name 2>&1
#: names
for n in $NAMES; do
  if a=$($T getent hosts "$n"); then echo "$n ${a%% *}"; else echo "$n -"; fi
done
true
#: runs
podman ps --format '{{.ID}} {{.Image}} {{.Command}}' 2>/dev/null | grep gpu-infra-ansible
pgrep -af platform-setup.sh 2>/dev/null
true
#: tmux
tmux list-sessions -F '#{session_name} #{session_attached} #{session_created}' 2>/dev/null
#: ping
t ping -n -q -c 2 -i 0.3 -W 2 1.1.1.1 2>&1
#: gateway
t ping -q -c 3 -W 1 "$GATEWAY" 2>&1
#: clock
date +%s
#: ended
f /proc/uptime
#: sudo
who
case $R:$SUDO in
  root:*) echo root ;;
  # It said nothing against it a moment ago.
  sudo:*) true ;;
  *:yes) sudo -n true 2>&1 ;;
  *) echo 'sudo is not used on this host'; false ;;
esac
#: packages
P='linux-generic-hwe-24.04 ipmitool lm-sensors smartmontools bridge-utils podman catatonit python3-podman python3-pip libvirt-clients ovmf chrony open-iscsi qemu-kvm qemu-system-x86 libvirt-daemon-system virtiofsd virtinst guestfs-tools cloud-image-utils python3-lxml'
# dpkg-query reads its whole database into memory. Where nothing is half written to
# it, its file says the same for a quarter of the time.
set -- /var/lib/dpkg/updates/[0-9]*
if [ -r /var/lib/dpkg/status ] && [ ! -e "$1" ] && command -v grep >/dev/null; then
  p=
  for n in $P; do p="$p${p:+|}$n"; done
  IFS='
'
  set -- $(grep -A 4 -x -E "Package: ($p)" /var/lib/dpkg/status 2>/dev/null)
  unset IFS
  for l in "$@"; do
    case $l in
      Package:*) p=${l#*: } ;;
      Status:*)
        l=${l#*: }
        w=${l%% *} s=${l##* } d=${l#* }
        case $w in install) w=i ;; hold) w=h ;; deinstall) w=r ;; purge) w=p ;; *) w=u ;; esac
        case $s in
          installed) s=i ;; config-files) s=c ;; half-installed) s=H ;; unpacked) s=U ;;
          half-configured) s=F ;; triggers-awaited) s=W ;; triggers-pending) s=t ;; *) s=n ;;
        esac
        [ "${d% *}" = ok ] && d=' ' || d=R
        printf '%s %s%s%s\n' "$p" "$w" "$s" "$d"
        ;;
    esac
  done
else
  dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n' $P 2>/dev/null
fi
#: mounts
findmnt -J -l -o TARGET,SOURCE,FSTYPE 2>/dev/null
#: blocks
t lsblk -J -b -o NAME,TYPE,SIZE,PTTYPE,PARTTYPENAME,FSTYPE,MOUNTPOINTS 2>/dev/null
#: efi
[ -d /sys/firmware/efi ] && echo efi && t efibootmgr -v 2>/dev/null
#: blacklist
[ -d /etc/modprobe.d ] && grep -rhs '^blacklist nouveau' /etc/modprobe.d
#: sshd
r sshd -T 2>/dev/null
#: wait-online
s=1
# Where /lib is a link, it is /usr/lib once more.
for d in /etc /run /usr/lib /lib; do
  [ ! -L "$d" ] || continue
  d=$d/systemd/system/systemd-networkd-wait-online.service
  for p in "$d" "$d".d/*.conf; do f "$p" && s=0; done
done
x "$s"
#: grub
[ -r /etc/default/grub ] && grep '^GRUB_RECORDFAIL_TIMEOUT=' /etc/default/grub
#: docker-dir
[ -d /var/lib/docker ] && echo present
#: smart
s=127
if command -v smartctl >/dev/null 2>&1; then
  who
  [ "$R" = none ] && s=126 || s=0
  # Whole disks, as lsblk -d -e 7,11 has them: no loop, no CD-ROM, nothing made of other disks.
  [ "$R" = none ] || for p in /sys/block/*; do
    { IFS=: read -r n d <"$p/dev"; } 2>/dev/null || continue
    case $n in 7|11) continue ;; esac
    set -- "$p"/slaves/*
    [ ! -e "$1" ] || continue
    d=${p##*/}
    [ -b "/dev/$d" ] || continue
    o=$(r smartctl -H -A -j "/dev/$d" 2>/dev/null)
    s=$?
    case $s in
      126|127) break ;;
      124) printf '{"device":{"name":"/dev/%s"},"hangs":true}\n' "$d" ;;
      *) printf '%s\n' "$o" ;;
    esac
  done
fi
case $s in 126|127) x "$s" ;; *) true ;; esac
#: bios
f /sys/class/dmi/id/bios_version
#: secure-boot
t mokutil --sb-state 2>&1
#: virtualisation
t systemctl is-active libvirtd.socket libvirtd virtqemud 2>/dev/null
[ -c /dev/kvm ] && echo kvm
t virsh -c qemu:///system version --daemon 2>&1
#: nic
lspci -D -nnk -s "$NIC" 2>/dev/null
#: images
df -P -k /var/lib/libvirt/images 2>/dev/null
#: serial
[ -d /dev/serial/by-id ] && ls -l /dev/serial/by-id
ls /dev/ttyUSB* 2>/dev/null
true
#: serial-users
set -- /dev/ttyUSB*
if [ -e "$1" ]; then r fuser -v "$@" 2>&1; else true; fi
#: amt
if command -v nc >/dev/null 2>&1; then
  nc -z -w3 "$AMT" 16993 || nc -z -w3 "$AMT" 16992
else
  x 127
fi
#: runtime
podman version --format '{{.Client.Version}}' 2>/dev/null || docker version --format '{{.Server.Version}}' 2>/dev/null
#: container-images
podman images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null
#: ssh-keys
stat -c '%a %n' ~/.ssh ~/.ssh/* 2>/dev/null
#: cache
df -P -k ~/.cache 2>/dev/null || df -P -k ~ 2>/dev/null
#: keyrings
for d in ~/release-assets/keyrings ~/release-assets/assets/ceph; do
  for f in "$d"/*.keyring; do
    [ -e "$f" ] && printf '%s %s %s\n' "$(stat -c %Y "$f")" "$f" "$(head -c 15 "$f" | grep -aoE '^.ANSIBLE_VAULT;' || echo clear)"
  done
done
true
#: last-run
f=$(ls -t ~/release-assets/logs/main-*.log 2>/dev/null | head -n 1)
[ -n "$f" ] && echo "$f" && grep -aE 'PLAY RECAP|unreachable=|failed=|fatal:|ERROR!' "$f" | tail -n 40
#: vault-files
stat -c '%a %n' ~/vault-key.txt /tmp/*vault*pass* /tmp/vault-key.txt 2>/dev/null
true
#: }
printf '@@%s . = 0\n' "$N"
} | head -c 1000000
