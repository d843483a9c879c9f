# Runs a command so that it outlives the line over which it was started, and
# keeps its output and its exit status until they are fetched. POSIX sh.
#
#   start ATTEMPT                       reads the command from standard input:
#                                       `n COUNT`, so many lines with an argument
#                                       each as printf %b reads it, `t COLUMNS ROWS`
#                                       (a terminal of that size; none for 0 0),
#                                       `s BYTES`, and the command's own standard
#                                       input
#   fetch ATTEMPT OFFSET LIMIT TENTHS TTY  what it printed from OFFSET on; waits so
#                                       many tenths of a second for the first byte,
#                                       or until its terminal is no longer as TTY says
#   enter ATTEMPT                       gives what comes on standard input to its terminal
#   size ATTEMPT COLUMNS ROWS           sets the size of its terminal
#   stop ATTEMPT SIGNAL                 sends a signal to all of its process group and
#                                       to whatever has its id in the environment
#   left ATTEMPT                        who has that, a line each: number, command
#   remove ATTEMPT                      forgets it, once it has ended
#   list PREFIX                         the attempts whose names begin like that, a line each
#   attached                            runs the command read as above on this very
#                                       line, where nothing can be kept
#
# Every answer begins with one line:
#   shopfloor-detached 2 STATE CODE SIZE TTY DIRECTORY
# STATE is nowhere (no place can be written), bare (nothing here gives a terminal),
# absent, none (known, not begun), running, ended, lost (it was begun and its end
# is not known) or incomplete (the command did not arrive whole). CODE is the exit
# status, or `s` and the number of the signal that ended it. TTY is `hides` while
# the terminal takes a line and shows nothing of it, else `shows`; `-` without one. A start of an attempt that has begun
# changes nothing: `begun` is made by a hard link, which one alone succeeds at.
{
set -u
umask 077

say() { echo "shopfloor-detached 2 $1 ${code:--} ${size:-0} ${tty:--} ${dir:--}"; }

pause() { sleep 0.1 2>/dev/null || sleep 1; }

boot() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo -; }

begin_of() {
    begins=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20)
    echo "${begins:--}"
}

group_of() {
    group=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f3)
    echo "${group:-none}"
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

look_at_terminal() {
    tty=-
    [ -s "$dir/tty" ] && read -r device <"$dir/tty" || return 0
    modes=" $(stty -a <"$device" 2>/dev/null | tr '\n;' '  ') "
    case $modes in *' icanon '*' -echo '* | *' -echo '*' icanon '*) tty=hides ;; *) tty=shows ;; esac
}

# Who has the attempt's id in its environment.
kin() {
    grep -lF "SHOPFLOOR_ATTEMPT=$attempt" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}

tell_kin() {
    for each in $(kin); do
        echo "$each $(tr '\0\n' '  ' 2>/dev/null <"/proc/$each/cmdline" | head -c 200)"
    done
}

look() {
    code=- size=0 tty=-
    if [ -z "${dir:-}" ]; then state=absent; return; fi
    if [ -f "$dir/status" ]; then state=ended
    elif [ ! -f "$dir/begun" ]; then state=none
    elif alive; then state=running
    elif [ -f "$dir/status" ]; then state=ended
    else state=lost
    fi
    [ "$state" = ended ] && read -r code <"$dir/status"
    [ -f "$dir/output" ] && size=$(($(wc -c <"$dir/output")))
    [ "$state" = running ] && look_at_terminal
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
    IFS=' ' read -r word columns rows rest || return 1
    [ "$word" = t ] && [ -z "$rest" ] || return 1
    case $columns$rows in '' | *[!0-9]*) return 1 ;; esac
    if [ "$columns" -gt 0 ]; then echo "$columns $rows" >"$1/size" || return 1; fi
    read_count s || return 1
    cat >"$1/stdin" || return 1
    [ $(($(wc -c <"$1/stdin"))) -eq "$count" ]
}

