//! What the child writes, from its terminal to the disk. Nothing is shown
//! before it is written: watchers read the file. Nobody but the disk can slow
//! the child down, and a full disk does not: what cannot be kept is counted.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::sync::watch;

use super::journal_file::{copy_into_place, is_same};
use super::machine;
use super::prompts::LONGEST;
use super::store::Runs;

/// Read from the terminal at once.
const BUFFER: usize = 64 * 1024;
/// Output that waits in memory for room on the disk, at most.
const WAITING: usize = 4 * 1024 * 1024;
/// How often a full disk is tried again, and how often arrival times are written.
const PACE: Duration = Duration::from_millis(100);

/// What is known of the output while it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes that are in the file.
    pub written: u64,
    /// Nothing more can come: nobody has the terminal open.
    pub is_over: bool,
    /// Some of what came is not in the file: the disk refuses it.
    pub is_behind: bool,
}

/// The unfinished last line, and since when nothing came.
#[derive(Debug, Clone)]
pub struct Tail {
    /// The bytes after the last line end; more than [`LONGEST`] of them are cut at the front.
    pub line: Vec<u8>,
    /// When something last came.
    pub at: Instant,
    /// Counts the times that something came.
    pub turn: u64,
}

/// What is done with output that a full disk does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// Some waits in memory, the rest is counted and dropped: nobody else has it,
    /// and who wrote it is not to be held up.
    Drop,
    /// It is read no further until there is room: whoever it comes from keeps it.
    Wait,
}

/// Output that could not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Where in the file it would have stood.
    pub offset: u64,
    /// How many bytes.
    pub bytes: u64,
    /// What the disk said.
    pub why: String,
}

struct Files {
    output: File,
    times: File,
}

/// The output of a run as it is kept. Shared between the thread that reads the
/// terminal and whoever asks.
pub struct Keeper {
    runs: Runs,
    path: PathBuf,
    files: Mutex<Files>,
    tail: Mutex<Tail>,
    gaps: Mutex<Vec<Gap>>,
    refusal: Mutex<String>,
    progress: watch::Sender<Progress>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that failed while it held the lock leaves whole values here.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Keeper {
    /// Makes the files of a run's output.
    ///
    /// # Errors
    /// What the disk says.
    pub fn create(runs: &Runs, run: u64) -> io::Result<Arc<Keeper>> {
        let path = runs.directory(run).join("output");
        let output = runs.open_to_append(&path)?;
        let times = runs.open_to_append(&path.with_extension("times"))?;
        let written = output.metadata()?.len();
        Ok(Arc::new(Keeper {
            runs: runs.clone(),
            path,
            files: Mutex::new(Files { output, times }),
            tail: Mutex::new(Tail { line: Vec::new(), at: Instant::now(), turn: 0 }),
            gaps: Mutex::new(Vec::new()),
            refusal: Mutex::default(),
            progress: watch::Sender::new(Progress { written, ..Progress::default() }),
        }))
    }

    /// How far it is, and news of it.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// The unfinished last line.
    pub fn tail(&self) -> Tail {
        lock(&self.tail).clone()
    }

    /// What could not be kept since last asked.
    pub fn take_gaps(&self) -> Vec<Gap> {
        std::mem::take(&mut *lock(&self.gaps))
    }

    /// What the disk said when it last refused something.
    pub fn refusal(&self) -> String {
        lock(&self.refusal).clone()
    }

    /// Puts what is written so far on stable storage; how much that is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn sync(&self) -> io::Result<u64> {
        let written = self.progress.borrow().written;
        let file = lock(&self.files).output.try_clone()?;
        file.sync_data()?;
        Ok(written)
    }

    /// Reads the terminal, or whatever else, to its end on a thread of its own.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(self: &Arc<Keeper>, from: OwnedFd, when_full: WhenFull) -> io::Result<()> {
        let keeper = Arc::clone(self);
        std::thread::Builder::new()
            .name("output".into())
            .spawn(move || Reading::new(&keeper, when_full).read_all(&from))
            .map(|_| ())
    }

    /// Puts the files back where they belong if somebody removed them; whether that was so.
    ///
    /// # Errors
    /// What the disk says.
    pub fn restore(&self) -> io::Result<bool> {
        let mut files = lock(&self.files);
        if is_same(&files.output, &self.path) {
            return Ok(false);
        }
        files.output = copy_into_place(&self.runs, &files.output, &self.path)?;
        files.times =
            copy_into_place(&self.runs, &files.times, &self.path.with_extension("times"))?;
        Ok(true)
    }
}

/// The reading thread's own.
struct Reading<'a> {
    keeper: &'a Keeper,
    /// What waits for room on the disk.
    waiting: Vec<u8>,
    /// What was dropped because too much waited.
    dropped: u64,
    why: String,
    when_full: WhenFull,
    tried: Instant,
    timed: Option<Instant>,
}

