//! What is known of every target now.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::keys::{FactType, Key};
use super::{Answer, Cause, KeyName, Observed, ProbeId, ProbeName, Stamp, TargetId, Value};

/// The last good value of a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The value.
    pub value: Value,
    /// When it was last seen.
    pub seen: Stamp,
    /// Since when it is this value, as far as we looked.
    pub since: Stamp,
}

/// How a probe of one target fares.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProbeState {
    /// When the ask that is in flight was sent; `None` when none is.
    pub asking: Option<Stamp>,
    /// When it was last tried to the end.
    pub tried: Option<Stamp>,
    /// When it last gave facts.
    pub answered: Option<Stamp>,
    /// How long the last try took, in milliseconds.
    pub took_ms: u64,
    /// Why the last try gave no facts; `None` when it did.
    pub trouble: Option<Cause>,
    /// Since when it is in that trouble, or since when it answers.
    pub since: Option<Stamp>,
}

/// What is known of one target.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TargetFacts {
    /// Last good values.
    pub known: BTreeMap<KeyName, Known>,
    /// Keys that the last answer could not give, and why.
    pub lost: BTreeMap<KeyName, Cause>,
    /// How the probes fare.
    pub probes: BTreeMap<ProbeName, ProbeState>,
}

impl TargetFacts {
    /// A declared key with value, age and trouble. The trouble of a value is
    /// that of its key in the last answer, else that of the probe that looks for it.
    pub fn get<T: FactType>(&self, key: Key<T>) -> Observed<T> {
        let name = key.name();
        let probe = self.probes.get(&ProbeName::fixed(key.info.probe));
        let known = self.known.get(&name);
        let trouble =
            probe.and_then(|probe| probe.trouble.clone()).or_else(|| self.lost.get(&name).cloned());
        Observed {
            value: known.and_then(|known| T::from_value(&known.value)),
            seen: known.map(|known| known.seen),
            since: known.map(|known| known.since),
            tried: probe.and_then(|probe| probe.tried),
            trouble,
        }
    }

    /// How a probe fares; `None` when it was never asked.
    pub fn probe(&self, name: &str) -> Option<&ProbeState> {
        self.probes.get(name)
    }

    /// Takes in an answer that came at `now` after `took_ms`.
    ///
    /// A failed look never erases a good value; a key that the answer does not
    /// mention although an earlier one did is forgotten (the thing is gone), unless it is among the lost ones.
    pub fn take(&mut self, probe: &ProbeName, answer: Answer, now: Stamp, took_ms: u64) {
        let state = self.probes.entry(probe.clone()).or_default();
        let was_in_trouble = state.trouble.is_some();
        state.asking = None;
        state.took_ms = took_ms;
        let first = state.tried.is_none();
        state.tried = Some(now);
        match answer {
            Answer::Facts(report) => {
                state.answered = Some(now);
                state.trouble = None;
                if first || was_in_trouble {
                    state.since = Some(now);
                }
                let lost: BTreeMap<KeyName, Cause> = report.lost.into_iter().collect();
                let mine = |name: &KeyName| {
                    super::keys::find(name.as_str())
                        .is_some_and(|info| info.probe == probe.as_str())
                };
                self.known.retain(|name, _| {
                    !mine(name)
                        || lost.contains_key(name)
                        || report.facts.iter().any(|fact| &fact.key == name)
                });
                self.lost.retain(|name, _| !mine(name));
                self.lost.extend(lost);
                for fact in report.facts {
                    match self.known.get_mut(&fact.key) {
                        Some(known) if known.value == fact.value => known.seen = now,
                        Some(known) => *known = Known { value: fact.value, seen: now, since: now },
                        None => {
                            self.known.insert(
                                fact.key,
                                Known { value: fact.value, seen: now, since: now },
                            );
                        }
                    }
                }
            }
            Answer::Unreachable(cause)
            | Answer::Refused(cause)
            | Answer::Garbled(cause)
            | Answer::TimedOut(cause) => {
                if first || !was_in_trouble {
                    state.since = Some(now);
                }
                state.trouble = Some(cause);
            }
        }
    }
}

/// What is known of all targets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FactStore {
    /// By target; a target that was never asked has no entry.
    pub targets: HashMap<TargetId, TargetFacts>,
}

impl FactStore {
    /// What is known of a target; nothing, if it was never asked.
    pub fn of(&self, target: &TargetId) -> &TargetFacts {
        static NOTHING: TargetFacts =
            TargetFacts { known: BTreeMap::new(), lost: BTreeMap::new(), probes: BTreeMap::new() };
        self.targets.get(target).unwrap_or(&NOTHING)
    }

    /// Notes that an ask was sent.
    pub fn asked(&mut self, probe: &ProbeId, now: Stamp) {
        let facts = self.targets.entry(probe.target.clone()).or_default();
        facts.probes.entry(probe.probe.clone()).or_default().asking = Some(now);
    }

    /// Takes in an answer.
    pub fn take(&mut self, probe: &ProbeId, answer: Answer, now: Stamp, took_ms: u64) {
        self.targets.entry(probe.target.clone()).or_default().take(
            &probe.probe,
            answer,
            now,
            took_ms,
        );
    }
}
