//! How a rule becomes a judgement, so that no rule can forget that a fact may
//! be missing, old or in trouble.
//!
//! A rule reads every fact it needs through a [`Reading`] with `?`. What could
//! not be had ends the rule there and then: the judgement is `unknown` and says
//! why. A rule that returns a [`Ruling`] has therefore seen every fact it used,
//! fresh.
//!
//! ```text
//! judging::judge(case, |read| {
//!     let mounts = read.value(keys::hosts::SWAPS)?;
//!     Ok(if mounts.is_empty() { Ruling::pass("…") } else { Ruling::fail("…") })
//! })
//! ```

use crate::checks::Case;
use crate::domain::keys::{FactType, Key, KeyInfo, ProbeInfo};
use crate::domain::{Age, Cause, CauseWord, Evidence, Judgement, Observed, Stamp, Target, Verdict};

/// A fact counts as stale when it is older than this many asks of its probe
/// should have taken, although none of them failed. Five leave room for one
/// lost ask, jitter and a back-off that has just ended.
const STALE_AFTER_ASKS: i64 = 5;

/// Whether what a probe saw at a time is too old to be judged by: it should
/// have been asked again several times since.
pub(crate) fn is_stale(now: Stamp, seen: Stamp, probe: &ProbeInfo) -> bool {
    now.since(seen).0 > probe.every.0 * STALE_AFTER_ASKS
}

/// The earlier of two times; one alone where the other is not known.
pub(crate) fn older(one: Option<Stamp>, other: Option<Stamp>) -> Option<Stamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What a rule says of facts that it has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    verdict: Verdict,
    sentence: String,
    cause: Option<CauseWord>,
    reason: Option<String>,
    points_at: Option<String>,
    evidence: Vec<Evidence>,
    next: Option<Vec<String>>,
}

impl Ruling {
    /// A ruling with this verdict; the sentence names the target and has no full stop.
    pub fn new(verdict: Verdict, sentence: impl Into<String>) -> Ruling {
        Ruling {
            verdict,
            sentence: sentence.into(),
            cause: None,
            reason: None,
            points_at: None,
            evidence: Vec::new(),
            next: None,
        }
    }

    /// The rule holds.
    pub fn pass(sentence: impl Into<String>) -> Ruling {
        Ruling::new(Verdict::Pass, sentence)
    }

    /// Works, but impaired.
    pub fn warn(sentence: impl Into<String>) -> Ruling {
        Ruling::new(Verdict::Warn, sentence)
    }

    /// The rule is broken.
    pub fn fail(sentence: impl Into<String>) -> Ruling {
        Ruling::new(Verdict::Fail, sentence)
    }

    /// The check is not meaningful here yet; the sentence says what is missing.
    pub fn not_yet(sentence: impl Into<String>) -> Ruling {
        Ruling::new(Verdict::NotYet, sentence)
    }

    /// The worst of several rulings on parts of one thing. Their sentences are
    /// joined where they share the worst verdict, their evidence is kept whole;
    /// `None` when there are none.
    pub fn worst(rulings: impl IntoIterator<Item = Ruling>) -> Option<Ruling> {
        rulings.into_iter().reduce(|mut worst, mut other| {
            if other.verdict.weight() > worst.verdict.weight() {
                std::mem::swap(&mut worst, &mut other);
            } else if other.verdict == worst.verdict && other.sentence != worst.sentence {
                worst.sentence = format!("{}; {}", worst.sentence, other.sentence);
            }
            worst.evidence.append(&mut other.evidence);
            worst
        })
    }

    /// What proves it: a label and what was seen. The time is that of the oldest fact read.
    #[must_use]
    pub fn showing(mut self, label: impl Into<String>, shown: impl Into<String>) -> Ruling {
        self.evidence.push(Evidence { label: label.into(), shown: shown.into(), seen: None });
        self
    }

    /// The transport's word for what is wrong, where reachability itself is judged.
    #[must_use]
    pub fn caused_by(mut self, word: CauseWord) -> Ruling {
        self.cause = Some(word);
        self
    }

