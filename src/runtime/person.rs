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

/// What tells one login from another: the kernel's audit session where it has
/// one, else the session leader with the time it was started.
fn login() -> String {
    let audit = fs::read_to_string("/proc/self/sessionid").unwrap_or_default().trim().to_owned();
    let boot: String = machine::boot_id().chars().take(8).collect();
    if !audit.is_empty() && audit != u32::MAX.to_string() {
        return format!("{boot}-a{audit}");
    }
    let me = i32::try_from(std::process::id()).unwrap_or(0);
    let session = machine::process(me).map_or(0, |seen| seen.session);
    let started = machine::process(session).map_or(0, |leader| leader.started);
    format!("{boot}-s{session}-{started}")
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
    fn a_given_name_is_made_harmless_and_short() {
        let person = known(Some(&format!("\u{1b}[31meve\n{}", "x".repeat(100))), None);
        assert!(person.name.starts_with("eve x") && person.name.chars().count() == LONGEST);
    }
}
