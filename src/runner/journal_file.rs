//! The journal on the disk: one writer, every line on stable storage before
//! the act that depends on it.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::install::journal::{self, Chain, Entry, Event, Run};

use super::machine;
use super::store::Runs;

/// Room that is kept for the journal, for the day the disk is full.
const RESERVE: usize = 64 * 1024;

/// Lines that wait for room at most; what comes then is dropped and counted in the log.
const WAITING: usize = 1_000;

/// The journal of a run, open for writing. Locked for as long as it is: a
/// journal that nobody has locked has no runner.
#[derive(Debug)]
pub struct Journal {
    file: File,
    directory: PathBuf,
    chain: Chain,
    length: u64,
    state: Run,
    waiting: VecDeque<Event>,
}

impl Journal {
    /// Makes the journal of a new run.
    ///
    /// # Errors
    /// What the disk says.
    pub fn create(runs: &Runs, run: u64) -> io::Result<Journal> {
        let directory = runs.directory(run);
        keep_reserve(runs, &directory)?;
        let file = runs.open_to_append(&directory.join("journal.jsonl"))?;
        flock(&file, FlockOperation::LockExclusive)?;
        let journal = Journal {
            file,
            directory,
            chain: Chain::default(),
            length: 0,
            state: Run::default(),
            waiting: VecDeque::new(),
        };
        // The names must outlive a power failure as well.
        sync_directory(&journal.directory)?;
        sync_directory(&runs.state().join("runs"))?;
        Ok(journal)
    }

    /// Opens the journal of a run whose runner is gone; a torn tail is cut off.
    ///
    /// # Errors
    /// When its runner lives, or it cannot be trusted, or what the disk says.
    pub fn reopen(runs: &Runs, run: u64) -> io::Result<Journal> {
        let directory = runs.directory(run);
        let path = directory.join("journal.jsonl");
        // Not made where it is missing.
        let mut file = runs.open_to_read(&path).and_then(|_| runs.open_to_append(&path))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let read =
            journal::read(&bytes).map_err(|(trouble, _)| io::Error::other(trouble.to_string()))?;
        file.set_len(read.bytes)?;
        Ok(Journal {
            file,
            directory,
            state: journal::fold(&read.entries),
            chain: read.chain,
            length: read.bytes,
            waiting: VecDeque::new(),
        })
    }

    /// The same to go on with the run.
    ///
    /// # Errors
    /// As [`Journal::reopen`]; and when there is no room for the reserve.
    pub fn go_on(runs: &Runs, run: u64) -> io::Result<Journal> {
        let journal = Journal::reopen(runs, run)?;
        // The runner before this one had no time to remove it.
        match fs::remove_file(journal.directory.join("socket")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if !journal.directory.join("reserve").exists() {
            keep_reserve(runs, &journal.directory)?;
        }
        Ok(journal)
    }

    /// Writes down what happened and returns when it is on stable storage.
    ///
    /// # Errors
    /// What the disk says; the line then waits for [`Journal::retry`] and the
    /// state already knows of it.
    pub fn append(&mut self, event: Event) -> io::Result<()> {
        let at = machine::now();
        if !self.waiting.is_empty() {
            let _ = self.retry();
        }
        let result = if self.waiting.is_empty() {
            self.write(&event)
        } else {
            Err(io::ErrorKind::StorageFull.into())
        };
        if let Err(error) = result {
            self.state.take(&Entry { seq: self.chain.seq, at, event: event.clone() });
            if self.waiting.len() < WAITING {
                self.waiting.push_back(event);
            } else {
                tracing::error!(?event, "a line of the journal is lost: {error}");
            }
            return Err(error);
        }
        Ok(())
    }

    /// Writes what waits for room.
    ///
    /// # Errors
    /// What the disk says.
    pub fn retry(&mut self) -> io::Result<()> {
        while let Some(event) = self.waiting.front().cloned() {
            let entry = self.write_line(&event)?;
            if let (Event::PromptSeen { .. }, Some(prompt)) = (&event, &mut self.state.prompt) {
                prompt.seq = entry.seq;
            }
            self.waiting.pop_front();
        }
        Ok(())
    }

    /// Lines that are not on the disk yet.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn write(&mut self, event: &Event) -> io::Result<()> {
        let entry = self.write_line(event)?;
        self.state.take(&entry);
        Ok(())
    }

    fn write_line(&mut self, event: &Event) -> io::Result<Entry> {
        let at = machine::now();
        let (line, chain) = self.chain.line(at, event).map_err(io::Error::other)?;
        let mut written = self.try_write(&line);
        if written.is_err() && fs::remove_file(self.directory.join("reserve")).is_ok() {
            written = self.try_write(&line);
        }
        written?;
        self.chain = chain;
        self.length += line.len() as u64;
        Ok(Entry { seq: self.chain.seq, at, event: event.clone() })
    }

    fn try_write(&mut self, line: &[u8]) -> io::Result<()> {
        let result = self.file.write_all(line).and_then(|()| self.file.sync_data());
        if result.is_err() {
            // What came of the line goes again, so that the next one follows a whole one.
            self.file.set_len(self.length)?;
        }
        result
    }

    /// The state so far.
    pub fn state(&self) -> &Run {
        &self.state
    }

    /// Bytes that are written.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The run's folder.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether the file is still where it belongs.
    pub fn is_in_place(&self) -> bool {
        is_same(&self.file, &self.directory.join("journal.jsonl"))
    }

    /// Puts everything written so far into a new file where it belongs.
    ///
    /// # Errors
    /// What the disk says.
    pub fn restore(&mut self, runs: &Runs) -> io::Result<()> {
        let restored = copy_into_place(runs, &self.file, &self.directory.join("journal.jsonl"))?;
        flock(&restored, FlockOperation::LockExclusive)?;
        self.file = restored;
        Ok(())
    }

    /// The room kept for bad days is given back when the run is over, and nobody is to connect any more.
    pub fn close(self) {
        // Either may be gone already.
        let _ = fs::remove_file(self.directory.join("socket"));
        let _ = fs::remove_file(self.directory.join("reserve"));
    }
}

fn keep_reserve(runs: &Runs, directory: &Path) -> io::Result<()> {
    let mut reserve = runs.open_to_append(&directory.join("reserve"))?;
    reserve.write_all(&[0; RESERVE])?;
    reserve.sync_all()
}

/// Whether the open file is what stands at `path`.
pub fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(there)) => open.dev() == there.dev() && open.ino() == there.ino(),
        _ => false,
    }
}

/// Copies a file that was removed while open back to its path.
///
/// # Errors
/// What the disk says.
pub fn copy_into_place(runs: &Runs, from: &File, path: &Path) -> io::Result<File> {
    use std::os::unix::fs::FileExt as _;
    let mut to = runs.open_to_append(path)?;
    to.set_len(0)?;
    let (mut at, mut buffer) = (0, vec![0; 256 * 1024]);
    loop {
        let count = from.read_at(&mut buffer, at)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else { break };
        to.write_all(part)?;
        at += count as u64;
    }
    to.sync_data()?;
    Ok(to)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
