//! The lease of a site: who holds it may act. A lock on a file, which the
//! child's tree inherits, so that it is free only when all of them are gone.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use crate::install::journal::Process;

use super::store::{Known, Runs};
use super::survivors::{self, Marks};

/// The lease, held for as long as any copy of its descriptor is open.
#[derive(Debug)]
pub struct Lease {
    file: File,
}

/// Why the lease cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The run that has it, where that is known.
    pub run: Option<u64>,
    /// Whether that run's runner lives.
    pub has_runner: bool,
    /// Its processes, as far as they can be seen.
    pub by: Vec<Process>,
    /// The whole in one sentence, with what to do.
    pub sentence: String,
    /// Whether that run is over.
    is_over: bool,
    /// Whether it is over and holds consoles: it gives the lease back in a moment.
    holds_consoles: bool,
}

impl Held {
    /// How long it is worth waiting: a runner lets its watchers read the end, and
    /// what a killed one leaves gets a hang-up to die of.
    fn patience(&self) -> Duration {
        match (self.is_over, self.by.is_empty(), self.has_runner) {
            (true, true, _) => Duration::from_secs(15),
            _ if self.holds_consoles => Duration::from_secs(5),
            (false, _, true) => Duration::ZERO,
            _ => Duration::from_secs(1),
        }
    }
}

/// Why there is no lease.
#[derive(Debug)]
pub enum Refusal {
    /// Somebody has it.
    Held(Box<Held>),
    /// The file cannot be used.
    Trouble(io::Error),
}

impl Lease {
    /// Takes the lease, if nothing of an earlier run is left. One that is just
    /// ending gets a moment for it. `resumes` is the run that is gone on with:
    /// what it left on another host is no hindrance.
    ///
    /// # Errors
    /// Who has it, or what the disk says.
    pub fn take(runs: &Runs, resumes: Option<u64>) -> Result<Lease, Refusal> {
        let began = Instant::now();
        loop {
            match Lease::try_take(runs, resumes) {
                Err(Refusal::Held(held)) if began.elapsed() < held.patience() => {
                    std::thread::sleep(Duration::from_millis(25));
                }
                other => return other,
            }
        }
    }

    fn try_take(runs: &Runs, resumes: Option<u64>) -> Result<Lease, Refusal> {
        let file = runs.open_to_append(&runs.lease_path()).map_err(Refusal::Trouble)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let held = held(runs, true, resumes).unwrap_or_else(nameless);
                return Err(Refusal::Held(Box::new(held)));
            }
            Err(error) => return Err(Refusal::Trouble(error.into())),
        }
        // Nobody has the descriptor; somebody may have closed it and run on.
        match held(runs, false, resumes) {
            Some(held) => Err(Refusal::Held(Box::new(held))),
            None => Ok(Lease { file }),
        }
    }

    /// Says in the file whose it is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn name(&mut self, run: u64) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all(format!("{run}\n").as_bytes())
    }

    /// A descriptor that keeps the lease as well.
    ///
    /// # Errors
    /// When there is no room for one.
    pub fn descriptor(&self) -> io::Result<OwnedFd> {
        self.file.try_clone().map(OwnedFd::from)
    }
}

/// Whether the lease is taken now, without taking it.
pub fn is_taken(runs: &Runs) -> bool {
    runs.open_to_read(&runs.lease_path())
        .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

/// The run that last had the lease.
pub fn last_holder(runs: &Runs) -> Option<u64> {
    let mut text = String::new();
    let mut file = runs.open_to_read(&runs.lease_path()).ok()?;
    file.rewind().ok()?;
    file.take(64).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Who is left of the run that last had the lease.
fn held(runs: &Runs, is_locked: bool, resumes: Option<u64>) -> Option<Held> {
    let run = last_holder(runs);
    let known = run.and_then(|run| runs.read(run).ok());
    let mut marks = match &known {
        Some(known) => Marks::of(&known.run, &runs.mark(), runs.lease_path()).from_disk(),
        None => Marks::of_site(&runs.mark()),
    };
    // Whoever asks has the file open too, and so may others who ask.
    if !is_locked {
        marks.lease = None;
    }
    let mut found = survivors::find(&marks);
    let any = Marks::of_site(&runs.mark());
    for seen in survivors::find(&any) {
        if !found.contains(&seen) && !marks.except.contains(&seen.pid) {
            found.push(seen);
        }
    }
    let by = survivors::describe(&found);
    // One that only holds consoles any more stands in nobody's way.
    let has_runner =
        known.as_ref().is_some_and(|known| known.has_runner && !known.run.has_returned_lease);
    let goes_on = known.as_ref().is_some_and(|known| known.run.goes_on_at().is_some());
    if by.is_empty() && !has_runner && !is_locked && (!goes_on || resumes == run) {
        return None;
    }
    let sentence = sentence(run, known.as_ref(), &by);
    let is_over = known.as_ref().is_some_and(|known| known.run.is_over());
    let holds_consoles = is_over
        && has_runner
        && known
            .as_ref()
            .is_some_and(|known| known.run.consoles.iter().any(|console| console.ended.is_none()));
    Some(Held { run, has_runner, by, sentence, is_over, holds_consoles })
}

fn nameless() -> Held {
    let sentence = sentence(None, None, &[]);
    Held {
        run: None,
        has_runner: false,
        by: Vec::new(),
        sentence,
        is_over: false,
        holds_consoles: false,
    }
}

fn sentence(run: Option<u64>, known: Option<&Known>, by: &[Process]) -> String {
    let Some(run) = run else {
        return "another run of this site is just beginning; try again".to_owned();
    };
    let since = |process: &Process| {
        process
            .since
            .map_or(String::new(), |ms| format!(", since {}", crate::domain::Stamp(ms).rfc3339()))
    };
    match known {
        Some(known) if known.word().is_open() => format!(
            "run {run} is {} ({}, since {}, by {}); `shopfloor attach {run}` watches it, `shopfloor run stop \
             {run}` stops it",
            known.word().word(),
            known.run.title,
            known.run.started.rfc3339(),
            known.run.by,
        ),
        Some(Known { run: state, has_runner: false, .. })
            if by.is_empty() && state.goes_on_at().is_some() =>
        {
            format!(
                "run {run} ({}) may still run on {}, its runner here is gone; `shopfloor attach {run}` goes on \
                 with it, `shopfloor run stop {run}` stops it",
                state.title,
                state.goes_on_at().unwrap_or_default(),
            )
        }
        _ => {
            let who = match by {
                [] => "a process that cannot be seen by this user".to_owned(),
                [one] => format!("process {one}{}", since(one)),
                [first, rest @ ..] => {
                    format!("process {first}{} and {} more", since(first), rest.len())
                }
            };
            format!(
                "{who} is left of run {run} and still runs; `shopfloor attach {run}` shows what it wrote, \
                 `shopfloor run stop {run}` stops it"
            )
        }
    }
}
