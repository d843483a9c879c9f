#!/bin/bash
# Management controllers for tests: IPMI 2.0 from ipmi_sim, Redfish from the
# emulator of sushy-tools, on 127.0.4.0/24 and free ports. Debian or Ubuntu, as root.
#
#   bmc.sh up DIR N            start N controllers; DIR keeps everything. Prints for each:
#                              bmc I ADDRESS IPMI_PORT REDFISH_PORT
#   bmc.sh sensor DIR I FILE RAW   set a sensor (files in DIR/I/sensors)
#   bmc.sh power DIR I on|off  power of the machine, as IPMI and Redfish tell it
#   bmc.sh hang|go DIR I       stop or continue both processes of a controller
#   bmc.sh certificate DIR I   a new certificate for its Redfish, and a restart of it
#   bmc.sh down DIR
#
# User ops, password ops-secret (administrator); viewer, viewer-secret (USER, IPMI
# only). Names on the certificate: bmc-I.test and the address; DIR/I/ca.pem signs it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/processes.sh"
net=127.0.4

say() { printf '%s\n' "$*" >&2; }
die() { say "bmc.sh: $*"; exit 1; }

# What is missing is installed; the emulator's environment is kept between runs.
emulator() {
    if [ -z "${SHOPFLOOR_SUSHY:-}" ]; then
        "$here/install" bmc >&2 || die "servers cannot be installed"
        . "${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/shopfloor-tests/env"
    fi
    venv=$(dirname "$SHOPFLOOR_SUSHY")
}

free_port() { # udp|tcp ADDRESS
    /usr/bin/python3 - "$1" "$2" <<'PY'
import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
with socket.socket(socket.AF_INET, kind) as s:
    s.bind((sys.argv[2], 0))
    print(s.getsockname()[1])
PY
}

certificate() { # DIRECTORY NUMBER ADDRESS
    local d=$1 old
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=test CA $2" \
        -addext basicConstraints=critical,CA:TRUE -keyout "$d/ca.key" -out "$d/ca.pem" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=bmc-$2.test" \
        -keyout "$d/server.key" -out "$d/server.csr" 2>/dev/null
    printf 'subjectAltName=DNS:bmc-%s.test,IP:%s\n' "$2" "$3" >"$d/names"
    openssl x509 -req -in "$d/server.csr" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 30 \
        -extfile "$d/names" -out "$d/server.pem" 2>/dev/null
}

redfish() { # DIRECTORY
    local d=$1
    spawn "$d/redfish.pid" "$d/redfish.log" "$venv/bin/python" -m sushy_tools.emulator.main --config "$d/redfish.conf"
}

configure() { # DIRECTORY NUMBER
    local d=$1 i=$2 address=$net.$((100 + $2)) state
    mkdir -p "$d/state" "$d/redfish-state"
    [ -s "$d/address" ] || {
        echo "$address $(free_port udp "$address") $(free_port tcp "$address")" >"$d/address"
        echo 1 >"$d/power"
        certificate "$d" "$i" "$address"
        /usr/bin/python3 "$here/bmc_sensors.py" "$d/sensors" >"$d/sim.emu"
    }
    read -r address udp tcp <"$d/address"
    # ipmi_sim calls this for the power of the chassis.
    cat >"$d/chassis" <<SH
#!/bin/sh
case \$1 in
get) shift; for name; do [ "\$name" = power ] && echo "power:\$(cat '$d/power')" || echo "\$name:0"; done ;;
set) [ "\$2" = power ] && echo "\$3" >'$d/power' ;;
esac
exit 0
SH
    chmod 755 "$d/chassis"
    cat >"$d/lan.conf" <<CONF
