//! Commands on a host that outlive the line over which they were started.
//!
//! A small wrapper (`assets/runner/detached.sh`) goes along with every
//! request. It keeps output and exit status of an *attempt* in a directory of
//! the account (0700) until they are fetched and removed. A start is repeated
//! without harm: an attempt that has begun never begins again. So a cut line,
//! at any byte, loses neither output nor exit status; [`follow`] goes on from
//! the byte it has. Where the host cannot keep files the command runs on the
//! line itself, that is said, and a cut makes its end *unknown*.

pub mod follow;
pub mod sweep;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use crate::domain::endpoint::SshEndpoint;
use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord};
use crate::install::journal::Process;
use crate::inventory::Settings;
use crate::transport::ssh::{
    Command, Output, SshPool, SshSettings, Status, TerminalReader, TerminalRequest, TerminalWriter,
};

use super::order::text_without_secrets;

pub use follow::{Followed, Follower, From, News, Patience, follow};
pub use wire::{NotSent, RemoteCommand};

/// How long one request may take besides what it waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that one fetch brings, in bytes.
pub const CHUNK: usize = 256 << 10;

/// The name of an attempt: letters, digits, `-` and `.`, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttemptId(String);

impl AttemptId {
    /// The attempt of that name; `None` when it cannot be one.
    pub fn new(name: &str) -> Option<AttemptId> {
        let is_good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let starts = name.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
        (starts && name.len() <= 64 && name.chars().all(is_good))
            .then(|| AttemptId(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the host knows of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The host has no place in which it could keep anything.
    Nowhere,
    /// The host has nothing that gives a terminal to a command that outlives the line.
    Bare,
    /// The host knows nothing of it.
    Absent,
    /// The command arrived and was not begun.
    NotBegun,
    /// It runs.
    Running,
    /// It ended.
    Ended(End),
    /// It was begun, and who waited for its end is gone: how it ended is not known.
    Lost,
    /// The command did not arrive whole; nothing was begun.
    Incomplete,
}

/// How a command on a host ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status. Where the host has neither perl nor python
    /// and its shell says nothing of a signal, from 128 on it may be a signal's number more.
    Exit(i32),
    /// By the signal of this number.
    Signal(i32),
}

/// The terminal of a command on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TerminalState {
    /// It has none, or none any more.
    #[default]
    None,
    /// It takes a line and shows nothing of it.
    Hides,
    /// It shows what is typed, or takes keys one by one.
    Shows,
}

impl TerminalState {
    /// As the wrapper says it.
    const fn word(self) -> &'static str {
        match self {
            TerminalState::None => "-",
            TerminalState::Hides => "hides",
            TerminalState::Shows => "shows",
        }
    }
}

/// An answer of the wrapper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What the host knows.
    pub state: State,
    /// How many bytes it has printed so far.
    pub size: u64,
    /// How its terminal stands.
    pub terminal: TerminalState,
    /// Where the host keeps it; printable.
    pub directory: String,
    /// What was fetched, or listed.
    pub bytes: Vec<u8>,
}

/// A signal that [`Detached::stop`] sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// As Ctrl-C does.
    Int,
    /// Asks it to end.
    Term,
    /// Ends it without asking.
    Kill,
}

impl StopSignal {
    /// The name as `kill -s` has it.
    pub const fn word(self) -> &'static str {
        match self {
            StopSignal::Int => "INT",
            StopSignal::Term => "TERM",
            StopSignal::Kill => "KILL",
        }
    }
}

/// How hosts of a site are reached.
pub fn ssh_settings(settings: &Settings) -> SshSettings {
    let mut ssh = SshSettings::default();
    if let Some(file) = &settings.known_hosts {
        ssh.known_hosts.insert(0, file.clone());
    }
    ssh
}

/// One attempt on one host.
#[derive(Debug, Clone)]
pub struct Detached {
    pool: Arc<SshPool>,
    endpoint: SshEndpoint,
    attempt: AttemptId,
}

impl Detached {
    /// The attempt of that name there; nothing is asked yet.
    pub fn new(pool: Arc<SshPool>, endpoint: SshEndpoint, attempt: AttemptId) -> Detached {
        Detached { pool, endpoint, attempt }
    }

    /// Another attempt on the same host.
    #[must_use]
    pub fn of(&self, attempt: AttemptId) -> Detached {
        Detached { attempt, ..self.clone() }
    }

    /// Its name.
    pub fn attempt(&self) -> &AttemptId {
        &self.attempt
    }

    /// The host, as people call it.
    pub fn host(&self) -> &str {
        &self.endpoint.name
    }

    /// Begins the command, unless this attempt has begun already.
    ///
    /// # Errors
    /// When the host cannot be reached, the line was cut (it may have begun:
    /// start again), or it answers something else.
    pub async fn start(&self, command: &RemoteCommand) -> Result<Answered, Cause> {
        let arguments = ["start", self.attempt.as_str()];
        self.ask(&arguments, &command.sent(), Duration::ZERO).await
    }