    /// The finer reason, as the system's reference names it.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Ruling {
        self.reason = Some(reason.into());
        self
    }

    /// What it points at beside its own target.
    #[must_use]
    pub fn pointing_at(mut self, name: impl Into<String>) -> Ruling {
        self.points_at = Some(name.into());
        self
    }

    /// What to try, in place of what the check's data says.
    #[must_use]
    pub fn then_try<T: Into<String>>(mut self, next: impl IntoIterator<Item = T>) -> Ruling {
        self.next = Some(next.into_iter().map(Into::into).collect());
        self
    }

    /// The same ruling with another sentence.
    #[must_use]
    pub fn saying(mut self, sentence: impl Into<String>) -> Ruling {
        self.sentence = sentence.into();
        self
    }

    /// Its verdict.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Its sentence.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }
}

/// Why a rule cannot be applied: a fact it needs is not to be had.
#[derive(Debug, Clone, PartialEq)]
pub struct NotKnown {
    sentence: String,
    cause: Option<CauseWord>,
    next: Vec<String>,
    detail: Vec<String>,
}

impl NotKnown {
    /// Something that no fact tells and no cause explains.
    pub fn because(sentence: impl Into<String>) -> NotKnown {
        NotKnown { sentence: sentence.into(), cause: None, next: Vec::new(), detail: Vec::new() }
    }

    /// A transport's cause.
    pub fn from_cause(cause: &Cause) -> NotKnown {
        NotKnown {
            sentence: format!("cannot look: {}", cause.sentence),
            cause: Some(cause.word.clone()),
            next: vec![cause.next.clone()],
            detail: cause.detail.clone(),
        }
    }
}

/// Reads facts of the case's target and remembers how old they were.
pub struct Reading<'a> {
    /// What is judged.
    pub case: &'a Case<'a>,
    /// Whose facts are read.
    teller: &'a Target,
    /// When the oldest fact that was read was seen: what rests on it is no younger.
    oldest: Option<Stamp>,
    /// When it was last tried to see what the rule judged by its absence.
    tried: Option<Stamp>,
    probe: Option<&'static ProbeInfo>,
}

