//! The console of a virtual machine: one POSIX shell script that runs on the
//! hypervisor, in a terminal, and becomes `virsh console`.

use super::place::quoted;

/// The script. `$name`, `$sudo` and `$force` are set before it.
///
/// The byte that leaves `virsh` is 255, which no key and no text gives: its
/// usual one, Ctrl-], goes to the machine like every other key, and nobody
/// leaves by accident. What virsh says goes through a reader, because its exit
/// status tells little: 0 also when the machine was switched off, 1 for
/// everything else; and with libvirt gone it stays for ever.
const SCRIPT: &str = r#"
here=$(uname -n)
if ! command -v virsh >/dev/null 2>&1; then
    echo "shopfloor: virsh is not installed on $here; the package libvirt-clients has it"
    exit 73
fi
LC_ALL=C
export LC_ALL
# Whoever is root or in the group libvirt needs no more rights.
as=
if [ "$sudo" = yes ] && [ "$(id -u)" != 0 ] && [ ! -w /run/libvirt/libvirt-sock ] && [ ! -w /run/libvirt/virtqemud-sock ]; then
    as='sudo -n'
fi
ask() { $as virsh -q -c qemu:///system "$@" </dev/null; }
last() { printf '%s\n' "$1" | sed -n 's/^error: //; /./h; ${ x; p; }'; }
state() { said=$(ask domstate --domain "$name" 2>&1) && last "$said"; }
off() {
    echo "shopfloor: $name on $here is $1; virsh start $name there starts it"
    exit 76
}
if ! said=$(ask domstate --domain "$name" 2>&1); then
    case $said in
    *"failed to get domain"*)
        all=$(ask list --all --name 2>/dev/null | tr '\n' ' ' | sed 's/ *$//')
        echo "shopfloor: there is no virtual machine $name on $here; it has: ${all:-none}"
        exit 71 ;;
    esac
    echo "shopfloor: libvirt on $here does not answer: $(last "$said")"
    exit 75
fi
case $(last "$said") in
"shut off" | crashed) off "$(last "$said")" ;;
paused) echo "shopfloor: $name is paused: it says nothing before virsh resume $name" ;;
esac
# Whose virsh has the console open: pid(account from address).
holders() {
    line='
'
    for file in $(grep -ls virsh /proc/[0-9]*/cmdline 2>/dev/null); do
        words=$line$(cat "$file" 2>/dev/null | tr '\0' '\n')$line
        pid=${file#/proc/}
        pid=${pid%/cmdline}
        case $words in "${line}virsh$line"* | "$line"/*/"virsh$line"*) ;; *) continue ;; esac
        case $words in *"${line}console$line"*"$line$name$line"*) ;; *) continue ;; esac
        from=$(cat "/proc/$pid/environ" 2>/dev/null | tr '\0' '\n' | sed -n 's/^SSH_CONNECTION=\([^ ]*\) .*/ from \1/p')
        printf ' %s(%s%s)' "$pid" "$(stat -c %U "/proc/$pid" 2>/dev/null)" "$from"
    done
}
taking=
[ "$force" != yes ] || taking=--force
echo "shopfloor: the console of $name on $here"
exec 3>&1
{
    sh -c 'echo "pid $$" >&2; exec "$@"' sh $as virsh -q -c qemu:///system -e "$(printf '\377')" \
        console --domain "$name" $taking 2>&1 >&3 3>&-
    echo "status $?"
} | {
    pid= status=1 why= error=
    while IFS= read -r line; do
        case $line in
        "pid "*) [ -n "$pid" ] || { pid=${line#pid }; continue; } ;;
        "status "*) status=${line#status }; continue ;;
        # It works without polkit all the same.
        "Authorization not available"*) continue ;;
        *"Active console session"*) why=held ;;
        *"stream had I/O failure"*) why=taken ;;
        *"Disconnected from"*)
            why=gone
            # It takes no other signal while it has a console.
            kill -KILL "$pid" 2>/dev/null || sudo -n kill -KILL "$pid" ;;
        esac
        case $line in "error: "*) error=${line#error: } ;; esac
        printf '%s\r\n' "$line"
    done
    # The machine may have left the cursor behind a prompt.
    printf '\r\n'
    if [ "$why" = gone ]; then
        echo "shopfloor: libvirt on $here ended while the console of $name was open; the machine itself may go on"
        exit 75
    fi
    if [ "$why" = held ]; then
        who=$(holders)
        echo "shopfloor: the console of $name on $here is held by${who:- another client of libvirt}"
        exit 72
    fi
    # A machine that is being switched off is still running for a moment.
    now=$(state)
    patience=10
    [ "$why" != taken ] || patience=1
    while [ "$now" != 'shut off' ] && [ "$now" != crashed ] && [ "$patience" -gt 0 ]; do
        sleep 1
        patience=$((patience - 1))
        now=$(state)
    done
    case $now in "shut off" | crashed) off "$now" ;; esac
    if [ "$why" = taken ]; then
        echo "shopfloor: somebody else took the console of $name on $here, or libvirt ended it"
        exit 77
    fi
    if [ "$status" != 0 ]; then
        echo "shopfloor: virsh on $here ended: ${error:-status $status}"
        exit 75
    fi
    exit 0
}
"#;

/// The command line that opens a machine's console; the login shell need not be a POSIX one.
/// With `force` whoever holds the console loses it.
pub fn command(domain: &str, sudo: bool, force: bool) -> String {
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let (name, sudo, force) = (quoted(domain), word(sudo), word(force));
    let script = format!("name={name}\nsudo={sudo}\nforce={force}\n{SCRIPT}");
    format!("exec sh -c {}", quoted(&script))
}

/// Whether a name can be one of a virtual machine: no option, nothing that cannot be seen.
pub fn is_name(domain: &str) -> bool {
    !domain.is_empty()
        && !domain.starts_with('-')
        && !domain.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_of_the_script_and_force_is_said_only_when_told() {
        let command = command("x'; touch /tmp/evil; '", false, false);
        assert!(command.contains("force=no\n"), "{command}");
        assert!(!command.contains("name=x"), "{command}");
        assert!(is_name("hedgehog-control") && is_name("débian 12".trim_end_matches(" 12")));
        for wrong in ["", "-c", "two words", "a\u{1b}[2J"] {
            assert!(!is_name(wrong), "{wrong:?}");
        }
    }
}
