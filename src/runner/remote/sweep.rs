//! What hosts still keep of attempts whose output and end are known here: it is
//! removed when the next run comes to that host.

use crate::install::journal::{Ending, Event, Process};

use super::super::journal_file::Journal;
use super::super::store::Runs;
use super::{AttemptId, Detached, State};

/// What became of something that a host keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swept {
    /// The host has forgotten this attempt.
    Cleared(String),
    /// Something stays there: one sentence.
    Left(String),
    /// These processes of the attempt still run there.
    Behind(Vec<Process>),
}

/// How the ids of this site's attempts on other hosts begin.
pub fn remote_mark(runs: &Runs) -> String {
    format!("on-{}", runs.mark())
}

/// Lets the host forget an attempt that is over, unless some of it still runs there.
pub async fn clear(detached: &Detached) -> Vec<Swept> {
    let host = detached.host();
    let attempt = detached.attempt().as_str().to_owned();
    // A line that was cut just now is dialled again once.
    let asked = match detached.left().await {
        Err(_) => detached.left().await,
        answer => answer,
    };
    let (answer, mut left) = match asked {
        Ok(answer) => answer,
        Err(cause) => {
            return vec![Swept::Left(format!(
                "{}; what {host} keeps of {attempt} goes with a later run there",
                cause.sentence
            ))];
        }
    };
    if answer.state == State::Absent {
        return vec![Swept::Cleared(attempt)];
    }
    if !left.is_empty() {
        let why = format!(
            "{} of {attempt} still run on {host} and may still write: {} stays there",
            count(left.len()),
            answer.directory
        );
        for process in &mut left {
            process.command = format!("{} on {host}", process.command);
        }
        return vec![Swept::Behind(left), Swept::Left(why)];
    }
    let removed = match detached.remove().await {
        Err(_) => detached.remove().await,
        answer => answer,
    };
    match removed {
        Ok(answer) if answer.state == State::Absent => vec![Swept::Cleared(attempt)],
        Ok(answer) => {
            vec![Swept::Left(format!("{host} still keeps {attempt} in {}", answer.directory))]
        }
        Err(cause) => vec![Swept::Left(format!(
            "{}; what {host} keeps of {attempt} ({}) goes with a later run there",
            cause.sentence, answer.directory
        ))],
    }
}

fn count(processes: usize) -> String {
    if processes == 1 { "1 process".into() } else { format!("{processes} processes") }
}

/// Lets the host of an attempt forget whatever else it keeps of this site's
/// runs and is known here to its end; what is not is told.
pub async fn sweep(runs: &Runs, current: &Detached) -> Vec<Swept> {
    let prefix = format!("{}-", remote_mark(runs));
    let Some(prefix) = AttemptId::new(&prefix) else { return Vec::new() };
    // Whoever cannot be asked now is asked by the next run.
    let Ok(kept) = current.kept(&prefix).await else { return Vec::new() };
    let mut swept = Vec::new();
    for attempt in kept.into_iter().filter(|attempt| attempt != current.attempt()) {
        let of = current.of(attempt);
        let (host, name) = (of.host().to_owned(), of.attempt().as_str().to_owned());
        match fate(runs, &name) {
            Fate::Fetched(run) => {
                let cleared = clear(&of).await;
                let is_gone = cleared.iter().any(|one| matches!(one, Swept::Cleared(_)));
                // Where it cannot be written down the next run looks again.
                if is_gone && let Ok(mut journal) = Journal::reopen(runs, run) {
                    let _ = journal.append(Event::RemoteCleared { attempt: name });
                }
                swept.extend(cleared);
            }
            Fate::Unfetched(run) => swept.push(Swept::Left(format!(
                "{host} still keeps {name}: nobody fetched the end of run {run}"
            ))),
            Fate::Nameless => swept
                .push(Swept::Left(format!("{host} keeps {name}, of a run that is no longer here"))),
        }
    }
    swept
}

/// What is known here of an attempt that a host keeps.
enum Fate {
    /// Its end and all of its output are here.
    Fetched(u64),
    /// The run was given up.
    Unfetched(u64),
    /// No run has it.
    Nameless,
}

fn fate(runs: &Runs, attempt: &str) -> Fate {
    let rest = attempt.strip_prefix(&remote_mark(runs)).unwrap_or_default();
    let number = rest.split('-').nth(1).and_then(|number| number.parse().ok());
    let known = number.and_then(|run| runs.read(run).ok());
    let Some(known) = known else { return Fate::Nameless };
    let run = known.run.id;
    match known.run.attempts.iter().find(|known| known.id == attempt) {
        None => Fate::Nameless,
        Some(known) => match &known.ending {
            None | Some(Ending::Unknown { .. }) => Fate::Unfetched(run),
            Some(_) => Fate::Fetched(run),
        },
    }
}
