//! Stopping a run: everything that bears its marks, containers included, and
//! what could not be stopped.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::install::journal::{Event, Person, Process, StopLevel};

use super::containers;
use super::journal_file::Journal;
use super::machine;
use super::remote::{Detached, State, StopSignal};
use super::store::{RunTrouble, Runs};
use super::survivors::{self, Marks};

/// What a stop did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// How hard it was.
    pub level: StopLevel,
    /// How many processes got a signal.
    pub signalled: u32,
    /// What container engines were told, or why they could not be.
    pub containers: Vec<String>,
    /// Who still runs.
    pub left: Vec<Process>,
}

impl Stopped {
    /// What became of it, in one sentence.
    pub fn sentence(&self, run: u64) -> String {
        let signal = self.level.word().to_uppercase();
        if self.left.is_empty() {
            return match self.signalled {
                0 => format!("nothing of run {run} was left to stop"),
                1 => format!("run {run} is stopped: 1 process got {signal}"),
                n => format!("run {run} is stopped: {n} processes got {signal}"),
            };
        }
        let named: Vec<String> = self.left.iter().take(3).map(ToString::to_string).collect();
        let more = match self.left.len().saturating_sub(3) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let next = match self.level.next() {
            Some(level) => {
                format!("`shopfloor run stop {run} --level {}` is the next step", level.word())
            }
            None => "they may be stuck in the kernel, or belong to another user".to_owned(),
        };
        format!("after {signal} still there: {}{more}; {next}", named.join(", "))
    }
}

/// What a stop of a run would reach now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Who would get the signal.
    pub reached: Vec<Process>,
    /// What would not be reached, one sentence each.
    pub beyond: Vec<String>,
}

/// Looks what a stop of this run would reach; nothing is sent.
///
/// # Errors
/// Why the run's journal cannot be read.
pub fn weigh(runs: &Runs, run: u64) -> Result<Reach, RunTrouble> {
    let known = runs.read(run)?;
    let marks = Marks::of(&known.run, &runs.mark(), runs.lease_path());
    let marks = if known.has_runner { marks } else { marks.from_disk() };
    let found = survivors::find(&marks);
    // Signals come from the runner's account, or from ours when it is gone.
    let me = rustix::process::geteuid().as_raw();
    let sender = if known.has_runner { known.owner } else { me };
    let is_reached = |seen: &machine::Seen| {
        sender == 0 || machine::owner(seen.pid).is_none_or(|owner| owner == sender)
    };
    let (reached, others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_reached);
    let mut beyond: Vec<String> = survivors::describe(&others)
        .iter()
        .map(|process| format!("{process} belongs to another user: no signal of ours reaches it"))
        .collect();
    beyond.push("What left this machine (a job on a host) is not stopped from here.".to_owned());
    Ok(Reach { reached: survivors::describe(&reached), beyond })
}

/// How long a level may take to work.
fn patience(level: StopLevel) -> Duration {
    Duration::from_secs(if level == StopLevel::Term { 10 } else { 5 })
}

fn signal_of(level: StopLevel) -> Signal {
    match level {
        StopLevel::Int => Signal::INT,
        StopLevel::Term => Signal::TERM,
        StopLevel::Kill => Signal::KILL,
    }
}

/// Sends the signal to every process of the run, tells the container engines,
/// and waits a while for all of them to end.
pub async fn stop(marks: &Marks, level: StopLevel, attempt: &str) -> Stopped {
    let found = survivors::find(marks);
    let containers = containers::stop(level, attempt, &found).await;
    let mut signalled = found.iter().filter(|seen| machine::signal(seen, signal_of(level))).count();
    let until = Instant::now() + patience(level);
    let left = loop {
        let left = survivors::find(marks);
        if left.is_empty() || Instant::now() >= until {
            break left;
        }
        if level == StopLevel::Kill {
            // Those that were forked meanwhile.
            let fresh = left.iter().filter(|seen| !found.contains(seen));
            signalled += fresh.filter(|seen| machine::signal(seen, Signal::KILL)).count();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    Stopped {
        level,
        signalled: u32::try_from(signalled).unwrap_or(u32::MAX),
        containers,
        left: survivors::describe(&left),
    }
}

/// Sends the signal to everything of an attempt on another host and waits a while for it to end.
///
/// # Errors
/// One sentence when the host cannot be asked.
pub async fn stop_on_host(detached: &Detached, level: StopLevel) -> Result<Stopped, String> {
    let host = detached.host();
    let signal = match level {
        StopLevel::Int => StopSignal::Int,
        StopLevel::Term => StopSignal::Term,
        StopLevel::Kill => StopSignal::Kill,
    };
    let unasked = |cause: crate::domain::Cause| {
        let last = "`--level kill` gives the command up while the line is cut";
        format!("{}; nothing is known to be stopped on {host}, try again; {last}", cause.sentence)
    };
    let (_, signalled) = detached.stop(signal).await.map_err(unasked)?;
    let until = Instant::now() + patience(level);
    let mut left = loop {
        let (answer, left) = detached.left().await.map_err(unasked)?;
        let is_over = answer.state != State::Running;
        if (left.is_empty() && is_over) || Instant::now() >= until {
            break left;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for process in &mut left {
        process.command = format!("{} on {host}", process.command);
    }
    let signalled = u32::try_from(signalled.len()).unwrap_or(u32::MAX);
    Ok(Stopped { level, signalled, containers: Vec::new(), left })
}

/// Stops what is left of a run whose runner is gone, and writes that down.
///
/// # Errors
/// Why not: one sentence.
pub async fn stop_left(
    runs: &Runs,
    run: u64,
    level: StopLevel,
    by: &Person,
) -> Result<Stopped, String> {
    let explain =
        |error: std::io::Error| format!("the stop of run {run} cannot be written down: {error}");
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    let me = rustix::process::geteuid().as_raw();
    // In a shared site anybody of the group can write a journal that names any process.
    if known.owner != me && known.owner != 0 {
        let owner = machine::account_name(known.owner);
        return Err(format!(
            "the runner of run {run} is gone and its journal is {owner}'s: who sends signals by it must be \
             {owner}. `sudo -u {owner} shopfloor run stop {run}` does it"
        ));
    }
    if let Some(host) = known.run.goes_on_at() {
        return Err(format!(
            "the runner of run {run} is gone and its command may still run on {host}; `shopfloor run stop {run}` \
             goes on with it and stops it there"
        ));
    }
    let mut journal = Journal::reopen(runs, run).map_err(explain)?;
    let state = journal.state().clone();
    let attempt = state.attempts.last().map(|attempt| attempt.id.clone()).unwrap_or_default();
    let marks = Marks::of(&state, &runs.mark(), runs.lease_path()).from_disk();
    journal.append(Event::StopAsked { level, by: by.clone() }).map_err(explain)?;
    let stopped = stop(&marks, level, &attempt).await;
    journal.append(signal_sent(&stopped)).map_err(explain)?;
    journal.append(Event::NotStopped { level, left: stopped.left.clone() }).map_err(explain)?;
    Ok(stopped)
}

/// What the journal says of a stop.
pub fn signal_sent(stopped: &Stopped) -> Event {
    Event::SignalSent {
        level: stopped.level,
        processes: stopped.signalled,
        containers: stopped.containers.clone(),
    }
}