start() {
    find_attempt "$1"
    if [ -n "$dir" ] && [ -f "$dir/begun" ]; then look; say "$state"; return; fi
    if ! choose_place; then say nowhere; return; fi
    if ! receive "$place"; then rm -rf "$place"; say incomplete; return; fi
    if [ -f "$place/size" ]; then
        if ! command -v script >/dev/null 2>&1 || ! mkfifo "$place/typed" 2>/dev/null; then
            rm -rf "$place"
            say bare
            return
        fi
    fi
    if [ -z "$dir" ]; then
        dir=${place%/*}/$attempt
        mkdir "$dir" 2>/dev/null || [ -d "$dir" ] || { rm -rf "$place"; dir=; say nowhere; return; }
    fi
    if printf '%s\n' "$script" >"$place/wrapper" && : >>"$dir/output" &&
        mv "$place"/* "$dir"; then
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
    if [ -f "$dir/size" ]; then
        SHOPFLOOR_KEPT=$dir TERM=xterm-256color
        export SHOPFLOOR_KEPT TERM
        # Open both ways: the terminal is never told that nobody will type again.
        script -q -f -c 'exec sh "$SHOPFLOOR_KEPT/wrapper" inside' /dev/null \
            <>"$dir/typed" >>"$dir/output" 2>&1
    else
        conduct
    fi
}

# On the terminal, which leads a session of its own.
inside() {
    dir=$SHOPFLOOR_KEPT
    trap : HUP INT TERM
    read -r columns rows <"$dir/size" && stty sane cols "$columns" rows "$rows" 2>/dev/null
    tty >"$dir/tty"
    conduct
}

# Runs the command, waits for it and keeps how it ended. A shell tells an exit
# status above 128 like a signal, and what it starts in the background hears no
# INT for ever, so somebody else starts it and waits where there is somebody.
conduct() {
    set --
    while IFS= read -r line; do
        argument=$(printf '%b_' "$line")
        set -- "$@" "${argument%_}"
    done <"$dir/args"
    run='SHOPFLOOR_ATTEMPT=${0##*/}; export SHOPFLOOR_ATTEMPT; unset SHOPFLOOR_KEPT; echo $$ >"$0/pid"'
    # Redirected inside: a shell may write `Terminated` to where it sent its child's errors.
    if [ -f "$dir/size" ]; then
        set -- sh -c "$run; exec </dev/tty >/dev/tty 2>&1; exec \"\$@\"" "$dir" "$@"
    else
        set -- sh -c "$run; exec <\"\$0/stdin\" >>\"\$0/output\" 2>&1; exec \"\$@\"" "$dir" "$@"
        if command -v setsid >/dev/null 2>&1; then
            : >"$dir/group"
            set -- setsid "$@"
        fi
    fi
    if perl -e 1 2>/dev/null; then
        how=$(perl -e '$SIG{INT} = $SIG{QUIT} = "DEFAULT"; system {$ARGV[0]} @ARGV; print $? & 127 ? "s" . ($? & 127) : $? >> 8' "$@")
    elif python3 -c 1 2>/dev/null; then
        how=$(python3 -c 'import os, signal, sys
ours = os.fork()
for each in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ):
    signal.signal(each, signal.SIG_IGN if ours else signal.SIG_DFL)
if not ours: os.execvp(sys.argv[1], sys.argv[1:])
status = os.waitpid(ours, 0)[1]
print("s%d" % (status & 127) if status & 127 else status >> 8)' "$@")
    else
        # The shell has a word for most signals, and none for an exit.
        exec 2>"$dir/said"
        "$@"
        how=$?
        [ "$how" -gt 128 ] && [ -s "$dir/said" ] && how=s$((how - 128))
    fi
    # Who waited was killed: the end is not known.
    [ -n "$how" ] || exit 1
    # On a full disk the end waits until it can be kept.
    until echo "$how" 2>/dev/null >"$dir/status.new" && [ -s "$dir/status.new" ]; do sleep 5; done
    mv "$dir/status.new" "$dir/status"
}

fetch() {
    find_attempt "$1"
    waited=0
    look
    while [ "$state" = running ] && [ "$size" -le "$2" ] && [ "$waited" -lt "$4" ] && [ "$tty" = "$5" ]; do
        pause
        waited=$((waited + 1))
        # A whole look asks several programs; the host has other work.
        if [ -f "$dir/status" ] || [ $((waited % 10)) = 0 ]; then
            look
        else
            size=$(($(wc -c <"$dir/output")))
            [ -f "$dir/tty" ] && [ $((waited % 3)) = 0 ] && look_at_terminal
        fi
    done
    # The end may have come after the size was taken.
    look
    say "$state"
    length=$((size - $2))
    [ "$length" -gt "$3" ] && length=$3
    [ "$length" -gt 0 ] && tail -c "+$(($2 + 1))" "$dir/output" | head -c "$length"
    return 0
}

enter() {
    find_attempt "$1"
    look
    # A pipe that nobody reads would keep us here.
    [ "$state" = running ] && [ -p "$dir/typed" ] && cat >"$dir/typed"
    say "$state"
}

size() {
    find_attempt "$1"
    look
    [ -s "$dir/tty" ] && read -r device <"$dir/tty" && stty cols "$2" rows "$3" <"$device" 2>/dev/null
    say "$state"
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
    told=$(tell_kin) pid=-
    # Who left the group is found first: the signal may end what leads to it.
    others=$(kin)
    if [ "$state" = running ] && read -r pid <"$dir/pid"; then
        if [ -f "$dir/group" ]; then
            others=$(for each in $others; do [ "$(group_of "$each")" = "$pid" ] || echo "$each"; done)
            kill -s "$2" -- "-$pid" 2>/dev/null
        else
            others=$(for each in $others; do [ "$each" = "$pid" ] || echo "$each"; done)
            kill -s "$2" "$pid" 2>/dev/null
        fi
    fi
    for each in $others; do kill -s "$2" "$each" 2>/dev/null; done
    say "$state"
    echo "$told"
}

left() {
    find_attempt "$1"
    look
    say "$state"
    tell_kin
}

list() {
    dir=- state=none
    say none
    bases | while IFS= read -r base; do
        [ -d "$base" ] && [ ! -h "$base" ] && [ -O "$base" ] || continue
        for each in "$base/$1"*; do
            if [ -d "$each" ]; then echo "${each##*/}"; fi
        done
    done
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
    IFS=' ' read -r word columns rows rest || exit 65
    [ "$word" = t ] || exit 65
    read_count s || exit 65
    exec "$@"
}

main() {
    case ${1:-} in
        start | fetch | enter | size | stop | left | remove | list | supervise | inside | attached) "$@" ;;
        *) echo "detached: nothing is called ${1:-}" >&2; exit 64 ;;
    esac
}
main "$@"
}
