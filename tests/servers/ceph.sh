#!/usr/bin/env bash
# A real, small Ceph cluster: 3 monitors, 2 managers, 3 OSDs on 3 hosts, a gateway, the four pools.
#
#   tests/servers/ceph.sh up             make it and wait until it is well; prints its version
#   tests/servers/ceph.sh down           end every process of it
#   tests/servers/ceph.sh signal SIGNAL NAME…     mon.a mon.b mon.c mgr.a mgr.b osd.0 osd.1 osd.2 rgw
#   tests/servers/ceph.sh start NAME…    start daemons that ended
#   tests/servers/ceph.sh ceph WORD…     the ceph command on it
#   tests/servers/ceph.sh well           wait until everything is well again
#   tests/servers/ceph.sh inside WORD…   any command in its network, with CEPH_CONF set
#
# CEPH_DIR is its directory (short: sockets lie there), CEPH_OWNER the process with which it ends.
# It runs as root in a network of its own that has only loopback, so that nothing outside reaches it
# and several can run at once: monitors 127.0.61.11-13, OSDs .21-.23, managers .31-.32, gateway
# .41:8080. A cluster that was made once is kept below ${XDG_CACHE_HOME:-~/.cache}/shopfloor-tests
# under the hash of this recipe and of Ceph's version, and copied from there.
# Exit status: 0 done, 1 failed (said on standard error), 2 wrong use.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/processes.sh"
D=${CEPH_DIR:?is the directory of the cluster}
NET=127.0.61
export CEPH_CONF=$D/ceph.conf
unset CONTAINER_NAME CONTAINER_IMAGE POD_NAME NODE_NAME || true
ulimit -c 0

fail() { printf 'ceph.sh: %s\n' "$*" >&2; exit 1; }
inside() {
    local pid
    read -r pid _ <"$D/run/network"
    nsenter --net="/proc/$pid/ns/net" "$@"
}
ceph() { inside timeout 20 ceph --connect-timeout 10 "$@"; }
within() { # SECONDS COMMAND…
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}
daemon() { # NAME: the command of a daemon
    case $1 in
    mon.*) echo "mon-${1#*.} ceph-mon -f -i ${1#*.}" ;;
    mgr.*) echo "mgr-${1#*.} ceph-mgr -f -i ${1#*.}" ;;
    osd.*) echo "stor-${1#*.} ceph-osd -f -i ${1#*.}" ;;
    rgw) echo "gate radosgw -f -n client.rgw" ;;
    *) fail "there is no daemon $1" ;;
    esac
}
start() {
    local name pid words
    read -r pid _ <"$D/run/network"
    for name; do
        alive "$D/run/$name" && continue
        read -r -a words <<<"$(daemon "$name")"
        spawn "$D/run/$name" "$D/log/$name.out" nsenter --net="/proc/$pid/ns/net" \
            unshare --uts sh -c 'hostname "$0"; exec "$@"' "${words[@]}"
    done
}

