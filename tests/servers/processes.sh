# Processes of the recipes beside this file, which source it. A process is known by its pid and its
# start time together, so that a pid that was given to somebody else is never taken for ours.

began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
alive() { # PIDFILE
    local pid start
    [ -s "$1" ] && read -r pid start <"$1" && [ -n "$start" ] && [ "$(began "$pid")" = "$start" ] || return 1
    case $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) in Z* | '') return 1 ;; esac
}
spawn() { # PIDFILE LOG COMMAND...
    local file=$1 log=$2
    shift 2
    setsid "$@" </dev/null >>"$log" 2>&1 &
    echo "$! $(began $!)" >"$file"
}
signal() { # SIGNAL PIDFILE [group]
    local pid
    alive "$2" || return 0
    read -r pid _ <"$2"
    kill "-$1" -- "${3:+-}$pid" 2>/dev/null || true
}
stop() { # PIDFILE [group]: asks, waits five seconds, kills
    local tries=250
    signal CONT "$@"
    signal TERM "$@"
    while alive "$1" && [ $tries -gt 0 ]; do sleep 0.02; tries=$((tries - 1)); done
    signal KILL "$@"
    rm -f "$1"
}
# with_owner PID COMMAND…: runs the command when that process has ended.
with_owner() {
    local owner=$1 start
    shift
    start=$(began "$owner") || return 0
    (
        while [ "$(began "$owner")" = "$start" ]; do sleep 1; done
        "$@"
    ) </dev/null >/dev/null 2>&1 &
}
