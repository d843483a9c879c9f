//! A watcher's side of a run's socket.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc;

use super::protocol::{self, Frame, Hello, VERSION, Welcome};
use super::store::{Known, Runs};
use crate::install::journal::{self, Chain, Entry, Run};

/// How long a runner may take to greet us. It does so in milliseconds, under load
/// in a second or two; one that is stopped or swapped out never would.
const GREETING: Duration = Duration::from_secs(10);

/// Frames that may wait here; the runner waits in turn, and nothing else does.
const QUEUE: usize = 64;

/// The path of a run's socket that fits into an address, however deep the
/// directory lies. Good for as long as the file is open.
///
/// # Errors
/// When there is no such directory.
pub fn socket_path(directory: &Path) -> io::Result<(File, String)> {
    let opened = File::open(directory)?;
    let path = format!("/proc/self/fd/{}/socket", opened.as_raw_fd());
    Ok((opened, path))
}

/// A connection to a run.
pub struct Client {
    /// Who the runner takes us for, and the like.
    pub welcome: Welcome,
    /// Whose process the runner is.
    pub owner: u32,
    frames: mpsc::Receiver<Frame>,
    to: OwnedWriteHalf,
}

impl Client {
    /// Connects to a run's runner.
    ///
    /// # Errors
    /// One sentence: nobody is there, or it speaks another version.
    pub async fn connect(runs: &Runs, run: u64, hello: Hello) -> Result<Client, String> {
        match Client::connect_as(runs, run, hello.clone()).await? {
            Ok(client) => Ok(client),
            // Runners of before version 2 take nothing but their own number.
            Err(_) if hello.version > 1 => {
                let older = Hello { version: 1, ..hello };
                Client::connect_as(runs, run, older).await?
            }
            Err(sentence) => Err(sentence),
        }
    }

    /// What the difference of versions costs, in one sentence; `None` where there is none.
    pub fn difference(&self) -> Option<String> {
        let theirs = self.welcome.version;
        let run = self.welcome.run;
        (theirs != VERSION).then(|| {
            format!(
                "run {run} was started by another shopfloor (protocol {theirs}, this one speaks {VERSION}): \
                 its output is shown; answering prompts by name and consoles need the one that started it"
            )
        })
    }

    async fn connect_as(
        runs: &Runs,
        run: u64,
        hello: Hello,
    ) -> Result<Result<Client, String>, String> {
        let gone = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                format!(
                    "the runner of run {run} is gone; `shopfloor run show {run}` says what is known"
                )
            }
            io::ErrorKind::PermissionDenied => format!("run {run} belongs to another user"),
            _ => format!("run {run} cannot be reached: {error}"),
        };
        let (_open, path) = socket_path(&runs.directory(run)).map_err(gone)?;
        let stream = UnixStream::connect(&path).await.map_err(gone)?;
        let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
        is_runner(&stream, &known)?;
        let (mut from, mut to) = stream.into_split();
        let greeted = tokio::time::timeout(GREETING, async {
            protocol::send(&mut to, &Frame::Hello(hello)).await?;
            protocol::receive(&mut from).await
        });
        let silent = |_| {
            let process = known.run.runner.map_or_else(String::new, |pid| format!(" {pid}"));
            format!(
                "the runner of run {run} is there (process{process}) and does not answer for {} s; \
                 if it is stopped, `kill -CONT{process}` lets it go on",
                GREETING.as_secs()
            )
        };
        let welcome = match greeted.await.map_err(silent)?.map_err(gone)? {
            Some(Frame::Welcome(welcome)) => welcome,
            Some(Frame::Reply(reply)) => return Ok(Err(reply.sentence)),
            _ => return Err(format!("the runner of run {run} hung up")),
        };
        let (sender, frames) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            while let Ok(Some(frame)) = protocol::receive(&mut from).await {
                if sender.send(frame).await.is_err() {
                    return;
                }
            }
        });
        Ok(Ok(Client { welcome, frames, to, owner: known.owner }))
    }

    /// The next frame; `None` when the runner is gone.
    pub async fn next(&mut self) -> Option<Frame> {
        self.frames.recv().await
    }

    /// The two directions for tasks of their own.
    pub fn split(self) -> (mpsc::Receiver<Frame>, OwnedWriteHalf) {
        (self.frames, self.to)
    }

    /// A frame that waits already.
    pub fn waiting(&mut self) -> Option<Frame> {
        self.frames.try_recv().ok()
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// When the runner is gone, or too old for it.
    pub async fn send(&mut self, frame: &Frame) -> io::Result<()> {
        if frame.since() > self.welcome.version {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                self.difference().unwrap_or_default(),
            ));
        }
        protocol::send(&mut self.to, frame).await
    }
}

/// Asks the kernel who listens: nothing is told to anybody but the run's own runner.
fn is_runner(stream: &UnixStream, known: &Known) -> Result<(), String> {
    let run = known.run.id;
    let peer =
        stream.peer_cred().map_err(|error| format!("run {run} cannot be reached: {error}"))?;
    if peer.uid() == known.owner && peer.pid() == known.run.runner {
        return Ok(());
    }
    Err(format!(
        "who answers for run {run} is not its runner (process {}, uid {}); nothing was sent to it",
        peer.pid().unwrap_or(0),
        peer.uid()
    ))
}

/// The state of a run as its journal comes in.
#[derive(Debug, Default)]
pub struct Following {
    /// The state so far.
    pub run: Run,
    chain: Chain,
    rest: Vec<u8>,
}

impl Following {
    /// Takes in what came of the journal; the new lines come back.
    ///
    /// # Errors
    /// What is wrong with the journal.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<Entry>, journal::Trouble> {
        self.rest.extend_from_slice(bytes);
        let mut entries = Vec::new();
        while let Some(end) = memchr::memchr(b'\n', &self.rest) {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let (entry, chain) =
                journal::line::next(&self.chain, line.strip_suffix(b"\n").unwrap_or(&line))?;
            self.run.take(&entry);
            self.chain = chain;
            entries.push(entry);
        }
        Ok(entries)
    }
}
