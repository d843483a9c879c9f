//! Who is at the keyboard. Accounts are shared, so a person is asked once per
//! login what to be called; journal, pen and arming use that name.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use crate::domain::untrusted::printable;
use crate::install::journal::Person;
use crate::runner::machine;

use super::whole_file;

/// The longest name, in characters.
const LONGEST: usize = 40;

/// Who this is: as given, as said at this login, or the best guess.
pub fn known(given: Option<&str>, state: Option<&Path>) -> Person {
    let name = given
        .map(clean)
        .filter(|name| !name.is_empty())
        .or_else(|| state.and_then(said))
        .unwrap_or_else(guess);
    Person { name, account: account() }
}

/// The same, but asks where nobody said it at this login and somebody is there to ask.
pub fn ask(given: Option<&str>, state: &Path) -> Person {
    let is_known = given.is_some() || said(state).is_some();
    if is_known || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return known(given, Some(state));
    }
    let guess = guess();
    let mut out = io::stderr();
    // A terminal that is gone gives no answer either.
    let _ = write!(out, "Who are you? The journal names you by it [{guess}]: ")
        .and_then(|()| out.flush());
    let mut line = String::new();
    let _ = io::stdin().lock().read_line(&mut line);
    let typed = clean(&line);
    say(if typed.is_empty() { &guess } else { &typed }, state)
}

/// Who this is, if somebody said it at this login; else the best guess, to be asked about.
pub fn said_or_guess(state: Option<&Path>) -> Result<String, String> {
    state.and_then(said).ok_or_else(guess)
}

/// Keeps what a person wants to be called at this login.
pub fn say(name: &str, state: &Path) -> Person {
    let person = known(Some(name), Some(state));
    // Asked again at the next command when it cannot be kept.
    let _ = whole_file::write(&place(state), whole_file::PRIVATE, person.name.as_bytes());
    person
}

fn clean(name: &str) -> String {
    printable(name).chars().take(LONGEST).collect::<String>().trim().to_owned()
}

fn account() -> String {
    machine::account_name(rustix::process::geteuid().as_raw())
}

/// What was said at this login.
fn said(state: &Path) -> Option<String> {
    let name = clean(&fs::read_to_string(place(state)).ok()?);
    (!name.is_empty()).then_some(name)
}

/// One file per login. The runtime directory goes with the last logout; where
/// there is none, the state directory keeps one file per login of this boot.
fn place(state: &Path) -> PathBuf {
    let login = login();
    match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_dir()) {
        Some(dir) => dir.join(format!("shopfloor-person-{login}")),
        None => state.join(format!("person-{login}")),
    }
}

/// What tells one login from another. The kernel's audit session, where it
/// counts them: terminals inside `tmux`, `script` or `sudo` keep it. Else the
/// SSH connection, else the program that holds the terminal of the login.
fn login() -> String {
    let audit = fs::read_to_string("/proc/self/sessionid").unwrap_or_default().trim().to_owned();
    let boot: String = machine::boot_id().chars().take(8).collect();
    if !audit.is_empty() && audit != u32::MAX.to_string() {
        return format!("{boot}-a{audit}");
    }
    let ssh = std::env::var("SSH_CONNECTION").unwrap_or_default();
    if let Some(name) = connection(&ssh) {
        return format!("{boot}-c{name}");
    }
    let me = i32::try_from(std::process::id()).unwrap_or(0);
    let (pid, started) = holder(me, &|pid| machine::process(pid), &machine::command_name);
    format!("{boot}-s{pid}-{started}")
}

/// `10.1.2.3 51922 10.1.0.1 22` as a part of a file's name.
fn connection(ssh: &str) -> Option<String> {
    let is_one = ssh.split(' ').count() == 4 && ssh.len() <= 128;
    let part = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    is_one.then(|| ssh.chars().map(part).collect())
}

