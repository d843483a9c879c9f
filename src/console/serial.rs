//! Serial lines: one POSIX shell script that finds the line, says who else
//! holds it, and becomes whatever terminal program is there. It runs on the
//! machine the line is plugged into, in a terminal. Its exit statuses are in `script`.

use super::place::quoted;

/// The script. `$line`, `$baud` and `$force` are set before it.
///
/// Lock files are the UUCP kind, `/run/lock/LCK..NAME` or `/var/lock/LCK..NAME`
/// with the holder's process number. socat comes first, because it hides no key
/// for itself; the others keep Ctrl-A.
const SCRIPT: &str = r#"
case $line in
/*) device=$line ;;
*)
    device=/dev/serial/by-id/$line
    [ -e "$device" ] || device=/dev/$line ;;
esac
if [ ! -e "$device" ]; then
    echo "shopfloor: there is no serial line $line on $(uname -n)"
    found=$(ls /dev/serial/by-id 2>/dev/null | tr '\n' ' ')
    echo "shopfloor: lines that are there: ${found:-none}"
    exit 71
fi
real=$(readlink -f "$device" 2>/dev/null || echo "$device")
if [ ! -r "$real" ] || [ ! -w "$real" ]; then
    echo "shopfloor: $(id -un) may not open $real (group $(stat -c %G "$real" 2>/dev/null || echo unknown))"
    exit 74
fi
name=${real##*/}
[ "${real#/dev/pts/}" = "$real" ] || name=pts_${real##*/}
holders=
for lock in /run/lock/LCK.."$name" /var/lock/LCK.."$name"; do
    [ -r "$lock" ] || continue
    pid=$(tr -dc '0-9' <"$lock" | head -c 10)
    [ -n "$pid" ] && [ -d "/proc/$pid" ] && holders="$holders $pid"
done
if command -v fuser >/dev/null 2>&1; then
    holders="$holders $(fuser "$real" 2>/dev/null)"
else
    for fd in /proc/[0-9]*/fd/*; do
        [ "$(readlink "$fd" 2>/dev/null)" = "$real" ] || continue
        pid=${fd#/proc/}
        holders="$holders ${pid%%/*}"
    done
fi
said=
for pid in $holders; do
    case " $said" in *" $pid("*) continue ;; esac
    [ "$pid" = $$ ] && continue
    what=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-60)
    who=$(stat -c %U "/proc/$pid" 2>/dev/null)
    said="$said $pid(${who:-unknown}: ${what:-unknown})"
done
if [ -n "$said" ]; then
    echo "shopfloor: $real is held by$said"
    if [ "$force" != yes ]; then
        exit 72
    fi
fi
echo "shopfloor: $device -> $real, $baud bit/s, 8N1"
if command -v socat >/dev/null 2>&1; then
    echo "shopfloor: through socat"
    stty raw -echo
    exec socat - "$real,b$baud,raw,echo=0,cs8,parenb=0,cstopb=0,crtscts=0,clocal=1"
elif command -v picocom >/dev/null 2>&1; then
    echo "shopfloor: through picocom (Ctrl-A Ctrl-X leaves)"
    exec picocom --quiet --baud "$baud" "$real"
elif command -v minicom >/dev/null 2>&1; then
    echo "shopfloor: through minicom (Ctrl-A X leaves)"
    exec minicom --noinit --baudrate "$baud" --device "$real"
elif command -v screen >/dev/null 2>&1; then
    echo "shopfloor: through screen (Ctrl-A K leaves)"
    # It would let go of the terminal and keep the line when the console is closed.
    rc=$(mktemp)
    trap 'rm -f "$rc"; exit' HUP TERM
    printf 'autodetach off\nstartup_message off\n' >"$rc"
    screen -c "$rc" "$real" "$baud"
    status=$?
    rm -f "$rc"
    exit $status
fi
echo "shopfloor: none of socat, picocom, minicom and screen is installed on $(uname -n)"
exit 73
"#;

/// The command line that opens a line; the login shell need not be a POSIX one.
pub fn command(line: &str, baud: u32, force: bool) -> String {
    let force = if force { "yes" } else { "no" };
    let script = format!("line={}\nbaud={baud}\nforce={force}\n{SCRIPT}", quoted(line));
    format!("exec sh -c {}", quoted(&script))
}

/// Whether a line's name can be one: no path out of its directory, no option.
pub fn is_name(line: &str) -> bool {
    !line.is_empty()
        && line.len() <= 255
        && !line.starts_with('-')
        && !line.contains("..")
        && !line.chars().any(char::is_control)
        && (line.starts_with("/dev/") || !line.contains('/'))
}
