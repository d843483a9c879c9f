//! Why a host failed, in words.

use serde::{Deserialize, Serialize};

use super::body::Fields;
use crate::domain::untrusted::printable;

/// Lines kept of each stream.
const LINES: usize = 12;

/// What Ansible told about a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `msg`, on one line, cut at 400 characters.
    pub message: String,
    /// The last lines of `stderr` (or `module_stderr`) that hold something.
    pub stderr: Vec<String>,
    /// The last lines of `stdout` (or `module_stdout`) that hold something.
    pub stdout: Vec<String>,
    /// The exit status of the command.
    pub rc: Option<i64>,
    /// The loop item.
    pub item: Option<String>,
    /// Whether the task changed something before it failed.
    pub changed: bool,
    /// Where the task is written (`file:line:column`): version 2.19 and newer.
    pub origin: Option<String>,
}

impl Failure {
    pub(super) fn of(fields: &Fields, item: Option<&str>, origin: Option<String>) -> Failure {
        let first = |names: [&Option<String>; 2]| {
            names.into_iter().flatten().find(|text| !text.trim().is_empty()).cloned()
        };
        Failure {
            message: printable(fields.message.as_deref().unwrap_or("")),
            stderr: last_lines(&first([&fields.stderr, &fields.module_stderr]).unwrap_or_default()),
            stdout: last_lines(&first([&fields.stdout, &fields.module_stdout]).unwrap_or_default()),
            rc: fields.rc,
            item: item.map(printable),
            changed: fields.changed,
            origin,
        }
    }

    /// One sentence: the message, or, where that only says that a command
    /// failed, its exit status and what the command said.
    pub fn sentence(&self) -> String {
        let vague = [
            "non-zero return code",
            "MODULE FAILURE",
            "Module failed",
            "Module result deserialization failed",
        ];
        let is_vague =
            self.message.is_empty() || vague.iter().any(|start| self.message.starts_with(start));
        let said = self.stderr.last().or(self.stdout.last());
        match (is_vague, said, self.rc) {
            (true, Some(said), Some(rc)) => format!("exit status {rc}: {said}"),
            (true, Some(said), None) => said.clone(),
            (true, None, Some(rc)) if !self.message.is_empty() => {
                format!("exit status {rc}, and nothing said")
            }
            (true, None, _) if self.message.is_empty() => "no message".to_owned(),
            _ => self.message.clone(),
        }
    }
}

fn last_lines(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let from = lines.len().saturating_sub(LINES);
    lines.iter().skip(from).map(|line| printable(line)).collect()
}
