//! What a program that ran left behind, here or on a host.

use std::time::Duration;

use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord};

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It ended by itself with this exit status.
    Exited(i32),
    /// A signal ended it; the name without `SIG`, as SSH has it (`KILL`).
    Signal(String),
}

/// What a program that ran to its end left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub status: Status,
    /// Its standard output, never more than was allowed.
    pub stdout: Vec<u8>,
    /// Its standard error, never more than was allowed.
    pub stderr: Vec<u8>,
    /// From the start of the program to its end, connecting not counted.
    pub took: Duration,
}

impl Output {
    /// Whether it ended with exit status 0.
    pub fn success(&self) -> bool {
        self.status == Status::Exited(0)
    }

    /// The first line of standard error that says anything, safe to show.
    pub fn complaint(&self) -> Option<String> {
        String::from_utf8_lossy(&self.stderr).lines().map(printable).find(|line| !line.is_empty())
    }

    /// The cause `command-missing`, when a shell said that it has no such
    /// program: exit status 127 (not found) or 126 (found, but cannot be run),
    /// as POSIX demands of `sh`. `on` is the target, `program` what was started.
    pub fn command_missing(&self, on: &str, program: &str) -> Option<Cause> {
        let what = match self.status {
            Status::Exited(127) => "is not there",
            Status::Exited(126) => "cannot be run",
            _ => return None,
        };
        let cause = Cause::new(
            CauseWord::CommandMissing,
            format!("{program} {what} on {on}"),
            format!("install {program} on {on}, or look at its permissions"),
        );
        Some(match self.complaint() {
            Some(line) => cause.with_detail(line),
            None => cause,
        })
    }

    /// The cause `sudo-password`, when `sudo -n` said that it wants a password,
    /// a terminal, or that the account may not use it.
    pub fn sudo_password(&self, on: &str) -> Option<Cause> {
        sudo_password(&self.stderr, on)
    }
}

/// The cause `sudo-password`, when this standard error holds one of the
/// sentences with which sudo 1.8 and 1.9 turn `sudo -n` away. The account's
/// language is not known, so the English sentences and the fixed prefix count.
pub fn sudo_password(stderr: &[u8], on: &str) -> Option<Cause> {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().find(|line| {
        let line = line.to_ascii_lowercase();
        let said_by_sudo = line.starts_with("sudo:") || line.starts_with("sorry, ");
        (said_by_sudo
            && ["password is required", "must have a tty", "terminal is required", "may not run"]
                .iter()
                .any(|part| line.contains(part)))
            || line.contains("is not in the sudoers file")
    })?;
    Some(
        Cause::new(
            CauseWord::SudoPassword,
            format!("sudo on {on} wants a password that is not known here"),
            format!("allow the account on {on} to use sudo without a password (NOPASSWD)"),
        )
        .with_detail(line),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(status: Status, stderr: &str) -> Output {
        let stderr = stderr.as_bytes().to_vec();
        Output { status, stdout: Vec::new(), stderr, took: Duration::ZERO }
    }

    #[test]
    fn a_missing_command_is_told_from_a_failing_one() {
        let missing = output(Status::Exited(127), "sh: 1: nosuch: not found\n");
        let cause = missing.command_missing("gpu-07", "nosuch").unwrap();
        assert_eq!(cause.word, CauseWord::CommandMissing);
        assert_eq!(cause.sentence, "nosuch is not there on gpu-07");
        assert_eq!(cause.detail, ["sh: 1: nosuch: not found"]);
        let denied = output(Status::Exited(126), "");
        assert_eq!(
            denied.command_missing("gpu-07", "x").unwrap().sentence,
            "x cannot be run on gpu-07"
        );
        assert_eq!(output(Status::Exited(1), "").command_missing("gpu-07", "x"), None);
        assert_eq!(output(Status::Signal("KILL".into()), "").command_missing("a", "x"), None);
    }

    #[test]
    fn sudo_that_wants_a_password_is_recognised() {
        for line in [
            "sudo: a password is required",
            "sudo: sorry, you must have a tty to run sudo",
            "sudo: a terminal is required to read the password; either use the -S option",
            "ops is not in the sudoers file.  This incident will be reported.",
            "Sorry, user ops may not run sudo on gpu-07.",
        ] {
            let cause = output(Status::Exited(1), line).sudo_password("gpu-07");
            assert_eq!(cause.map(|cause| cause.word), Some(CauseWord::SudoPassword), "{line}");
        }
        for line in ["", "mdadm: a password is required", "sudo: unable to resolve host gpu-07"] {
            assert_eq!(output(Status::Exited(1), line).sudo_password("gpu-07"), None, "{line}");
        }
    }
}