impl<'a> Reading<'a> {
    /// The target's name, for sentences.
    pub fn name(&self) -> &'a str {
        &self.case.target.name
    }

    /// From now on facts are read of this target, which tells of the one that
    /// is judged: the fabric controller of a switch.
    pub fn ask(&mut self, teller: &'a Target) {
        self.teller = teller;
    }

    /// A threshold of the check.
    pub fn threshold(&self, name: &str) -> f64 {
        self.case.spec.threshold(name)
    }

    /// A fact that the rule cannot do without: its fresh value, or why there is none.
    pub fn value<T: FactType>(&mut self, key: Key<T>) -> Result<T, NotKnown> {
        let observed = self.known(key);
        if let Some(cause) = &observed.trouble {
            return Err(self.with_age(NotKnown::from_cause(cause), observed.seen));
        }
        let (Some(value), Some(seen)) = (observed.value, observed.seen) else {
            return Err(self.never_seen(key.info));
        };
        if is_stale(self.case.now, seen, key.info.probe) {
            return Err(self.grown_old(seen));
        }
        self.oldest = older(self.oldest, Some(seen));
        Ok(value)
    }

    /// A fact that may well not exist on the target. `None` means that the
    /// target was looked at and has no such thing; trouble is still an error.
    pub fn maybe<T: FactType>(&mut self, key: Key<T>) -> Result<Option<T>, NotKnown> {
        let facts = self.case.facts.of(&self.teller.id);
        let answered = facts
            .probe(key.info.probe.name)
            .is_some_and(|probe| probe.answered.is_some() && probe.trouble.is_none());
        let lost = facts.lost.contains_key(key.info.name);
        if answered && !lost && !facts.known.contains_key(key.info.name) {
            self.probe = self.probe.or(Some(key.info.probe));
            // That there is none was seen at a time, and grows old like a value.
            let seen = facts.probe(key.info.probe.name).and_then(|probe| probe.answered);
            if let Some(seen) = seen.filter(|seen| is_stale(self.case.now, *seen, key.info.probe)) {
                return Err(self.grown_old(seen));
            }
            self.oldest = older(self.oldest, seen);
            return Ok(None);
        }
        self.value(key).map(Some)
    }

    /// Why the last look, which did answer, could not give this one fact; for a
    /// rule that takes a missing command for a failure.
    pub fn lost<T>(&mut self, key: Key<T>) -> Option<&'a Cause> {
        self.probe = self.probe.or(Some(key.info.probe));
        let facts = self.case.facts.of(&self.teller.id);
        let probe = facts.probe(key.info.probe.name).filter(|probe| probe.trouble.is_none())?;
        let lost = facts.lost.get(key.info.name);
        if lost.is_some() {
            self.tried = older(self.tried, probe.tried);
        }
        lost
    }

    /// Value, age and trouble, for a rule that must decide itself what trouble means.
    pub fn observe<T: FactType>(&mut self, key: Key<T>) -> Observed<T> {
        let observed = self.known(key);
        self.tried = older(self.tried, observed.tried);
        observed
    }

    fn known<T: FactType>(&mut self, key: Key<T>) -> Observed<T> {
        self.probe = self.probe.or(Some(key.info.probe));
        self.case.facts.of(&self.teller.id).get(key)
    }

    fn never_seen(&self, info: &KeyInfo) -> NotKnown {
        let name = &self.teller.name;
        match self.case.facts.of(&self.teller.id).probe(info.probe.name) {
            Some(probe) if probe.answered.is_some() => {
                NotKnown::because(format!("{name} was asked and did not tell its {}", info.meaning))
            }
            Some(probe) if probe.asking.is_some() => {
                NotKnown::because(format!("{name} is being asked for the first time"))
            }
            _ => NotKnown::because(format!("{name} was not looked at yet")),
        }
    }

    fn grown_old(&self, seen: Stamp) -> NotKnown {
        NotKnown {
            sentence: format!(
                "{} was last seen {} ago",
                self.teller.name,
                self.case.now.since(seen).long()
            ),
            cause: None,
            next: vec![format!("look again at {}", self.teller.name)],
            detail: Vec::new(),
        }
    }

    fn with_age(&self, mut why: NotKnown, seen: Option<Stamp>) -> NotKnown {
        if let Some(seen) = seen {
            let age: Age = self.case.now.since(seen);
            why.sentence = format!("{} (last seen {} ago)", why.sentence, age.long());
        }
        why
    }
}

/// Applies a rule and makes the judgement of what it says.
pub fn judge<'a>(
    case: &'a Case<'a>,
    rule: impl FnOnce(&mut Reading<'a>) -> Result<Ruling, NotKnown>,
) -> Judgement {
    let mut reading = Reading { case, teller: case.target, oldest: None, tried: None, probe: None };
    let ruling = rule(&mut reading);
    let seen = reading.oldest;
    let tried = reading.tried;
    // Without a fact it rests on what is written of the site.
    let source = reading.probe.map_or("inventory", |probe| probe.source).to_owned();
    let base = |verdict, sentence| Judgement {
        check: case.spec.id.clone(),
        target: case.target.id.clone(),
        layer: case.spec.layer,
        verdict,
        sentence,
        cause: None,
        reason: None,
        refers: None,
        points_at: None,
        evidence: Vec::new(),
        next: Vec::new(),
        seen,
        since: None,
        source,
    };
    match ruling {
        Ok(ruling) => {
            let next = match (ruling.verdict, ruling.next) {
                (Verdict::Pass | Verdict::NotYet, _) => Vec::new(),
                (_, Some(next)) => next,
                (_, None) => case.spec.next.clone(),
            };
            let evidence = ruling
                .evidence
                .into_iter()
                .map(|piece| Evidence { seen: piece.seen.or(seen), ..piece })
                .collect();
            Judgement {
                cause: ruling.cause,
                reason: ruling.reason,
                points_at: ruling.points_at,
                evidence,
                next,
                // A rule that judges by what is missing saw it missing at the last try.
                seen: seen.or(tried),
                ..base(ruling.verdict, ruling.sentence)
            }
        }
        Err(why) => Judgement {
            cause: why.cause,
            next: why.next,
            evidence: why
                .detail
                .into_iter()
                .map(|line| Evidence { label: "detail".to_owned(), shown: line, seen: None })
                .collect(),
            ..base(Verdict::Unknown, why.sentence)
        },
    }
}

