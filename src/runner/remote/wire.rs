//! How a command goes to the wrapper and what comes back.

use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::domain::untrusted::printable;
use crate::transport::ssh::{Command, Output};

use super::{Answered, End, State, TerminalState};

/// The wrapper without its comments: it goes along with every request.
static WRAPPER: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("../../../assets/runner/detached.sh").lines();
    let mut text = String::new();
    for line in lines.filter(|line| !line.trim_start().starts_with('#')) {
        text.push_str(line);
        text.push('\n');
    }
    text
});

/// A command for a host: an argument vector and what it finds on standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCommand {
    arguments: Vec<Vec<u8>>,
    stdin: Vec<u8>,
    terminal: (u16, u16),
}

/// Why a command cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// There is no program.
    #[error("a remote command needs a program")]
    Empty,
    /// No program can be given this.
    #[error("argument {0} of the remote command holds a zero byte, which no program can be given")]
    Zero(usize),
    /// A shell would take it for an option.
    #[error("the program of a remote command cannot begin with `-`")]
    Dash,
}

impl RemoteCommand {
    /// The command with these arguments, the program first.
    ///
    /// # Errors
    /// When no program could be given them.
    pub fn new<A: AsRef<[u8]>>(
        arguments: impl IntoIterator<Item = A>,
        stdin: impl Into<Vec<u8>>,
    ) -> Result<RemoteCommand, NotSent> {
        let arguments: Vec<Vec<u8>> = arguments.into_iter().map(|a| a.as_ref().to_vec()).collect();
        match arguments.first() {
            None => return Err(NotSent::Empty),
            Some(program) if program.is_empty() => return Err(NotSent::Empty),
            Some(program) if program.starts_with(b"-") => return Err(NotSent::Dash),
            Some(_) => {}
        }
        if let Some(at) = arguments.iter().position(|argument| argument.contains(&0)) {
            return Err(NotSent::Zero(at));
        }
        Ok(RemoteCommand { arguments, stdin: stdin.into(), terminal: (0, 0) })
    }

    /// The same on a terminal of its own, of so many columns and rows; it then reads what is typed there.
    #[must_use]
    pub fn on_terminal(self, columns: u16, rows: u16) -> RemoteCommand {
        RemoteCommand { terminal: (columns.max(1), rows.max(1)), ..self }
    }

    /// As the wrapper reads it.
    pub(super) fn sent(&self) -> Vec<u8> {
        let mut text = format!("n {}\n", self.arguments.len());
        for argument in &self.arguments {
            for byte in argument {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                        text.push(char::from(*byte));
                    }
                    // Octal: the one escape that every printf knows in the same way.
                    _ => {
                        let _ = write!(text, "\\0{byte:03o}");
                    }
                }
            }
            text.push('\n');
        }
        let (columns, rows) = self.terminal;
        let _ = writeln!(text, "t {columns} {rows}");
        let _ = writeln!(text, "s {}", self.stdin.len());
        let mut sent = text.into_bytes();
        sent.extend_from_slice(&self.stdin);
        sent
    }
}

/// The request that runs the wrapper with these words of ours. The wrapper is
/// read from standard input byte by byte (`dd bs=1`), so that what follows is
/// left; half of it is no program and does nothing.
pub(super) fn request(arguments: &[&str], input: &[u8]) -> Command {
    let length = WRAPPER.len();
    let line = format!(
        "exec sh -c 'script=$(dd bs=1 count={length} 2>/dev/null); eval \"$script\"' sh {}",
        arguments.join(" ")
    );
    let mut stdin = WRAPPER.clone().into_bytes();
    stdin.extend_from_slice(input);
    Command { stdin, ..Command::new(line) }
}

/// Reads an answer; `None` when it is none.
pub(super) fn answer(output: &Output) -> Option<Answered> {
    if !output.success() {
        return None;
    }
    let end = output.stdout.iter().position(|byte| *byte == b'\n')?;
    let (head, bytes) = output.stdout.split_at_checked(end)?;
    let head = std::str::from_utf8(head).ok()?;
    let mut words = head.splitn(7, ' ');
    if (words.next(), words.next()) != (Some("shopfloor-detached"), Some("2")) {
        return None;
    }
    let (state, code) = (words.next()?, words.next()?);
    let state = match state {
        "nowhere" => State::Nowhere,
        "bare" => State::Bare,
        "absent" => State::Absent,
        "none" => State::NotBegun,
        "running" => State::Running,
        "ended" => State::Ended(match code.strip_prefix('s') {
            Some(number) => End::Signal(number.parse().ok()?),
            None => End::Exit(code.parse().ok()?),
        }),
        "lost" => State::Lost,
        "incomplete" => State::Incomplete,
        _ => return None,
    };
    Some(Answered {
        state,
        size: words.next()?.parse().ok()?,
        terminal: match words.next()? {
            "hides" => TerminalState::Hides,
            "shows" => TerminalState::Shows,
            _ => TerminalState::None,
        },
        directory: printable(words.next().unwrap_or("-")),
        bytes: bytes.get(1..).unwrap_or_default().to_vec(),
    })
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod shell_tests;
