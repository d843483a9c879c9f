//! Processes of a run that are still there, however they hide: by the lease
//! they inherited, by their session, by their control group, by the attempt's
//! id in their environment, and by the guardian they were handed to.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::install::journal::{Process, Run};

use super::machine::{self, Seen};

/// The variable in a child's environment that names its attempt.
pub const ATTEMPT: &str = "SHOPFLOOR_ATTEMPT";

/// What gives a process of a run away.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// How the attempt's variable begins, with its name: `SHOPFLOOR_ATTEMPT=1f2e3d4c-8-`.
    pub variable: String,
    /// The session of the run's child.
    pub session: Option<i32>,
    /// When that session was opened, in milliseconds since 1970: who was started before is not in it.
    pub session_since: i64,
    /// The control group that belongs to the run alone.
    pub scope: Option<String>,
    /// The guardian.
    pub guardian: Option<i32>,
    /// The lease file, where whoever holds it counts.
    pub lease: Option<PathBuf>,
    /// The lease file, by which a guardian is known.
    pub lease_file: Option<PathBuf>,
    /// Whether session, scope and guardian are only what a journal on the disk
    /// says: numbers that may mean others by now, or that somebody made up.
    pub must_prove: bool,
    /// Who does not count: runner, guardian, whoever asks.
    pub except: BTreeSet<i32>,
    /// Who does not count with everything below: the consoles that people opened in the run.
    pub except_below: BTreeSet<i32>,
}

impl Marks {
    /// What gives the processes of this run away. `site` is the site's mark, see `Runs::mark`.
    pub fn of(run: &Run, site: &str, lease: PathBuf) -> Marks {
        // After a reboot all of these numbers mean other processes.
        let is_same_boot = run.boot == machine::boot_id();
        let attempt = run.attempts.last().filter(|_| is_same_boot);
        let me = i32::try_from(std::process::id()).unwrap_or(0);
        // One that gave the lease back has nothing to do with whoever holds it now.
        let has_lease = !run.has_returned_lease;
        Marks {
            variable: format!("{ATTEMPT}={site}-{}-", run.id),
            session: attempt.and_then(|attempt| attempt.pid),
            session_since: attempt.map_or(0, |attempt| attempt.started.0),
            scope: run.scope.clone(),
            guardian: run.guardian.filter(|_| is_same_boot),
            lease: has_lease.then(|| lease.clone()),
            lease_file: has_lease.then_some(lease),
            must_prove: false,
            except: [Some(me), run.guardian, run.runner].into_iter().flatten().collect(),
            except_below: BTreeSet::new(),
        }
    }

    /// The same for a run whose runner is gone: a session or scope counts only if
    /// one of its processes bears the attempt's variable or its leader holds the
    /// lease, and the guardian only if it holds the lease.
    pub fn from_disk(self) -> Marks {
        Marks { must_prove: true, ..self }
    }

    /// What gives any process of this site's runs away.
    pub fn of_site(site: &str) -> Marks {
        let me = i32::try_from(std::process::id()).unwrap_or(0);
        Marks {
            variable: format!("{ATTEMPT}={site}-"),
            except: [me].into_iter().collect(),
            ..Marks::default()
        }
    }
}

/// The processes that bear one of these marks, by their numbers; what has ended is not among them.
pub fn find(marks: &Marks) -> Vec<Seen> {
    let all = machine::processes();
    let lease = marks.lease.as_ref().and_then(|path| std::fs::metadata(path).ok());
    let proven;
    let marks = if marks.must_prove {
        proven = prove(marks, &all);
        &proven
    } else {
        marks
    };
    all.values()
        .filter(|seen| !seen.is_zombie && !marks.except.contains(&seen.pid))
        .filter(|seen| !marks.except_below.iter().any(|root| is_of(seen, *root, &all)))
        .filter(|seen| {
            is_in_session(seen, marks)
                || descends(seen, marks.guardian, &all)
                || machine::has_variable(seen.pid, &marks.variable)
                || marks.scope.as_ref().is_some_and(|scope| is_in_scope(seen.pid, scope))
                || lease
                    .as_ref()
                    .is_some_and(|meta| machine::holds_file(seen.pid, meta.dev(), meta.ino()))
        })
        .cloned()
        .collect()
}

/// The marks without those that nothing but the journal speaks for.
fn prove(marks: &Marks, all: &BTreeMap<i32, Seen>) -> Marks {
    let has_variable = |seen: &&Seen| machine::has_variable(seen.pid, &marks.variable);
    // Asked of the guardian even where nobody is to be found by the lease.
    let lease = marks.lease_file.as_ref().and_then(|path| std::fs::metadata(path).ok());
    let holds = |pid: i32| {
        lease.as_ref().is_some_and(|meta| machine::holds_file(pid, meta.dev(), meta.ino()))
    };
    let is_session_proven = |session: &i32| {
        holds(*session)
            || all.values().filter(|seen| seen.session == *session).any(|seen| has_variable(&seen))
    };
    let is_scope_proven =
        |scope: &String| all.values().filter(has_variable).any(|seen| is_in_scope(seen.pid, scope));
    Marks {
        session: marks.session.filter(is_session_proven),
        scope: marks.scope.clone().filter(is_scope_proven),
        guardian: marks.guardian.filter(|pid| holds(*pid)),
        ..marks.clone()
    }
}

/// The same, as people look for them.
pub fn describe(found: &[Seen]) -> Vec<Process> {
    found.iter().map(machine::describe).collect()
}

fn is_in_session(seen: &Seen, marks: &Marks) -> bool {
    // The kernel rounds start times to its ticks.
    marks.session == Some(seen.session)
        && machine::describe(seen).since.is_none_or(|since| since + 2_000 >= marks.session_since)
}

/// Whether a process is that one, in its session, or descends from it.
fn is_of(seen: &Seen, root: i32, all: &BTreeMap<i32, Seen>) -> bool {
    seen.pid == root || seen.session == root || descends(seen, Some(root), all)
}

fn is_in_scope(pid: i32, scope: &str) -> bool {
    machine::control_groups(pid).lines().any(|line| line.split('/').any(|part| part == scope))
}

fn descends(seen: &Seen, guardian: Option<i32>, all: &BTreeMap<i32, Seen>) -> bool {
    let Some(guardian) = guardian else { return false };
    let mut at = seen.parent;
    // Bounded: the tree may change while it is read.
    for _ in 0..all.len() {
        if at == guardian {
            return true;
        }
        match all.get(&at) {
            Some(parent) if parent.pid != parent.parent => at = parent.parent,
            _ => return false,
        }
    }
    false
}
