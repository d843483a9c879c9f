#!/bin/bash
# A fleet of real OpenSSH servers on loopback, for tests. Needs root on Debian.
#
#   sshd-fleet.sh up N           starts hosts 1 to N, each one sshd of its own
#   sshd-fleet.sh down           ends all of them, and nothing else
#   sshd-fleet.sh fault KIND I   makes host I a faulty one
#   sshd-fleet.sh heal KIND I    makes it healthy again
#
#   LAB_DIR     where state, keys and logs are (required; made when missing)
#   FLEET_PORT  the one port of all hosts (default 2222)
#   FLEET_OWNER a process: when it ends, the fleet goes down and LAB_DIR goes away
#
# Host I is node-III at 127.0.A.B with A = 21 + (I-1)/250 and B = (I-1)%250 + 1;
# behind a proxy the real server is at 127.0.(A+20).B. The account is `fleetops`,
# made here; it stays. Clients find in LAB_DIR: id, id_rsa, id_sealed (passphrase
# `fleet-passphrase`), id_agent, id_cert with its certificate, id_stranger (not
# let in anywhere), known_hosts, ssh_config, hosts.txt.
#
# Kinds of faults
#   refused      nothing listens
#   stopped      the listener is frozen: connects, never a banner
#   hostkey      another host key
#   auth         no key of ours is let in
#   forced       every command is replaced by one that fails
#   dies         the connection's own server process dies with the command
#   slow-command every command takes two seconds longer
#   maxstartups  a third connection that is not logged in is turned away
#   maxsessions  two sessions on a connection
#   certificate  shows a certificate of LAB_DIR/host_ca (no fault, but healed like one)
#   read-only    its / is read-only (exit status 3 where mounts of its own are not allowed)
#   inodes       a file system of its own has no inode left (likewise)
#   journal      a journalctl of ours that follows LAB_DIR/journal/lines (no fault)
#   hypervisor   has the libvirt of LIBVIRT_DIR, see libvirt.sh (no fault; exit status 3 likewise)
#   sudo-free    sudo asks the account for no password (no fault; exit status 3 likewise)
#   blackhole    packets are dropped (exit status 3 where nftables does not work)
#   no-route     every packet is answered with ICMP host unreachable (likewise)
#   slow, cut, mute, hang, drop, garbage: see fault-proxy.pl
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/processes.sh"
: "${LAB_DIR:?says where the state of the fleet is}"
port=${FLEET_PORT:-2222}
account=fleetops
mkdir -p "$LAB_DIR/keys" "$LAB_DIR/run"
chmod 755 "$LAB_DIR"

die() { printf 'sshd-fleet: %s\n' "$*" >&2; exit 1; }
host_name() { printf 'node-%03d' "$1"; }
address() { printf '127.0.%d.%d' $((21 + ($1 - 1) / 250)) $((($1 - 1) % 250 + 1)); }
behind() { printf '127.0.%d.%d' $((41 + ($1 - 1) / 250)) $((($1 - 1) % 250 + 1)); }

# --- processes, by name
running() { alive "$LAB_DIR/run/$1" && cut -d' ' -f1 "$LAB_DIR/run/$1"; }
launch() {
    local name=$1; shift
    spawn "$LAB_DIR/run/$name" "$LAB_DIR/run/$name.log" "$@"
}
end() {
    # A proxy has children in its group; sshd's sessions end by themselves.
    case $1 in *.proxy) stop "$LAB_DIR/run/$1" group ;; *) stop "$LAB_DIR/run/$1" ;; esac
}
listens() { (exec 3<>"/dev/tcp/$1/$port") 2>/dev/null; }
wait_listening() {
    local tries=200
    until listens "$1"; do
        tries=$((tries - 1)); [ $tries -gt 0 ] || return 1; sleep 0.02
    done
}

