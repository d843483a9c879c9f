//! What was seen, kept: facts, probes and verdicts as changes in a SQLite
//! file of the site's state directory.
//!
//! One thread of one console owns the connection that writes ([`writer`]);
//! the other consoles of the same site read, and one of them takes over when
//! the first ends ([`lease`]). `schema` has the tables, `store` decides what
//! is a difference, `upkeep` thins and bounds, `reader` answers questions.
//! How much is kept is data ([`limits`]).

pub mod lease;
pub mod limits;
pub mod plot;
pub mod reader;
pub mod schema;
pub mod store;
#[cfg(test)]
mod tests;
pub mod thinning;
pub mod upkeep;
pub mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};

use tokio::sync::mpsc;

use crate::app::Msg;
use crate::app::history::{HistoryNews, Past, SinceQuestion, Turn};
use crate::app::verdicts::Verdicts;
use crate::domain::{Answer, ProbeId, Stamp};

/// The file of the history in a site's state directory.
pub const FILE: &str = "history.sqlite";

/// Answers and verdicts that may wait for the writer: some minutes of a site
/// of 148 hosts. What comes when it is full is counted and told.
const QUEUE: usize = 4096;

/// How long a question waits for what was seen last to be written.
const COMMITTED: std::time::Duration = std::time::Duration::from_millis(500);

/// What the writer is given.
#[derive(Debug)]
pub enum Note {
    /// An answer came.
    Answered(ProbeId, Answer, Stamp),
    /// Verdicts turned, or are all told again.
    Turned(Vec<Turn>),
    /// Somebody asks: what waits is put where it can be read.
    Commit(SyncSender<()>),
    /// The console ends; what waits is written.
    Close(SyncSender<()>),
}

/// What the loop and the writer know of each other.
#[derive(Debug, Default)]
pub struct Shared {
    /// Notes that did not fit into the queue and were not told yet.
    lost: AtomicU64,
    /// Whether the writer wants all verdicts told again.
    wants_verdicts: AtomicBool,
}

/// The side of the history that the loop talks to.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    notes: SyncSender<Note>,
    shared: Arc<Shared>,
    to: mpsc::Sender<Msg>,
}

impl History {
    /// Starts the writer on the history in this directory. What was kept
    /// before, and any trouble, comes as messages.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(directory: &Path, to: mpsc::Sender<Msg>) -> std::io::Result<History> {
        let path = directory.join(FILE);
        let (notes, inbox) = sync_channel(QUEUE);
        let shared = Arc::new(Shared::default());
        let writer = writer::Writer::new(path.clone(), Arc::clone(&shared), to.clone());
        std::thread::Builder::new().name("history".into()).spawn(move || writer.run(&inbox))?;
        Ok(History { path, notes, shared, to })
    }

    /// Notes an answer.
    pub fn answered(&self, id: &ProbeId, answer: &Answer, at: Stamp) {
        self.note(Note::Answered(id.clone(), answer.clone(), at));
    }

    /// Notes verdicts.
    pub fn turned(&self, turns: Vec<Turn>) {
        self.note(Note::Turned(turns));
    }

    fn note(&self, note: Note) {
        if let Err(TrySendError::Full(note)) = self.notes.try_send(note) {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            if matches!(note, Note::Turned(_)) {
                // An answer comes again by itself; a verdict only when it turns.
                self.shared.wants_verdicts.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Tells all verdicts, when some were lost or the writer has just begun.
    pub fn tell_again(&self, verdicts: &Verdicts, now: Stamp) {
        if self.shared.wants_verdicts.swap(false, Ordering::Relaxed) {
            self.turned(verdicts.as_turns(now));
        }
    }

    /// Answers a question in the background.
    pub fn ask(&self, question: SinceQuestion) {
        let (path, to) = (self.path.clone(), self.to.clone());
        let (done, written) = sync_channel(1);
        let waits = self.notes.try_send(Note::Commit(done)).is_ok();
        tokio::task::spawn_blocking(move || {
            // What was seen a moment ago belongs to the answer; a slow disk must not hold it up.
            if waits {
                let _ = written.recv_timeout(COMMITTED);
            }
            let told = reader::since(&path, &question).map_err(|trouble| trouble.to_string());
            // The loop is gone when this fails; nobody is left to tell.
            let _ = to.blocking_send(Msg::History(HistoryNews::Since(question, told)));
        });
    }

    /// Writes what waits; waits for that at most `patience`.
    pub fn close(self, patience: std::time::Duration) {
        let (done, written) = sync_channel(1);
        if self.notes.try_send(Note::Close(done)).is_ok() {
            let _ = written.recv_timeout(patience);
        }
    }
}

/// What was kept of a site, for a look without a screen; nothing is written.
///
/// # Errors
/// One sentence when there is a history that cannot be read.
pub fn read_past(directory: &Path) -> Result<Option<Past>, String> {
    reader::past(&directory.join(FILE)).map_err(|trouble| trouble.to_string())
}

/// What a look without a screen saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// The answers, in the order in which they came.
    pub answers: Vec<(ProbeId, Answer, Stamp)>,
    /// The verdicts at its end.
    pub verdicts: Vec<Turn>,
}

/// Keeps what a look without a screen saw. Where a console of the site writes,
/// that one keeps it: what it sees is as new, and there is one writer.
///
/// # Errors
/// One sentence when nothing could be kept.
pub fn keep_once(directory: &Path, seen: &Seen, now: Stamp) -> Result<(), String> {
    let path = directory.join(FILE);
    let _lease = match lease::Lease::take(&path.with_extension("lock")) {
        Ok(lease) => lease,
        Err(lease::NoLease::Taken(_)) => return Ok(()),
        Err(lease::NoLease::Trouble(error)) => {
            return Err(schema::HistoryTrouble::Io { path, error }.to_string());
        }
    };
    let limits = limits::Limits::of_release();
    let mut store =
        store::Store::open(&path, limits, now).map_err(|trouble| trouble.to_string())?;
    let mut write = || {
        for (id, answer, at) in &seen.answers {
            store.answer(id, answer, *at)?;
        }
        for turn in &seen.verdicts {
            store.turn(turn)?;
        }
        store.commit(now)
    };
    write().map_err(|error| schema::HistoryTrouble::of(&path, error).to_string())
}
