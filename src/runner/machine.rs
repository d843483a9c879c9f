//! The machine we run on, as `/proc` tells it: boot, processes, sessions.

use std::collections::BTreeMap;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::domain::Stamp;
use crate::domain::untrusted::printable;
use crate::install::journal::Process;

/// Clock ticks per second in `/proc/PID/stat` (`USER_HZ`; 100 on every Linux).
const TICKS: i64 = 100;

/// The time now, in milliseconds since 1970. A clock before 1970 reads as the epoch.
pub fn now() -> Stamp {
    let millis = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    Stamp(millis)
}

/// The id of this boot: another one after every reboot. Empty where the kernel does not tell.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// The machine's name.
pub fn host_name() -> String {
    printable(&fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default())
}

/// The name of an account; its number where it has none.
pub fn account_name(uid: u32) -> String {
    let field = |line: &str, index: usize| line.split(':').nth(index).map(str::to_owned);
    let named = |text: &str| {
        let number = uid.to_string();
        text.lines().find(|line| field(line, 2).as_ref() == Some(&number)).and_then(|l| field(l, 0))
    };
    let local = fs::read_to_string("/etc/passwd").ok().and_then(|text| named(&text));
    let asked = || {
        let output = std::process::Command::new("getent")
            .args(["passwd", &uid.to_string()])
            .stdin(std::process::Stdio::null())
            .output()
            .ok()?;
        named(&String::from_utf8_lossy(&output.stdout))
    };
    printable(&local.or_else(asked).unwrap_or_else(|| uid.to_string()))
}

/// The groups of a process besides its first.
pub fn groups_of(pid: i32) -> Vec<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Groups:")).unwrap_or_default();
    line.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// A process, as far as it matters who it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub pid: i32,
    /// Its parent.
    pub parent: i32,
    /// The session it is in.
    pub session: i32,
    /// When it was started, in ticks since the boot; with the pid it names one process.
    pub started: i64,
    /// Whether it has ended and only waits for its parent to notice.
    pub is_zombie: bool,
    /// Whether it has a controlling terminal.
    pub has_terminal: bool,
}

/// One process; `None` when there is none of that number.
pub fn process(pid: i32) -> Option<Seen> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    let has_terminal = fields.next()? != "0";
    let started = fields.nth(14)?.parse().ok()?;
    let is_zombie = matches!(state, "Z" | "X");
    Some(Seen { pid, parent, session, started, is_zombie, has_terminal })
}

/// The short name of a process: that of its program, unless it chose another.
pub fn command_name(pid: i32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    printable(name.trim_end())
}

/// Whose process it is.
pub fn owner(pid: i32) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(format!("/proc/{pid}")).ok().map(|found| found.uid())
}

/// Every process that can be seen.
pub fn processes() -> BTreeMap<i32, Seen> {
    let Ok(entries) = fs::read_dir("/proc") else { return BTreeMap::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| process(pid).map(|seen| (pid, seen)))
        .collect()
}

/// What people look for: number, command line, since when.
pub fn describe(seen: &Seen) -> Process {
    let raw = fs::read(format!("/proc/{}/cmdline", seen.pid)).unwrap_or_default();
    let words: Vec<String> = raw
        .split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .filter(|w| !w.is_empty())
        .collect();
    let mut command = printable(&super::order::without_secrets(&words).join(" "));
    if command.is_empty() {
        command = format!("[{}]", command_name(seen.pid));
    }
    let since = boot_second().map(|boot| boot * 1000 + seen.started * 1000 / TICKS);
    Process { pid: seen.pid, command, since }
}

fn boot_second() -> Option<i64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// The control groups of a process, one line each; empty when it cannot be seen.
pub fn control_groups(pid: i32) -> String {
    fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default()
}

/// Whether an environment variable of that process begins with `start`.
/// `false` as well where we may not look.
pub fn has_variable(pid: i32, start: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|all| all.split(|byte| *byte == 0).any(|var| var.starts_with(start.as_bytes())))
}

/// Whether the process holds the file with this device and inode open.
pub fn holds_file(pid: i32, device: u64, inode: u64) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    entries
        .flatten()
        .filter_map(|entry| fs::metadata(entry.path()).ok())
        .any(|meta| meta.dev() == device && meta.ino() == inode)
}

/// Sends a signal to exactly this process, never to one that took over its number.
/// `false` when it has ended or may not be signalled by this user.
pub fn signal(seen: &Seen, signal: Signal) -> bool {
    let Some(pid) = Pid::from_raw(seen.pid) else { return false };
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return false };
    // The handle is of whoever has the number now.
    if process(seen.pid).is_none_or(|now| now.started != seen.started) {
        return false;
    }
    pidfd_send_signal(handle, signal).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_with_its_parent_and_start() {
        let me = i32::try_from(std::process::id()).unwrap();
        let seen = process(me).unwrap();
        assert_eq!(seen.parent, i32::try_from(std::os::unix::process::parent_id()).unwrap());
        assert!(!seen.is_zombie && seen.started > 0);
        assert_eq!(processes().get(&me), Some(&seen));
        let described = describe(&seen);
        assert!(described.command.contains("shopfloor"), "{described}");
        let age = now().0 - described.since.unwrap();
        assert!((-2_000..86_400_000).contains(&age), "{age} ms old");
    }

    #[test]
    fn a_number_that_was_taken_over_is_not_signalled() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let mut seen = process(i32::try_from(child.id()).unwrap()).unwrap();
        seen.started += 1;
        assert!(!signal(&seen, Signal::KILL));
        assert_eq!(child.try_wait().unwrap(), None);
        seen.started -= 1;
        assert!(signal(&seen, Signal::KILL));
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn a_variable_and_an_open_file_give_a_process_away() {
        use std::os::unix::fs::MetadataExt as _;
        let scratch = tempfile::NamedTempFile::new().unwrap();
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .env("SHOPFLOOR_TEST_MARK", "abc-1")
            .stdin(scratch.reopen().unwrap())
            .spawn()
            .unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let meta = scratch.as_file().metadata().unwrap();
        // The environment is that of `sleep` once it was executed.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while !has_variable(pid, "SHOPFLOOR_TEST_MARK=abc-") {
            assert!(std::time::Instant::now() < deadline);
            std::thread::yield_now();
        }
        assert!(holds_file(pid, meta.dev(), meta.ino()));
        assert!(!has_variable(pid, "SHOPFLOOR_TEST_MARK=abd-"));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