# --- parts
key() { [ -s "$1" ] || ssh-keygen -q -t "$2" ${4:+-b "$4"} -N "$3" -C "$(basename "$1")" -f "$1"; }
prepare() {
    [ "$(id -u)" = 0 ] || die "only root can start sshd with an account of its own"
    # Without nftables only one fault is missing, so what counts is sshd.
    "$here/install" ssh >"$LAB_DIR/install.log" 2>&1 || true
    [ -x /usr/sbin/sshd ] || die "$(tail -n 1 "$LAB_DIR/install.log")"
    mkdir -p /run/sshd
    # `*` and not `!`: sshd takes an account with `!` for a locked one.
    getent passwd $account >/dev/null || useradd -d / -s /bin/sh -p '*' $account
    key "$LAB_DIR/id" ed25519 ''
    key "$LAB_DIR/id_rsa" rsa '' 2048
    key "$LAB_DIR/id_sealed" ed25519 fleet-passphrase
    key "$LAB_DIR/id_agent" ed25519 ''
    key "$LAB_DIR/id_cert" ed25519 ''
    key "$LAB_DIR/id_stranger" ed25519 ''
    key "$LAB_DIR/user_ca" ed25519 ''
    key "$LAB_DIR/host_ca" ed25519 ''
    [ -s "$LAB_DIR/id_cert-cert.pub" ] ||
        ssh-keygen -q -s "$LAB_DIR/user_ca" -I fleet -n $account -V -1d:+1d "$LAB_DIR/id_cert.pub"
    cat "$LAB_DIR"/id{,_rsa,_sealed,_agent}.pub >"$LAB_DIR/authorized_keys"
    chmod 644 "$LAB_DIR"/*.pub "$LAB_DIR/authorized_keys"
    cat >"$LAB_DIR/sshd_config" <<END
AuthorizedKeysFile $LAB_DIR/authorized_keys
TrustedUserCAKeys $LAB_DIR/user_ca.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
AllowTcpForwarding yes
END
    # Where namespaces are not allowed, all hosts have the machine's name.
    if unshare -u true 2>/dev/null; then echo own >"$LAB_DIR/names"; else echo shared >"$LAB_DIR/names"; fi
}
# sshd for host I on an address, with more options
serve() {
    local i=$1 on=$2; shift 2
    key "$LAB_DIR/keys/$i" ed25519 ''
    # For some options the file beats the command line, so these are not in the file.
    case "$*" in *MaxStartups*) ;; *) set -- "$@" -o MaxStartups=200:30:300 ;; esac
    local sshd=(/usr/sbin/sshd -D -e -f "$LAB_DIR/sshd_config" -h "$LAB_DIR/keys/$i"
        -o "ListenAddress=$on:$port" -o PidFile=none "$@")
    if [ "$(cat "$LAB_DIR/names")" = own ]; then
        launch "$i" unshare -u sh -c 'hostname "$1"; shift; exec "$@"' sh "$(host_name "$i")" "${sshd[@]}"
    else
        launch "$i" "${sshd[@]}"
    fi
}
# sshd for host I that has mounts of its own, which a command line makes first
mounting() {
    local i=$1
    unshare -m true 2>/dev/null || exit 3
    key "$LAB_DIR/keys/$i" ed25519 ''
    launch "$i" unshare -m -u sh -c 'hostname "$1"; eval "$2" || exit 3; shift 2; exec "$@"' sh \
        "$(host_name "$i")" "$2" /usr/sbin/sshd -D -e -f "$LAB_DIR/sshd_config" -h "$LAB_DIR/keys/$i" \
        -o "ListenAddress=$(address "$i"):$port" -o PidFile=none -o MaxStartups=200:30:300
    wait_listening "$(address "$i")" || exit 3
}
healthy() { serve "$1" "$(address "$1")"; }
table() { printf 'fleet_%s_%s' "$port" "$1"; }
clear_host() {
    end "$1"; end "$1.proxy"
    if command -v nft >/dev/null; then nft delete table ip "$(table "$1")" 2>/dev/null || true; fi
    if [ -e "$LAB_DIR/keys/$1.good" ]; then
        mv -f "$LAB_DIR/keys/$1.good" "$LAB_DIR/keys/$1"
        mv -f "$LAB_DIR/keys/$1.pub.good" "$LAB_DIR/keys/$1.pub"
    fi
}
client_files() {
    local n=$1 i
    : >"$LAB_DIR/known_hosts"; : >"$LAB_DIR/hosts.txt"
    cat >"$LAB_DIR/ssh_config" <<END
Host *
    User $account
    Port $port
    IdentityFile $LAB_DIR/id
    IdentitiesOnly yes
    UserKnownHostsFile $LAB_DIR/known_hosts
    GlobalKnownHostsFile /dev/null
    BatchMode yes
    ConnectTimeout 10
END
    for ((i = 1; i <= n; i++)); do
        printf '[%s]:%s %s\n' "$(address "$i")" "$port" "$(cut -d' ' -f1,2 "$LAB_DIR/keys/$i.pub")"
    done >"$LAB_DIR/known_hosts"
    for ((i = 1; i <= n; i++)); do echo "$(address "$i")"; done >"$LAB_DIR/hosts.txt"
}
case ${1:-} in
up)
    n=${2:?says how many hosts}
    prepare
    for ((i = 1; i <= n; i++)); do running "$i" >/dev/null || healthy "$i"; done
    client_files "$n"
    for ((i = 1; i <= n; i++)); do
        wait_listening "$(address "$i")" || die "$(host_name "$i"): $(tail -1 "$LAB_DIR/run/$i.log")"
    done
    if [ -n "${FLEET_OWNER:-}" ]; then with_owner "$FLEET_OWNER" "$0" leave; fi
    ;;
down)
    for file in "$LAB_DIR"/run/*; do
        name=$(basename "$file")
        case $name in *.log | '*') continue ;; esac
        clear_host "${name%.proxy}"
    done
    ;;
leave) "$0" down; rm -rf "$LAB_DIR" ;;
fault)
    kind=${2:?says which fault} i=${3:?says which host} on=$(address "$3")
    clear_host "$i"
    case $kind in
    refused) ;;
    stopped) healthy "$i"; wait_listening "$on"; kill -STOP "$(running "$i")" ;;
    hostkey)
        cp "$LAB_DIR/keys/$i" "$LAB_DIR/keys/$i.good"; cp "$LAB_DIR/keys/$i.pub" "$LAB_DIR/keys/$i.pub.good"
        rm -f "$LAB_DIR/keys/$i" "$LAB_DIR/keys/$i.pub"
        healthy "$i" ;;
    auth) serve "$i" "$on" -o "AuthorizedKeysFile=none" -o TrustedUserCAKeys=none ;;
    forced) serve "$i" "$on" -o 'ForceCommand=echo "This account is currently not available."; exit 1' ;;
    dies) serve "$i" "$on" -o 'ForceCommand=sleep 0.2; kill -9 $PPID; sleep 5' ;;
    slow-command) serve "$i" "$on" -o 'ForceCommand=sleep 2; eval "$SSH_ORIGINAL_COMMAND"' ;;
    journal)
        mkdir -p "$LAB_DIR/journal"; chmod 777 "$LAB_DIR/journal"
        cp "$here/journalctl" "$LAB_DIR/journal/journalctl"; chmod 755 "$LAB_DIR/journal/journalctl"
        serve "$i" "$on" -o "ForceCommand=PATH=$LAB_DIR/journal:\$PATH; export PATH; eval \"\$SSH_ORIGINAL_COMMAND\"" ;;
    maxstartups) serve "$i" "$on" -o MaxStartups=2:100:2 ;;
    certificate)
        ssh-keygen -q -s "$LAB_DIR/host_ca" -I "$(host_name "$i")" -h -n "$on" -V -1d:+1d "$LAB_DIR/keys/$i.pub"
        serve "$i" "$on" -o "HostCertificate=$LAB_DIR/keys/$i-cert.pub" ;;
    read-only) mounting "$i" 'mount -o remount,bind,ro /' ;;
    inodes)
        full=$LAB_DIR/full.$i
        mkdir -p "$full"; rm -f "$full.image"
        truncate -s 4M "$full.image"
        command -v mkfs.ext4 >/dev/null && mkfs.ext4 -q -F -N 16 "$full.image" || exit 3
        # Under another name than /dev/loop, which is what images of packages have.
        mounting "$i" "mount -t tmpfs none /dev/shm && loop=\$(losetup -f --show '$full.image') &&
            mknod /dev/shm/disk b 7 \${loop#/dev/loop} && mount /dev/shm/disk '$full' && losetup -d \$loop
            n=0; while touch '$full/'\$n 2>/dev/null; do n=\$((n + 1)); done; [ -e '$full/0' ]" ;;
    sudo-free)
        # sudo looks for the address of its own host: one that only a resolver knows
        # would make every sudo as slow as that resolver.
        { cat /etc/hosts; echo "127.0.0.1 $(hostname)"; } >"$LAB_DIR/hosts"
        mounting "$i" "mount --bind '$LAB_DIR/hosts' /etc/hosts && mount -t tmpfs -o mode=755 none /etc/sudoers.d &&
            echo '$account ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/fleet && chmod 440 /etc/sudoers.d/fleet" ;;
    hypervisor) mounting "$i" "LAB_DIR='${LIBVIRT_DIR:?says which libvirt}' '$here/libvirt.sh' mounts" ;;
    maxsessions) serve "$i" "$on" -o MaxSessions=2 ;;
    blackhole | no-route)
        healthy "$i"
        command -v nft >/dev/null || exit 3
        answer=drop
        [ "$kind" = blackhole ] || answer='reject with icmp type host-unreachable'
        nft add table ip "$(table "$i")" 2>/dev/null || exit 3
        nft add chain ip "$(table "$i")" in '{ type filter hook input priority 0; }' || exit 3
        # shellcheck disable=SC2086 # the answer is several words
        nft add rule ip "$(table "$i")" in ip daddr "$on" tcp dport "$port" $answer || exit 3 ;;
    slow | cut | mute | hang | drop | garbage)
        serve "$i" "$(behind "$i")"; wait_listening "$(behind "$i")"
        launch "$i.proxy" perl "$here/fault-proxy.pl" "$kind" "$on" "$port" "$(behind "$i")" "${4:-2}" ;;
    *) die "there is no fault '$kind'" ;;
    esac
    case $kind in refused | stopped | blackhole | no-route) ;; *) wait_listening "$on" ;; esac
    ;;
heal)
    i=${3:?says which host}
    clear_host "$i"
    healthy "$i"
    wait_listening "$(address "$i")"
    ;;
*)
    sed -n '2,/^set /p' "$0" | sed '$d; s/^# \{0,1\}//' >&2
    exit 4
    ;;
esac
