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
        let probe = self.probes.get(&ProbeName::fixed(key.info.probe.name));
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
                        .is_some_and(|info| info.probe.name == probe.as_str())
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

#[cfg(test)]
mod tests {
    use super::super::keys::{hosts, power};
    use super::super::{CauseWord, Report};
    use super::*;

    const KERNEL: Key<String> = hosts::KERNEL;

    fn look() -> ProbeName {
        ProbeName::fixed("host.look")
    }

    fn kernel(release: &str) -> Answer {
        let mut report = Report::default();
        report.learn(KERNEL, release.to_owned());
        Answer::Facts(report)
    }

    fn lost() -> Answer {
        let mut report = Report::default();
        report.lose(KERNEL, cause("uname is not there"));
        Answer::Facts(report)
    }

    fn cause(sentence: &str) -> Cause {
        Cause::new(CauseWord::CommandMissing, sentence, "try it")
    }

    #[test]
    fn what_an_answer_no_longer_tells_is_gone_and_only_that_of_its_probe() {
        let mut facts = TargetFacts::default();
        let mut of_bmc = Report::default();
        of_bmc.learn(power::redfish::SERIAL, "7".to_owned());
        facts.take(&ProbeName::fixed("bmc.redfish"), Answer::Facts(of_bmc), Stamp(1), 1);
        facts.take(&look(), kernel("6.8"), Stamp(1), 1);
        facts.take(&look(), Answer::Facts(Report::default()), Stamp(2), 1);
        let seen = facts.get(KERNEL);
        assert_eq!((seen.value, seen.trouble, seen.tried), (None, None, Some(Stamp(2))));
        assert_eq!(facts.get(power::redfish::SERIAL).fresh(), Some(&"7".to_owned()));
    }

    #[test]
    fn a_lost_key_keeps_its_value_its_age_and_its_cause_until_it_is_told_again() {
        let mut facts = TargetFacts::default();
        facts.take(&look(), kernel("6.8"), Stamp(1), 1);
        facts.take(&look(), lost(), Stamp(2), 1);
        let seen = facts.get(KERNEL);
        assert_eq!((seen.value.as_deref(), seen.seen), (Some("6.8"), Some(Stamp(1))));
        assert_eq!(seen.trouble, Some(cause("uname is not there")));
        assert_eq!(facts.get(KERNEL).fresh(), None);
        facts.take(&look(), kernel("6.8"), Stamp(3), 1);
        let seen = facts.get(KERNEL);
        assert_eq!(seen.fresh(), Some(&"6.8".to_owned()));
        assert_eq!((seen.seen, seen.since), (Some(Stamp(3)), Some(Stamp(1))));
        facts.take(&look(), kernel("6.14"), Stamp(4), 1);
        assert_eq!(facts.get(KERNEL).since, Some(Stamp(4)));
    }

    #[test]
    fn the_trouble_of_the_probe_goes_before_that_of_the_key() {
        let mut facts = TargetFacts::default();
        facts.take(&look(), lost(), Stamp(1), 1);
        facts.take(&look(), Answer::Unreachable(cause("it is silent")), Stamp(2), 1);
        assert_eq!(facts.get(KERNEL).trouble, Some(cause("it is silent")));
        assert_eq!(facts.probe("host.look").and_then(|probe| probe.answered), Some(Stamp(1)));
    }

    #[test]
    fn a_probe_tells_since_when_it_answers_and_since_when_it_does_not() {
        let mut facts = TargetFacts::default();
        let silent = || Answer::TimedOut(cause("it is silent"));
        let mut since = Vec::new();
        for (at, answer) in (1..).zip([kernel("1"), kernel("1"), silent(), silent(), kernel("1")]) {
            facts.take(&look(), answer, Stamp(at), 1);
            since.push(facts.probe("host.look").and_then(|probe| probe.since));
        }
        assert_eq!(since, [1, 1, 3, 3, 5].map(|at| Some(Stamp(at))));
    }
}