/// The outermost process above this one that has a terminal: the login's own
/// shell, whatever was started inside it. A multiplexer has none, and is the
/// login of what runs in it.
fn holder(
    me: i32,
    seen: &dyn Fn(i32) -> Option<machine::Seen>,
    name: &dyn Fn(i32) -> String,
) -> (i32, i64) {
    let is_multiplexer =
        |pid: i32| ["tmux: server", "screen", "SCREEN"].contains(&name(pid).as_str());
    let (mut found, mut next) = ((0, 0), seen(me));
    while let Some(process) = next.filter(|process| process.pid > 1) {
        if !process.has_terminal && !is_multiplexer(process.pid) {
            // The session of a program that was started without a terminal.
            if found == (0, 0) {
                let leader = seen(process.session);
                found = leader.map_or((0, 0), |leader| (leader.pid, leader.started));
            }
            break;
        }
        found = (process.pid, process.started);
        if !process.has_terminal {
            break;
        }
        next = seen(process.parent);
    }
    found
}

/// The comment of the SSH key that opened this login, where sshd tells which
/// one that was (`ExposeAuthInfo yes`), else the account's name.
fn guess() -> String {
    let from_key = || {
        let info = fs::read_to_string(std::env::var_os("SSH_USER_AUTH")?).ok()?;
        let home = std::env::var_os("HOME").map(PathBuf::from)?;
        let keys = fs::read_to_string(home.join(".ssh/authorized_keys")).ok()?;
        key_comment(&info, &keys)
    };
    from_key().unwrap_or_else(account)
}

/// The comment that `authorized_keys` has for the key of this login.
fn key_comment(info: &str, keys: &str) -> Option<String> {
    let blob = info.lines().find_map(|line| line.strip_prefix("publickey "))?.split(' ').nth(1)?;
    let (_, after) = keys.lines().find_map(|line| line.split_once(blob))?;
    let comment = clean(after);
    (!comment.is_empty()).then_some(comment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_of_the_login_key_is_the_guess() {
        let keys =
            "ssh-ed25519 AAAA1 bob@home\nfrom=\"10.0.0.0/8\" ssh-ed25519 AAAA2 Eve  Miller\n";
        assert_eq!(
            key_comment("publickey ssh-ed25519 AAAA2\n", keys).as_deref(),
            Some("Eve Miller")
        );
        assert_eq!(key_comment("publickey ssh-ed25519 AAAA3\n", keys), None);
        assert_eq!(key_comment("password\n", keys), None);
    }

    #[test]
    fn a_login_is_one_whatever_is_started_inside_it() {
        // sshd 10, its shell 20; in it sudo 30 on a terminal of its own with a shell 31; tmux 40
        // with two panes; and another login 60.
        let table = [
            (1, 0, false, "init"),
            (10, 1, false, "sshd"),
            (20, 10, true, "bash"),
            (30, 20, true, "sudo"),
            (31, 30, true, "bash"),
            (40, 1, false, "tmux: server"),
            (50, 40, true, "bash"),
            (51, 40, true, "bash"),
            (60, 10, true, "bash"),
            (70, 1, false, "cron"),
        ];
        let seen = |pid: i32| {
            let (_, parent, has_terminal, _) = *table.iter().find(|row| row.0 == pid)?;
            let (session, started) = (pid, i64::from(pid) * 100);
            let is_zombie = false;
            Some(machine::Seen { pid, parent, session, started, is_zombie, has_terminal })
        };
        let name = |pid: i32| table.iter().find(|row| row.0 == pid).map_or("", |row| row.3).into();
        let of = |pid: i32| holder(pid, &seen, &name);
        assert_eq!(of(20), (20, 2000));
        assert_eq!((of(30), of(31)), (of(20), of(20)), "sudo -i asks nobody again");
        assert_eq!((of(50), of(51)), ((40, 4000), (40, 4000)), "nor does every pane");
        assert_ne!(of(60), of(20), "two logins are two people");
        assert_eq!(of(70), (70, 7000));
        assert_eq!(connection("10.1.2.3 51922 10.1.0.1 22").unwrap(), "10.1.2.3-51922-10.1.0.1-22");
        assert_eq!(connection("fe80::1%eth0 1 ::1 22").unwrap(), "fe80--1-eth0-1---1-22");
        assert_eq!((connection(""), connection("../../etc")), (None, None));
    }

    #[test]
    fn a_given_name_is_made_harmless_and_short() {
        let person = known(Some(&format!("\u{1b}[31meve\n{}", "x".repeat(100))), None);
        assert!(person.name.starts_with("eve x") && person.name.chars().count() == LONGEST);
    }
}