    /// What it printed from `offset` on, at most [`CHUNK`] bytes; waits at most `wait` for the first
    /// byte, or until its terminal is no longer as `terminal` says.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn fetch(
        &self,
        offset: u64,
        wait: Duration,
        terminal: TerminalState,
    ) -> Result<Answered, Cause> {
        let (offset, limit) = (offset.to_string(), CHUNK.to_string());
        let tenths = (wait.as_millis() / 100).to_string();
        let arguments = ["fetch", self.attempt.as_str(), &offset, &limit, &tenths, terminal.word()];
        self.ask(&arguments, &[], wait).await
    }

    /// Types on its terminal.
    ///
    /// # Errors
    /// As [`Detached::start`]; whether it was typed is then not known.
    pub async fn enter(&self, bytes: &[u8]) -> Result<Answered, Cause> {
        self.ask(&["enter", self.attempt.as_str()], bytes, Duration::ZERO).await
    }

    /// Sets the size of its terminal.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn resize(&self, columns: u16, rows: u16) -> Result<Answered, Cause> {
        let (columns, rows) = (columns.max(1).to_string(), rows.max(1).to_string());
        self.ask(&["size", self.attempt.as_str(), &columns, &rows], &[], Duration::ZERO).await
    }

    /// Sends a signal to the whole process group of the command, and to
    /// whatever else bears the attempt's id; who they were.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn stop(&self, signal: StopSignal) -> Result<(Answered, Vec<Process>), Cause> {
        let arguments = ["stop", self.attempt.as_str(), signal.word()];
        let answer = self.ask(&arguments, &[], Duration::ZERO).await?;
        let processes = processes(&answer.bytes);
        Ok((answer, processes))
    }

    /// Who bears the attempt's id there.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn left(&self) -> Result<(Answered, Vec<Process>), Cause> {
        let answer = self.ask(&["left", self.attempt.as_str()], &[], Duration::ZERO).await?;
        let processes = processes(&answer.bytes);
        Ok((answer, processes))
    }

    /// The attempts that the host keeps whose names begin like this one's.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn kept(&self, prefix: &AttemptId) -> Result<Vec<AttemptId>, Cause> {
        let answer = self.ask(&["list", prefix.as_str()], &[], Duration::ZERO).await?;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        Ok(text.lines().filter_map(AttemptId::new).collect())
    }

    /// Forgets the attempt on the host; one that still runs stays.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn remove(&self) -> Result<Answered, Cause> {
        self.ask(&["remove", self.attempt.as_str()], &[], Duration::ZERO).await
    }

    /// Runs the command on the line itself, for a host that can keep nothing:
    /// a cut ends the knowledge of it. What it prints is read as it comes.
    ///
    /// # Errors
    /// When the host cannot be reached or takes no command.
    pub async fn attached(
        &self,
        command: &RemoteCommand,
    ) -> Result<(TerminalReader, TerminalWriter), Cause> {
        let request = wire::request(&["attached"], &command.sent());
        let session = TerminalRequest::plain(request.line);
        let (reader, writer) = self.pool.open_terminal(&self.endpoint, &session).await?;
        // A line that is cut meanwhile is told by the reader.
        if writer.write(&request.stdin).await {
            writer.end().await;
        }
        Ok((reader, writer))
    }

    async fn ask(
        &self,
        arguments: &[&str],
        input: &[u8],
        wait: Duration,
    ) -> Result<Answered, Cause> {
        // A wait counts in tenths that take a little longer than they say.
        let mut request: Command = wire::request(arguments, input);
        request.timeout = PATIENCE + wait * 3;
        request.max_output = CHUNK + 64 * 1024;
        let output = self.pool.run(&self.endpoint, &request).await?;
        wire::answer(&output).ok_or_else(|| self.strange(&output))
    }

    fn strange(&self, output: &Output) -> Cause {
        let host = &self.endpoint.name;
        if let Some(cause) = output.command_missing(host, "sh") {
            return cause;
        }
        let status = match &output.status {
            Status::Exited(code) => format!("exit status {code}"),
            Status::Signal(name) => format!("signal {name}"),
        };
        let first = String::from_utf8_lossy(&output.stdout);
        let first = first.lines().next().map(printable).unwrap_or_default();
        let said = output.complaint().unwrap_or(first);
        Cause::new(
            CauseWord::Garbled,
            format!("{host} does not answer as the wrapper of a remote command should ({status})"),
            format!("log in to {host} and look whether sh, dd, tail, head and mktemp work"),
        )
        .with_detail(said)
    }
}

/// Reads the lines `NUMBER COMMAND` of who is left.
fn processes(bytes: &[u8]) -> Vec<Process> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let lines = text.lines().filter_map(|line| {
        let (pid, command) = line.split_once(' ')?;
        let command = text_without_secrets(&printable(command.trim()));
        Some(Process { pid: pid.parse().ok()?, command, since: None })
    });
    lines.collect()
}