/// Applies a rule that rests on one fact alone.
pub fn from<'a, T: FactType>(
    case: &'a Case<'a>,
    key: Key<T>,
    rule: impl FnOnce(&Reading<'a>, T) -> Ruling,
) -> Judgement {
    judge(case, |read| {
        let value = read.value(key)?;
        Ok(rule(read, value))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::checks::Catalogue;
    use crate::checks::hosts::worlds;
    use crate::domain::keys::hosts as keys;
    use crate::domain::{Answer, FactStore, ProbeId, ProbeName, Report, Role, Site, TargetId};

    /// What a reading makes of a machine that gave these answers, long ago or just now.
    fn read<T>(
        answers: Vec<Answer>,
        age: Age,
        f: impl FnOnce(&mut Reading<'_>) -> T,
    ) -> (T, Option<Stamp>) {
        let target = worlds::target("m-01", Role::Control);
        let site = Site { targets: vec![target.clone()], ..Site::default() };
        let probe =
            ProbeId { target: TargetId::from("m-01"), probe: ProbeName::fixed("host.look") };
        let mut facts = FactStore::default();
        for answer in answers {
            facts.take(&probe, answer, Stamp(worlds::NOW.0 - age.0), 1);
        }
        let (catalogue, _) = Catalogue::load(&[], &BTreeMap::new());
        let spec = catalogue.get("HOST-01").unwrap();
        let case = Case { site: &site, target: &target, facts: &facts, now: worlds::NOW, spec };
        let mut reading =
            Reading { case: &case, teller: case.target, oldest: None, tried: None, probe: None };
        (f(&mut reading), reading.oldest)
    }

    fn nothing() -> Answer {
        Answer::Facts(Report::default())
    }

    fn missing() -> Answer {
        let mut report = Report::default();
        report.lose(keys::KERNELS, Cause::new(CauseWord::CommandMissing, "no ls", "install it"));
        Answer::Facts(report)
    }

    fn silent() -> Answer {
        Answer::TimedOut(Cause::new(CauseWord::TimedOut, "it is silent", "look again"))
    }

    #[test]
    fn that_there_is_none_is_said_only_of_what_was_looked_at_just_now() {
        let young = Age::seconds(1);
        let maybe = |answers, age| read(answers, age, |read| read.maybe(keys::KERNELS));
        let (none, seen) = maybe(vec![nothing()], young);
        assert_eq!(none, Ok(None));
        assert_eq!(seen, Some(Stamp(worlds::NOW.0 - 1_000)), "absence has an age too");
        for answers in [vec![], vec![missing()], vec![silent()], vec![nothing(), silent()]] {
            assert!(maybe(answers.clone(), young).0.is_err(), "{answers:?}");
        }
        let (old, seen) = maybe(vec![nothing()], Age::seconds(3_600));
        assert_eq!(old.unwrap_err().sentence, "m-01 was last seen 1h00m ago");
        assert_eq!(seen, None);
    }

    #[test]
    fn a_key_is_lost_only_by_a_look_that_answered() {
        let lost = |answers| {
            let is_lost = |read: &mut Reading<'_>| read.lost(keys::KERNELS).is_some();
            read(answers, Age::seconds(1), is_lost).0
        };
        assert!(lost(vec![missing()]));
        assert!(!lost(vec![nothing()]));
        assert!(!lost(vec![missing(), silent()]), "what was lost before says nothing now");
    }
}