impl Reading<'_> {
    fn new(keeper: &Keeper, when_full: WhenFull) -> Reading<'_> {
        Reading {
            keeper,
            waiting: Vec::new(),
            dropped: 0,
            why: String::new(),
            when_full,
            tried: Instant::now(),
            timed: None,
        }
    }

    fn read_all(mut self, terminal: &OwnedFd) {
        let mut buffer = vec![0; BUFFER];
        loop {
            let mut filled = 0;
            let is_over = loop {
                let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) else {
                    break false;
                };
                match rustix::io::read(terminal, room) {
                    Ok(0) => break true,
                    Ok(count) => filled += count,
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) if filled > 0 => break false,
                    Err(Errno::AGAIN) => self.wait(terminal),
                    // The end of a pseudo-terminal is the error EIO.
                    Err(_) => break true,
                }
            };
            if let Some(bytes) = buffer.get(..filled).filter(|bytes| !bytes.is_empty()) {
                self.take(bytes);
            }
            if is_over {
                self.finish();
                return;
            }
        }
    }

    /// Waits for the child; a full disk is tried again meanwhile.
    fn wait(&mut self, terminal: &OwnedFd) {
        let mut wanted = [PollFd::new(terminal, PollFlags::IN)];
        let pace = rustix::time::Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        let timeout = (!self.waiting.is_empty()).then_some(&pace);
        // Interrupted or not, the next read tells.
        let _ = poll(&mut wanted, timeout);
        self.retry();
    }

    fn take(&mut self, bytes: &[u8]) {
        self.note_tail(bytes);
        if self.when_full == WhenFull::Wait {
            self.take_all(bytes);
        } else if self.waiting.is_empty() {
            if let Err((rest, error)) = self.write(bytes) {
                self.refused(&error);
                self.keep(bytes.get(rest..).unwrap_or_default());
            }
        } else {
            self.keep(bytes);
            if self.tried.elapsed() >= PACE {
                self.retry();
            }
        }
    }

    /// Writes all of it, however long that takes.
    fn take_all(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Err((at, error)) = self.write(rest) {
            self.refused(&error);
            rest = rest.get(at..).unwrap_or_default();
            self.keeper.progress.send_modify(|progress| progress.is_behind = true);
            std::thread::sleep(PACE);
        }
        self.keeper.progress.send_if_modified(|progress| std::mem::take(&mut progress.is_behind));
    }

    fn refused(&mut self, error: &io::Error) {
        self.why = error.to_string();
        lock(&self.keeper.refusal).clone_from(&self.why);
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.keeper.progress.send_modify(|progress| progress.is_behind = true);
        if self.dropped == 0 && self.waiting.len() + bytes.len() <= WAITING {
            self.waiting.extend_from_slice(bytes);
        } else {
            self.dropped += bytes.len() as u64;
        }
    }

    fn retry(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        self.tried = Instant::now();
        let waiting = std::mem::take(&mut self.waiting);
        match self.write(&waiting) {
            Ok(()) => self.tell_gap(),
            Err((rest, error)) => {
                self.refused(&error);
                self.waiting = waiting.get(rest..).unwrap_or_default().to_vec();
            }
        }
    }

    fn tell_gap(&mut self) {
        let bytes = std::mem::take(&mut self.dropped);
        if bytes > 0 {
            let offset = self.keeper.progress.borrow().written;
            lock(&self.keeper.gaps).push(Gap { offset, bytes, why: self.why.clone() });
        }
        self.keeper.progress.send_modify(|progress| progress.is_behind = false);
    }

    /// Writes and tells how far it is; what is left and why when the disk refuses.
    fn write(&mut self, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
        let mut files = lock(&self.keeper.files);
        let start = self.keeper.progress.borrow().written;
        if self.timed.is_none_or(|at| at.elapsed() >= PACE) {
            // A time that cannot be written is missed by nobody but the time column.
            let _ = writeln!(files.times, "{start} {}", machine::now().0);
            self.timed = Some(Instant::now());
        }
        let mut at = 0;
        let result = loop {
            let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { break Ok(()) };
            match files.output.write(rest) {
                Ok(0) => break Err((at, io::ErrorKind::WriteZero.into())),
                Ok(count) => at += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err((at, error)),
            }
        };
        drop(files);
        if at > 0 {
            self.keeper.progress.send_modify(|progress| progress.written = start + at as u64);
        }
        result
    }

    fn note_tail(&self, bytes: &[u8]) {
        let mut tail = lock(&self.keeper.tail);
        tail.at = Instant::now();
        tail.turn += 1;
        let fresh = match memchr::memrchr(b'\n', bytes) {
            Some(end) => {
                tail.line.clear();
                bytes.get(end + 1..).unwrap_or_default()
            }
            None => bytes,
        };
        tail.line.extend_from_slice(fresh);
        // One more than the longest prompt: too long is seen, and bounded.
        let excess = tail.line.len().saturating_sub(LONGEST + 1);
        tail.line.drain(..excess);
    }

    fn finish(mut self) {
        for _ in 0..100 {
            self.retry();
            if self.waiting.is_empty() {
                break;
            }
            std::thread::sleep(PACE);
        }
        self.dropped += std::mem::take(&mut self.waiting).len() as u64;
        self.tell_gap();
        self.keeper.progress.send_modify(|progress| progress.is_over = true);
    }
}