conf() { # FSID
    local i
    cat <<CONF
[global]
fsid = $1
mon host = [v2:$NET.11:3300,v1:$NET.11:6789] [v2:$NET.12:3300,v1:$NET.12:6789] [v2:$NET.13:3300,v1:$NET.13:6789]
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
run dir = $D/run
crash dir = $D/crash
osd pool default size = 2
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
log file = $D/log/\$name.log
admin socket = $D/run/\$name.asok
[client.admin]
keyring = $D/admin.keyring
log file = /dev/null
[client.rgw]
keyring = $D/data/client.rgw/keyring
rgw frontends = beast endpoint=$NET.41:8080
[mon]
mon data = $D/data/\$name
keyring = $D/data/\$name/keyring
mgr initial modules = prometheus iostat
mon allow pool delete = true
paxos propose interval = 0.1
mon election timeout = 2
mon down mkfs grace = 0
mon probe timeout = 0.5
mon lease = 2
mon tick interval = 1
mon mgr beacon grace = 6
mon osd reporter subtree level = osd
[mgr]
mgr data = $D/data/\$name
keyring = $D/data/\$name/keyring
mgr tick period = 1
mgr stats period = 2
[osd]
osd data = $D/data/\$name
keyring = $D/data/\$name/keyring
osd objectstore = bluestore
bluestore block size = 4294967296
bluestore block create = true
bluestore cache autotune = false
bluestore cache size = 67108864
osd op num shards = 2
osd op num threads per shard = 1
osd heartbeat interval = 1
osd heartbeat grace = 6
osd mon heartbeat interval = 5
CONF
    i=10
    for name in mon.a mon.b mon.c; do i=$((i + 1)); printf '[%s]\npublic addr = %s\n' $name $NET.$i; done
    for i in 0 1 2; do printf '[osd.%s]\npublic addr = %s\ncluster addr = %s\n' $i $NET.$((21 + i)) $NET.$((21 + i)); done
    printf '[mgr.a]\npublic addr = %s.31\n[mgr.b]\npublic addr = %s.32\n' $NET $NET
}
key() { # NAME CAPS…
    mkdir -p "$D/data/$1"
    ceph-authtool -C "$D/data/$1/keyring" --gen-key -n "$@" >/dev/null
    ceph-authtool "$D/mon.keyring" --import-keyring "$D/data/$1/keyring" >/dev/null
}
make() {
    local i fsid uuid
    fsid=$(cat /proc/sys/kernel/random/uuid)
    echo "$fsid" >"$D/fsid"
    conf "$fsid" >"$CEPH_CONF"
    ceph-authtool -C "$D/mon.keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
    ceph-authtool -C "$D/admin.keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' \
        --cap mgr 'allow *' >/dev/null
    ceph-authtool "$D/mon.keyring" --import-keyring "$D/admin.keyring" >/dev/null
    for i in a b; do key mgr.$i --cap mon 'allow profile mgr' --cap osd 'allow *'; done
    for i in 0 1 2; do key osd.$i --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *'; done
    key client.rgw --cap mon 'allow rw' --cap osd 'allow rwx' --cap mgr 'allow rw'
    monmaptool --create --clobber --fsid "$fsid" --enable-all-features --set-min-mon-release pacific \
        --addv a "[v2:$NET.11:3300,v1:$NET.11:6789]" --addv b "[v2:$NET.12:3300,v1:$NET.12:6789]" \
        --addv c "[v2:$NET.13:3300,v1:$NET.13:6789]" "$D/monmap" >/dev/null
    for i in a b c; do
        mkdir -p "$D/data/mon.$i"
        inside ceph-mon -i $i --mkfs --monmap "$D/monmap" --keyring "$D/mon.keyring" >>"$D/log/make.out" 2>&1
        cp "$D/mon.keyring" "$D/data/mon.$i/keyring"
    done
    start mon.a mon.b mon.c
    within 60 ceph mon stat || fail "the monitors find no quorum: $(tail -n 1 "$D/log/mon.a.out")"
    for i in 0 1 2; do
        uuid=$(cat /proc/sys/kernel/random/uuid)
        ceph osd new "$uuid" $i >/dev/null
        inside unshare --uts sh -c 'hostname "$0"; exec "$@"' stor-$i ceph-osd -i $i --mkfs --osd-uuid "$uuid" \
            >>"$D/log/make.out" 2>&1
    done
    start osd.0 osd.1 osd.2 mgr.a mgr.b
    ceph >>"$D/log/make.out" 2>&1 <<'WORDS'
config set mon auth_allow_insecure_global_id_reclaim false
config set mon mon_data_avail_warn 1
config set mon mon_data_avail_crit 0
config set osd osd_recovery_sleep_hdd 0
config set osd osd_recovery_max_active 20
config set mgr mgr/prometheus/server_addr 127.0.61.31 --force
osd pool create images 8
osd pool create volumes 8
osd pool create backups 8
osd pool create vms 8
osd pool application enable images rbd
osd pool application enable volumes rbd
osd pool application enable backups rbd
osd pool application enable vms rbd
WORDS
}
is_well() {
    local status
    status=$(ceph status -f json 2>/dev/null) || return 1
    case $status in *'"status":"HEALTH_OK"'*) ;; *) return 1 ;; esac
    case $status in *'"num_up_osds":3'*) ;; *) return 1 ;; esac
    case $status in *'"num_standbys":1'*) ;; *) return 1 ;; esac
    # One state and no other: everything active and clean.
    case $status in *'"pgs_by_state":[{"state_name":"active+clean","count":'[0-9]*'}],'*) ;; *) return 1 ;; esac
    [ "$(inside curl -s -m 3 -o /dev/null -w '%{http_code}' "http://$NET.41:8080/" || true)" = 200 ]
}
up() {
    local kept all='mon.a mon.b mon.c mgr.a mgr.b osd.0 osd.1 osd.2 rgw' version
    version=$(ceph-mon --version) || fail 'ceph-mon is not there; tests/servers/install ceph'
    kept=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/shopfloor-tests/$({ cat "$0"; echo "$version"; } | sha256sum | cut -c1-12)-ceph
    mkdir -p "$D/run" "$D/log" "$D/crash/posted" "$D/data"
    spawn "$D/run/network" "$D/log/network.out" unshare --net sh -c 'ip link set lo up; exec sleep infinity'
    within 10 inside true || fail 'this kernel gives no network of our own'
    within 10 inside sh -c "ping -c 1 $NET.11 || ip addr show lo | grep -q LOWER_UP" || true
    [ -z "${CEPH_OWNER:-}" ] || with_owner "$CEPH_OWNER" env "CEPH_DIR=$D" "$0" down
    if [ -e "$kept/ready" ]; then
        cp -a --sparse=always "$kept/data" "$kept/fsid" "$kept/admin.keyring" "$D/"
        conf "$(cat "$D/fsid")" >"$CEPH_CONF"
    else
        make
        start rgw
        within 120 is_well || fail "the new cluster does not get well: $(ceph health detail 2>&1 | head -n 3)"
        # Ended in order, so that what is kept is at rest.
        for name in rgw osd.0 osd.1 osd.2 mgr.a mgr.b mon.c mon.b mon.a; do stop "$D/run/$name"; done
        rm -rf "$kept.new" && mkdir -p "$kept.new"
        cp -a --sparse=always "$D/data" "$D/fsid" "$D/admin.keyring" "$kept.new/"
        touch "$kept.new/ready"
        rm -rf "$kept" && mv "$kept.new" "$kept"
    fi
    # shellcheck disable=SC2086
    start $all
    within 120 is_well || fail "the cluster does not get well: $(ceph health detail 2>&1 | head -n 3)"
    echo "$version"
}
down() {
    local name
    for name in rgw osd.0 osd.1 osd.2 mgr.a mgr.b mon.a mon.b mon.c; do
        signal CONT "$D/run/$name"
        signal KILL "$D/run/$name"
    done
    stop "$D/run/network"
}

[ $# -gt 0 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
word=$1
shift
case $word in
up | down) "$word" ;;
start | ceph | inside) "$word" "$@" ;;
well) within 90 is_well || fail "the cluster does not get well: $(ceph health detail 2>&1 | head -n 3)" ;;
signal)
    which=$1
    shift
    for name; do
        signal "$which" "$D/run/$name"
        [ "$which" != KILL ] || while alive "$D/run/$name"; do sleep 0.05; done
    done
    ;;
*) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
