//! The thread that owns the connection which writes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::app::Msg;
use crate::app::history::{HistoryNews, Past};

use super::super::clock;
use super::lease::{Lease, NoLease};
use super::limits::Limits;
use super::reader;
use super::schema::HistoryTrouble;
use super::store::Store;
use super::{Note, Shared};

/// Rows wait at most this long before others can read them.
const COMMIT: Duration = Duration::from_secs(1);

/// How often the console says that it still watches.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How often a lease that another has, or a disk that was full, is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// How often the history is thinned and bounded.
const UPKEEP: Duration = Duration::from_secs(1800);

/// The writer of the history of one site in this console.
pub struct Writer {
    path: PathBuf,
    limits: Limits,
    shared: Arc<Shared>,
    to: mpsc::Sender<Msg>,
    held: Option<(Store, Lease)>,
    said: Option<String>,
    lost: u64,
    tried: Instant,
    upkept: Option<Instant>,
}

impl Writer {
    /// A writer that holds nothing yet.
    pub fn new(path: PathBuf, shared: Arc<Shared>, to: mpsc::Sender<Msg>) -> Writer {
        Writer {
            path,
            limits: Limits::of_release().clone(),
            shared,
            to,
            held: None,
            said: None,
            lost: 0,
            tried: Instant::now(),
            upkept: None,
        }
    }

    /// Writes what comes until nobody is left who could send something.
    pub fn run(mut self, inbox: &Receiver<Note>) {
        let past = match reader::past(&self.path) {
            Ok(past) => past.unwrap_or_default(),
            // Opening it to write says what is wrong.
            Err(_) => Past::default(),
        };
        self.tell(HistoryNews::Past(Box::new(past)));
        self.open();
        let (mut committed, mut beaten) = (Instant::now(), Instant::now());
        loop {
            let is_pending = self.held.as_ref().is_some_and(|(store, _)| store.is_pending());
            let wait = match (&self.held, is_pending) {
                (None, _) => AGAIN.saturating_sub(self.tried.elapsed()),
                (_, true) => COMMIT.saturating_sub(committed.elapsed()),
                (_, false) => HEARTBEAT.saturating_sub(beaten.elapsed()),
            };
            match inbox.recv_timeout(wait) {
                Ok(Note::Close(done)) => {
                    self.commit();
                    let _ = done.send(());
                    return;
                }
                Ok(Note::Commit(done)) => {
                    self.commit();
                    let _ = done.send(());
                }
                Ok(note) => {
                    if !is_pending {
                        committed = Instant::now();
                    }
                    self.take(&note);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.commit(),
            }
            if self.held.is_none() {
                if self.tried.elapsed() >= AGAIN {
                    self.open();
                }
                continue;
            }
            let is_due = is_pending && committed.elapsed() >= COMMIT;
            if is_due || beaten.elapsed() >= HEARTBEAT {
                self.say_lost();
                self.commit();
                (committed, beaten) = (Instant::now(), Instant::now());
            }
            if self.upkept.is_none_or(|at| at.elapsed() >= UPKEEP) {
                self.keep_up();
            }
        }
    }

    /// Takes the lease and opens the file, or says why not.
    fn open(&mut self) {
        self.tried = Instant::now();
        let lease = match Lease::take(&self.path.with_extension("lock")) {
            Ok(lease) => lease,
            Err(NoLease::Taken(pid)) => {
                let who = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
                tracing::info!("another console{who} keeps the history of this site");
                // Everything is kept, by another: nothing an operator has to do.
                return self.say(None);
            }
            Err(NoLease::Trouble(error)) => {
                let trouble = HistoryTrouble::Io { path: self.path.clone(), error };
                return self.say(Some(trouble.to_string()));
            }
        };
        let opened = match Store::open(&self.path, &self.limits, clock::now()) {
            Err(HistoryTrouble::Damaged { path }) => self.begin_anew(&path),
            opened => opened.map(|store| (store, None)),
        };
        match opened {
            Ok((store, sentence)) => {
                self.held = Some((store, lease));
                self.shared.wants_verdicts.store(true, Ordering::Relaxed);
                self.say(sentence);
            }
            Err(trouble) => self.say(Some(trouble.to_string())),
        }
    }

    /// Puts a damaged history aside and begins a new one.
    fn begin_anew(
        &self,
        path: &std::path::Path,
    ) -> Result<(Store, Option<String>), HistoryTrouble> {
        let time = clock::now().rfc3339().replace([':', '-'], "");
        let aside = path.with_extension(format!("damaged-{time}"));
        let io = |error| HistoryTrouble::Io { path: path.to_path_buf(), error };
        std::fs::rename(path, &aside).map_err(io)?;
        for rest in ["sqlite-wal", "sqlite-shm"] {
            // They belong to the damaged file; a new one must not read them.
            let _ = std::fs::remove_file(path.with_extension(rest));
        }
        let store = Store::open(path, &self.limits, clock::now())?;
        let sentence = format!(
            "the history was damaged and a new one was begun; the old one lies in {}",
            aside.display()
        );
        Ok((store, Some(sentence)))
    }

    fn take(&mut self, note: &Note) {
        let Some((store, _)) = &mut self.held else { return };
        let written = match note {
            Note::Answered(id, answer, at) => store.answer(id, answer, *at),
            Note::Turned(turns) => turns.iter().try_for_each(|turn| store.turn(turn)),
            Note::Commit(_) | Note::Close(_) => Ok(()),
        };
        self.look_at(written);
    }

    fn commit(&mut self) {
        let Some((store, _)) = &mut self.held else { return };
        let done = store.commit(clock::now());
        self.look_at(done);
    }

    fn keep_up(&mut self) {
        self.upkept = Some(Instant::now());
        let Some((store, _)) = &mut self.held else { return };
        let done = store.keep_up(clock::now());
        self.look_at(done);
    }

    /// What did not fit into the queue is counted in the file and told.
    fn say_lost(&mut self) {
        let lost = self.shared.lost.swap(0, Ordering::Relaxed);
        let Some((store, _)) = self.held.as_mut().filter(|_| lost > 0) else { return };
        let done = store.lost(lost, clock::now());
        self.look_at(done);
        self.lost += lost;
        let sentence = format!(
            "the history fell behind: {} answers and verdicts were not kept since the start",
            self.lost
        );
        self.say(Some(sentence));
    }

    /// After a failure the file is let go and tried again later.
    fn look_at(&mut self, done: rusqlite::Result<()>) {
        if let Err(error) = done {
            self.held = None;
            self.tried = Instant::now();
            let trouble = HistoryTrouble::of(&self.path, error);
            let sentence = match trouble {
                HistoryTrouble::Damaged { .. } => format!("{trouble}; a new one is begun"),
                _ => trouble.to_string(),
            };
            self.say(Some(sentence));
        }
    }

    fn say(&mut self, sentence: Option<String>) {
        if self.said != sentence {
            if let Some(sentence) = &sentence {
                tracing::warn!("{sentence}");
            }
            self.said.clone_from(&sentence);
            self.tell(HistoryNews::Trouble(sentence));
        }
    }

    fn tell(&self, news: HistoryNews) {
        // The loop is gone when this fails; nobody is left to tell.
        let _ = self.to.blocking_send(Msg::History(news));
    }
}
