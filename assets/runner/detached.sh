# Runs a command so that it outlives the line over which it was started, and
# keeps its output and its exit status until they are fetched. POSIX sh.
#
#   start ATTEMPT                       reads the command from standard input:
#                                       `n COUNT`, so many lines with an argument
#                                       each as printf %b reads it, `s BYTES`, and
#                                       the command's own standard input
#   fetch ATTEMPT OFFSET LIMIT TENTHS   what it printed from OFFSET on; waits so
#                                       many tenths of a second for the first byte
#   stop ATTEMPT SIGNAL                 sends a signal to all of its process group
#   remove ATTEMPT                      forgets it, once it has ended
#   attached                            runs the command read as above on this very
#                                       line, where nothing can be kept
#
# Every answer begins with one line:
#   shopfloor-detached 1 STATE CODE SIZE DIRECTORY
# STATE is nowhere (no place can be written), absent, none (known, not begun),
# running, ended, lost (it was begun and its end is not known) or incomplete
# (the command did not arrive whole). A start of an attempt that has begun
# changes nothing: `begun` is made by a hard link, which one alone succeeds at.
{
set -u
umask 077

say() { echo "shopfloor-detached 1 $1 ${code:--} ${size:-0} ${dir:--}"; }

pause() { sleep 0.1 2>/dev/null || sleep 1; }

boot() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo -; }

begin_of() {
    begins=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20)
    echo "${begins:--}"
}

bases() {
    case ${XDG_STATE_HOME:-} in /*) echo "$XDG_STATE_HOME/shopfloor/detached" ;; esac
    case ${HOME:-} in /*) echo "$HOME/.local/state/shopfloor/detached" ;; esac
    echo "/var/tmp/shopfloor-detached-$(id -u)"
}

find_attempt() {
    case $1 in '' | -* | .* | *[!A-Za-z0-9.-]*) echo "no attempt is called $1" >&2; exit 64 ;; esac
    attempt=$1 dir=
    found=$(bases | while IFS= read -r base; do
        if [ -d "$base/$attempt" ] && [ ! -h "$base" ] && [ -O "$base" ]; then echo "$base/$attempt"; break; fi
    done)
    [ -n "$found" ] && dir=$found
}

choose_place() {
    place=$(bases | while IFS= read -r base; do
        mkdir -p "$base" 2>/dev/null || continue
        [ -d "$base" ] && [ ! -h "$base" ] && [ -O "$base" ] || continue
        chmod 700 "$base" 2>/dev/null || continue
        trial=$(mktemp -d "$base/.new.XXXXXX" 2>/dev/null) || continue
        if echo trial 2>/dev/null >"$trial/link" && ln "$trial/link" "$trial/linked" 2>/dev/null; then
            rm -f "$trial/link" "$trial/linked"
            echo "$trial"
            break
        fi
        rm -rf "$trial"
    done)
    [ -n "$place" ]
}

alive() {
    read -r pid begins booted <"$dir/begun" || return 1
    [ "$booted" = "$(boot)" ] && kill -0 "$pid" 2>/dev/null && [ "$begins" = "$(begin_of "$pid")" ]
}

look() {
    code=- size=0
    if [ -z "${dir:-}" ]; then state=absent; return; fi
    if [ -f "$dir/status" ]; then state=ended
    elif [ ! -f "$dir/begun" ]; then state=none
    elif alive; then state=running
    elif [ -f "$dir/status" ]; then state=ended
    else state=lost
    fi
    [ "$state" = ended ] && read -r code <"$dir/status"
    [ -f "$dir/output" ] && size=$(($(wc -c <"$dir/output")))
    return 0
}

read_count() {
    IFS=' ' read -r word count rest || return 1
    [ "$word" = "$1" ] && [ -z "$rest" ] || return 1
    case $count in '' | *[!0-9]*) return 1 ;; esac
}

receive() {
    read_count n || return 1
    left=$count
    : >"$1/args" || return 1
    while [ "$left" -gt 0 ]; do
        IFS= read -r line || return 1
        printf '%s\n' "$line" >>"$1/args" || return 1
        left=$((left - 1))
    done
    read_count s || return 1
    cat >"$1/stdin" || return 1
    [ $(($(wc -c <"$1/stdin"))) -eq "$count" ]
}

start() {
    find_attempt "$1"
    if [ -n "$dir" ] && [ -f "$dir/begun" ]; then look; say "$state"; return; fi
    if ! choose_place; then say nowhere; return; fi
    if ! receive "$place"; then rm -rf "$place"; say incomplete; return; fi
    if [ -z "$dir" ]; then
        dir=${place%/*}/$attempt
        mkdir "$dir" 2>/dev/null || [ -d "$dir" ] || { rm -rf "$place"; dir=; say nowhere; return; }
    fi
    if printf '%s\n' "$script" >"$place/wrapper" && : >>"$dir/output" &&
        mv "$place/stdin" "$dir/stdin" && mv "$place/args" "$dir/args" && mv "$place/wrapper" "$dir/wrapper"; then
        rm -rf "$place"
    else
        rm -rf "$place"
        say nowhere
        return
    fi
    if command -v setsid >/dev/null 2>&1; then
        setsid sh "$dir/wrapper" supervise "$dir" </dev/null >/dev/null 2>&1 &
    else
        nohup sh "$dir/wrapper" supervise "$dir" </dev/null >/dev/null 2>&1 &
    fi
    tries=100
    while [ ! -f "$dir/begun" ] && [ $tries -gt 0 ]; do pause; tries=$((tries - 1)); done
    look
    say "$state"
}

supervise() {
    dir=$1
    echo "$$ $(begin_of $$) $(boot)" >"$dir/begun.$$" || exit 1
    if ! ln "$dir/begun.$$" "$dir/begun" 2>/dev/null; then rm -f "$dir/begun.$$"; exit 0; fi
    rm -f "$dir/begun.$$"
    # What is sent to the command's group must not end who waits for it.
    trap : HUP INT TERM
    SHOPFLOOR_ATTEMPT=${dir##*/}
    export SHOPFLOOR_ATTEMPT
    set --
    while IFS= read -r line; do
        argument=$(printf '%b_' "$line")
        set -- "$@" "${argument%_}"
    done <"$dir/args"
    # Redirected inside: a shell may write `Terminated` to where it sent its child's errors.
    run='echo $$ >"$0/pid"; exec <"$0/stdin" >>"$0/output" 2>&1; exec "$@"'
    if command -v setsid >/dev/null 2>&1; then
        : >"$dir/group"
        setsid sh -c "$run" "$dir" "$@"
    else
        sh -c "$run" "$dir" "$@"
    fi
    status=$?
    # On a full disk the end waits until it can be kept.
    until echo "$status" 2>/dev/null >"$dir/status.new" && [ -s "$dir/status.new" ]; do sleep 5; done
    mv "$dir/status.new" "$dir/status"
}