name "bmc-$i"
set_working_mc 0x20
startlan 1
  addr $address $udp
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid 5f0c2a6e9d3b4b7aa1c2000000000$(printf %03x "$i")
endlan
chassis_control "$d/chassis"
user 1 false "" "" user 10 none md2 md5 straight
user 2 true "ops" "ops-secret" admin 10 none md2 md5 straight
user 3 true "viewer" "viewer-secret" user 10 none md2 md5 straight
CONF
    # What serial over LAN shows is whatever listens there.
    [ -z "${SOL_PORT:-}" ] || echo "sol \"tcp:127.0.0.1:$SOL_PORT\" 115200 history=16384" >>"$d/lan.conf"
    "$venv/bin/python" -c 'import bcrypt; print("ops:" + bcrypt.hashpw(b"ops-secret", bcrypt.gensalt(4)).decode())' >"$d/htpasswd"
    [ "$(cat "$d/power")" = 1 ] && state=On || state=Off
    cat >"$d/redfish.conf" <<CONF
SUSHY_EMULATOR_LISTEN_IP = "$address"
SUSHY_EMULATOR_LISTEN_PORT = $tcp
SUSHY_EMULATOR_STATE_DIR = "$d/redfish-state"
SUSHY_EMULATOR_SSL_CERT = "$d/server.pem"
SUSHY_EMULATOR_SSL_KEY = "$d/server.key"
SUSHY_EMULATOR_AUTH_FILE = "$d/htpasswd"
SUSHY_EMULATOR_FAKE_DRIVER = True
SUSHY_EMULATOR_FAKE_SYSTEMS = [{
    "uuid": "27946b59-9e44-4fa7-8e91-$(printf %012d "$i")", "name": "node-$i", "power_state": "$state",
    "external_notifier": False, "nics": [{"mac": "00:5c:52:31:3a:9c", "ip": "172.22.0.100"}]}]
CONF
}

answers() { # ADDRESS IPMI_PORT REDFISH_PORT
    IPMI_PASSWORD=ops-secret ipmitool -I lanplus -C 3 -N 1 -R 1 -H "$1" -p "$2" -U ops -E mc info >/dev/null 2>&1 &&
        (exec 3<>"/dev/tcp/$1/$3") 2>/dev/null
}

wait_for() { # DIRECTORY
    local try address udp tcp
    read -r address udp tcp <"$1/address"
    for try in $(seq 15); do
        answers "$address" "$udp" "$tcp" && return
        sleep 0.2
    done
    tail -n 3 "$1"/*.log >&2
    die "the controller in $1 does not answer"
}

[ $# -ge 2 ] || { sed -n '2,/^set /p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2; }
verb=$1 root=$2
case $verb in
up)
    emulator
    mkdir -p "$root"
    for i in $(seq "${3:-1}"); do
        d=$root/$i
        mkdir -p "$d"
        configure "$d" "$i"
        alive "$d/sim.pid" || spawn "$d/sim.pid" "$d/sim.log" ipmi_sim -n -c "$d/lan.conf" -f "$d/sim.emu" -s "$d/state"
        alive "$d/redfish.pid" || redfish "$d"
    done
    for i in $(seq "${3:-1}"); do
        wait_for "$root/$i"
        echo "bmc $i $(cat "$root/$i/address")"
    done ;;
sensor) echo "$5" >"$root/$3/sensors/$4" ;;
power)
    case $4 in on) echo 1 >"$root/$3/power" ;; off) echo 0 >"$root/$3/power" ;; *) die "on or off" ;; esac
    emulator
    stop "$root/$3/redfish.pid"
    rm -rf "$root/$3/redfish-state"
    configure "$root/$3" "$3"
    redfish "$root/$3"
    wait_for "$root/$3" ;;
hang) signal STOP "$root/$3/sim.pid"; signal STOP "$root/$3/redfish.pid" ;;
go) signal CONT "$root/$3/sim.pid"; signal CONT "$root/$3/redfish.pid" ;;
certificate)
    emulator
    read -r address _ <"$root/$3/address"
    stop "$root/$3/redfish.pid"
    certificate "$root/$3" "$3" "$address"
    redfish "$root/$3"
    wait_for "$root/$3" ;;
down)
    for file in "$root"/[0-9]*/*.pid; do
        [ -e "$file" ] && stop "$file"
    done ;;
*) die "no such verb: $verb" ;;
esac
