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
mod wire;

use std::sync::Arc;
use std::time::Duration;

use crate::domain::endpoint::SshEndpoint;
use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord};
use crate::transport::ssh::{Command, Output, SshPool, Status};

pub use follow::{Followed, follow};
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
    /// The host knows nothing of it.
    Absent,
    /// The command arrived and was not begun.
    NotBegun,
    /// It runs.
    Running,
    /// It ended with this status; from 128 on, less 128, it is a signal's number as a shell tells it.
    Ended(i32),
    /// It was begun, and who waited for its end is gone: how it ended is not known.
    Lost,
    /// The command did not arrive whole; nothing was begun.
    Incomplete,
}

/// An answer of the wrapper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What the host knows.
    pub state: State,
    /// How many bytes it has printed so far.
    pub size: u64,
    /// Where the host keeps it; printable.
    pub directory: String,
    /// What was fetched.
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

    /// What it printed from `offset` on, at most [`CHUNK`] bytes; waits for the first byte at most `wait`.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn fetch(&self, offset: u64, wait: Duration) -> Result<Answered, Cause> {
        let (offset, limit) = (offset.to_string(), CHUNK.to_string());
        let tenths = (wait.as_millis() / 100).to_string();
        let arguments = ["fetch", self.attempt.as_str(), &offset, &limit, &tenths];
        self.ask(&arguments, &[], wait).await
    }

    /// Sends a signal to the whole process group of the command.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn stop(&self, signal: StopSignal) -> Result<Answered, Cause> {
        self.ask(&["stop", self.attempt.as_str(), signal.word()], &[], Duration::ZERO).await
    }

    /// Forgets the attempt on the host; one that still runs stays.
    ///
    /// # Errors
    /// As [`Detached::start`].
    pub async fn remove(&self) -> Result<Answered, Cause> {
        self.ask(&["remove", self.attempt.as_str()], &[], Duration::ZERO).await
    }

    /// Runs the command on the line itself, for a host that can keep nothing:
    /// a cut ends the knowledge of it. Its output comes at its end.
    ///
    /// # Errors
    /// When it was cut (how it ended is not known), could not be run, ran
    /// longer than `limit` or printed more than the pool allows.
    pub async fn attached(
        &self,
        command: &RemoteCommand,
        limit: Duration,
    ) -> Result<Output, Cause> {
        let mut request = wire::request(&["attached"], &command.sent());
        request.timeout = limit;
        request.max_output = usize::MAX;
        self.pool.run(&self.endpoint, &request).await
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