fetch() {
    find_attempt "$1"
    waited=0
    look
    while [ "$state" = running ] && [ "$size" -le "$2" ] && [ "$waited" -lt "$4" ]; do
        pause
        waited=$((waited + 1))
        look
    done
    say "$state"
    length=$((size - $2))
    [ "$length" -gt "$3" ] && length=$3
    [ "$length" -gt 0 ] && tail -c "+$(($2 + 1))" "$dir/output" | head -c "$length"
    return 0
}

stop() {
    find_attempt "$1"
    look
    tries=20
    while [ "$state" = running ] && [ ! -s "$dir/pid" ] && [ $tries -gt 0 ]; do
        pause
        tries=$((tries - 1))
        look
    done
    if [ "$state" = running ] && read -r pid <"$dir/pid"; then
        if [ -f "$dir/group" ]; then kill -s "$2" -- "-$pid"; else kill -s "$2" "$pid"; fi
    fi
    say "$state"
}

remove() {
    find_attempt "$1"
    look
    case $state in
        running) ;;
        absent) ;;
        *) rm -rf "$dir" && dir= && state=absent ;;
    esac
    say "$state"
}

attached() {
    read_count n || exit 65
    left=$count
    set --
    while [ "$left" -gt 0 ]; do
        IFS= read -r line || exit 65
        argument=$(printf '%b_' "$line")
        set -- "$@" "${argument%_}"
        left=$((left - 1))
    done
    read_count s || exit 65
    exec "$@"
}

main() {
    case ${1:-} in
        start | stop | fetch | remove | supervise | attached) "$@" ;;
        *) echo "detached: nothing is called ${1:-}" >&2; exit 64 ;;
    esac
}
main "$@"
}
