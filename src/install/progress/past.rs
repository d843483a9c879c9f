//! From journals to what happened to the steps of a plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::Stamp;
use crate::install::expression::Truth;
use crate::install::journal::{Entry, Event, Person, StepAct, StepEvent};
use crate::install::plan::Plan;

/// A step, and the target where it repeats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepKey {
    /// The step.
    pub step: String,
    /// The target.
    pub target: Option<String>,
}

impl StepKey {
    /// The key of a step, of one target where it repeats.
    pub fn new(step: &str, target: Option<&str>) -> StepKey {
        StepKey { step: step.to_owned(), target: target.map(str::to_owned) }
    }
}

impl std::fmt::Display for StepKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.step)?;
        self.target.iter().try_for_each(|target| write!(f, " {target}"))
    }
}

/// One time that a step acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The run, where the journal is that of one.
    pub run: Option<u64>,
    /// Who wanted it.
    pub by: Person,
    /// When it began.
    pub started: Stamp,
    /// When it ended.
    pub ended: Option<Stamp>,
    /// Its exit status; `None` until it ended, and where nobody knows.
    pub exit: Option<i32>,
    /// Why it acted once more.
    pub again: Option<String>,
}

/// A word of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// What was said, or why.
    pub words: String,
    /// What was shown.
    pub evidence: Option<String>,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Stamp,
}

/// What happened to a step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepPast {
    /// When it was first offered.
    pub offered: Option<Stamp>,
    /// Every time that it acted, oldest first.
    pub acts: Vec<Act>,
    /// What persons confirmed.
    pub confirmed: Vec<Word>,
    /// That it was passed over, and why.
    pub skipped: Option<Word>,
    /// That it was put off, and why.
    pub deferred: Option<Word>,
    /// Interlocks that were passed for its next act, each with the reason.
    pub passed: BTreeMap<String, Word>,
    /// What it gave.
    pub gave: BTreeMap<String, Vec<String>>,
    /// When it was last found done, and by what.
    pub proved: Option<(Stamp, Vec<String>)>,
}

impl StepPast {
    /// Its last act.
    pub fn last(&self) -> Option<&Act> {
        self.acts.last()
    }
}

/// What happened in a plan, as journals tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// By step and target.
    pub steps: BTreeMap<StepKey, StepPast>,
    /// Answered values by name.
    pub answers: BTreeMap<String, String>,
    /// Duties that were left behind and not found done, each with the step and when.
    pub duties: BTreeMap<String, (String, Stamp)>,
    /// Duties that were found done.
    pub settled: BTreeMap<String, Stamp>,
}

impl Progress {
    /// What happened to a step; nothing, where nothing did.
    pub fn of(&self, key: &StepKey) -> &StepPast {
        static NOTHING: StepPast = StepPast {
            offered: None,
            acts: Vec::new(),
            confirmed: Vec::new(),
            skipped: None,
            deferred: None,
            passed: BTreeMap::new(),
            gave: BTreeMap::new(),
            proved: None,
        };
        self.steps.get(key).unwrap_or(&NOTHING)
    }

    /// Takes in the next line about a plan, with the run it stands in.
    pub fn take(&mut self, at: Stamp, run: Option<u64>, event: &StepEvent) {
        let key = StepKey { step: event.step.clone(), target: event.target.clone() };
        let word = |words: &str, evidence: Option<&String>, by: &Person| Word {
            words: words.to_owned(),
            evidence: evidence.cloned(),
            by: by.clone(),
            at,
        };
        match &event.act {
            StepAct::Answered { name, value, .. } => {
                self.answers.insert(name.clone(), value.clone());
                return;
            }
            StepAct::DutyCreated { duty } => {
                self.settled.remove(duty);
                self.duties.entry(duty.clone()).or_insert((event.step.clone(), at));
                return;
            }
            StepAct::DutySettled { duty, .. } => {
                self.duties.remove(duty);
                self.settled.insert(duty.clone(), at);
                return;
            }
            StepAct::Other => return,
            _ => {}
        }
        let past = self.steps.entry(key).or_default();
        match &event.act {
            StepAct::Offered => past.offered = past.offered.or(Some(at)),
            StepAct::Started { by, again, .. } => {
                past.acts.push(Act {
                    run,
                    by: by.clone(),
                    started: at,
                    ended: None,
                    exit: None,
                    again: again.clone(),
                });
                // What was passed was passed for this act; what was put off is done now.
                past.passed.clear();
                (past.skipped, past.deferred) = (None, None);
            }
            StepAct::Ended { exit } => {
                // Its own act: another run may have begun meanwhile.
                let act = past.acts.iter_mut().rev().find(|act| act.run == run);
                if let Some(act) = act.filter(|act| act.ended.is_none()) {
                    act.ended = Some(at.max(act.started));
                    act.exit = *exit;
                }
            }
            StepAct::Judged { truth: Truth::Holds, found } => {
                past.proved = Some((at, found.clone()));
            }
            StepAct::Confirmed { words, evidence, by } => {
                past.confirmed.retain(|known| known.words != *words || known.by.name != by.name);
                past.confirmed.push(word(words, evidence.as_ref(), by));
            }
            StepAct::Skipped { reason, by } => {
                past.skipped = Some(word(reason, None, by));
                past.deferred = None;
            }
            StepAct::Deferred { reason, by } => {
                past.deferred = Some(word(reason, None, by));
                past.skipped = None;
            }
            StepAct::Reopened { .. } => {
                (past.skipped, past.deferred, past.proved) = (None, None, None);
                past.confirmed.clear();
            }
            StepAct::Passed { interlock, reason, by } => {
                past.passed.insert(interlock.clone(), word(reason, None, by));
            }
            StepAct::Gave { name, values } => {
                past.gave.insert(name.clone(), values.clone());
            }
            _ => {}
        }
    }
}

/// One journal: that of a run, or that of the plans of a site.
#[derive(Debug, Clone, Copy)]
pub struct JournalOf<'a> {
    /// The run; `None` for that of the plans.
    pub run: Option<u64>,
    /// Its lines.
    pub entries: &'a [Entry],
}

/// What journals say of a plan: the lines of all of them by time, those about
/// steps that the plan has. Any prefix folds. A step that another variant of
/// the plan shares is the same step; a runbook counts from when it was begun last.
pub fn progress(plan: &Plan, journals: &[JournalOf<'_>]) -> Progress {
    let is_ours = |event: &StepEvent| {
        event.plan == plan.id || (plan.is_whole() && plan.step(&event.step).is_some())
    };
    let mut lines: Vec<(Stamp, usize, u64, Option<u64>, &StepEvent)> = Vec::new();
    for (at, journal) in journals.iter().enumerate() {
        // Within a journal the order of its lines is what counts, whatever the clock did.
        let mut latest = Stamp(i64::MIN);
        for entry in journal.entries {
            latest = latest.max(entry.at);
            if let Event::Step(event) = &entry.event
                && is_ours(event)
            {
                lines.push((latest, at, entry.seq, journal.run, event));
            }
        }
    }
    lines.sort_by_key(|(stamp, at, seq, _, _)| (*stamp, *at, *seq));
    let mut progress = Progress::default();
    for (at, _, _, run, event) in lines {
        progress.take(at, run, event);
    }
    progress
}
