//! The sums of one layer, kept while targets change one by one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::domain::{CheckId, Judgement, Layer, Stamp, TargetId, Verdict};

use super::{Group, GroupId, Member, TargetVerdicts};

/// How many minutes the small history of a layer holds.
pub const HISTORY_MINUTES: usize = 60;

/// How many judgements there are of each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Judged well.
    pub pass: usize,
    /// Impaired.
    pub warn: usize,
    /// Broken.
    pub fail: usize,
    /// Could not be looked at.
    pub unknown: usize,
    /// Not meaningful yet.
    pub not_yet: usize,
}

impl Counts {
    /// The count of one verdict.
    pub const fn of(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Pass => self.pass,
            Verdict::Warn => self.warn,
            Verdict::Fail => self.fail,
            Verdict::Unknown => self.unknown,
            Verdict::NotYet => self.not_yet,
        }
    }

    /// How many are findings.
    pub const fn findings(&self) -> usize {
        self.warn + self.fail + self.unknown
    }

    /// How many were judged; `not-yet` was not.
    pub const fn judged(&self) -> usize {
        self.pass + self.findings()
    }

    /// The worst verdict there is; `None` when nothing was judged.
    pub const fn worst(&self) -> Option<Verdict> {
        if self.fail > 0 {
            Some(Verdict::Fail)
        } else if self.unknown > 0 {
            Some(Verdict::Unknown)
        } else if self.warn > 0 {
            Some(Verdict::Warn)
        } else if self.pass > 0 {
            Some(Verdict::Pass)
        } else {
            None
        }
    }

    /// Counts one more of a verdict.
    pub const fn add(&mut self, verdict: Verdict) {
        let count = self.slot(verdict);
        *count += 1;
    }

    const fn slot(&mut self, verdict: Verdict) -> &mut usize {
        match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Warn => &mut self.warn,
            Verdict::Fail => &mut self.fail,
            Verdict::Unknown => &mut self.unknown,
            Verdict::NotYet => &mut self.not_yet,
        }
    }

    const fn take(&mut self, verdict: Verdict) {
        let count = self.slot(verdict);
        *count = count.saturating_sub(1);
    }
}

/// The worst verdict of a layer in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    /// Minutes since 1970.
    pub minute: i64,
    /// The worst verdict seen in it; `None` when nothing was judged.
    pub worst: Option<Verdict>,
}

/// How a target stands in a layer: worst first, then the most findings, then by place in the site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Standing {
    /// Weight of its worst verdict; 0 when it was not judged yet.
    pub worst: Reverse<u8>,
    /// How many findings it has.
    pub findings: Reverse<usize>,
    /// Its place in `site.targets`.
    pub place: usize,
    /// The target.
    pub target: TargetId,
}

/// The sums of one layer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LayerSummary {
    /// Judgements by verdict.
    pub counts: Counts,
    /// Findings that fold under another one.
    pub folded: usize,
    /// Targets that this layer's checks are about.
    pub targets: usize,
    /// Those of them that were judged at least once.
    pub looked: usize,
    /// Those of them of which something could not be looked at.
    pub silent: usize,
    /// When a fact of this layer was last seen.
    pub seen: Option<Stamp>,
    /// The targets that this layer's checks are about, worst first.
    pub standings: BTreeSet<Standing>,
    /// The judgements by check, those that say the same together.
    pub checks: BTreeMap<CheckId, Vec<Group>>,
    /// The last hour, oldest minute first, the current one last.
    pub history: VecDeque<Minute>,
}

impl LayerSummary {
    /// The worst verdict; `None` when nothing was judged.
    pub const fn worst(&self) -> Option<Verdict> {
        self.counts.worst()
    }

    /// Every group of the layer.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.checks.values().flatten()
    }

    /// Takes a target out of the sums; the judgements that `stays` names keep their groups.
    pub(super) fn take_out(
        &mut self,
        layer: Layer,
        target: &TargetId,
        old: &TargetVerdicts,
        stays: &BTreeSet<&CheckId>,
    ) {
        let mine = Mine::of(layer, old);
        self.targets -= usize::from(mine.is_target).min(self.targets);
        self.looked -= usize::from(mine.is_looked).min(self.looked);
        self.silent -= usize::from(mine.is_silent).min(self.silent);
        self.standings.remove(&mine.standing(target, old.place));
        for judgement in mine.judgements.into_iter().filter(|j| !stays.contains(&j.check)) {
            self.counts.take(judgement.verdict);
            let member = member(judgement, target);
            let id = group_id(judgement);
            let Some(groups) = self.checks.get_mut(&judgement.check) else { continue };
            if let Some(group) = groups.iter_mut().find(|group| group.id == id) {
                if group.members.remove(&member) {
                    group.uncount(judgement, &old.called);
                }
                if group.leading.remove(&member) {
                    group.folded = group.folded.saturating_sub(old.folded_under(&judgement.check));
                }
            }
            groups.retain(|group| !group.members.is_empty());
            if groups.is_empty() {
                self.checks.remove(&judgement.check);
            }
        }
        self.folded = self.folded.saturating_sub(mine.folded);
    }

    /// Takes a target into the sums; the judgements that `stays` names are in their groups.
    pub(super) fn take_in(
        &mut self,
        layer: Layer,
        target: &TargetId,
        new: &TargetVerdicts,
        stays: &BTreeSet<&CheckId>,
    ) {
        let mine = Mine::of(layer, new);
        self.targets += usize::from(mine.is_target);
        self.looked += usize::from(mine.is_looked);
        self.silent += usize::from(mine.is_silent);
        self.folded += mine.folded;
        if mine.is_target {
            self.standings.insert(mine.standing(target, new.place));
        }
        for judgement in mine.judgements {
            self.seen = self.seen.max(judgement.seen);
            if stays.contains(&judgement.check) {
                continue;
            }
            self.counts.add(judgement.verdict);
            let id = group_id(judgement);
            let groups = self.checks.entry(judgement.check.clone()).or_default();
            let at = match groups.iter().position(|group| group.id == id) {
                Some(at) => at,
                None => {
                    groups.push(Group::new(id));
                    groups.len() - 1
                }
            };
            let Some(group) = groups.get_mut(at) else { continue };
            let member = member(judgement, target);
            if !new.folded.contains_key(&judgement.check) {
                group.leading.insert(member.clone());
                group.folded += new.folded_under(&judgement.check);
            }
            if group.members.insert(member) {
                group.count(judgement, &new.called);
            }
        }
    }

    /// Writes the verdict of now into the history.
    pub(super) fn note(&mut self, now: Stamp) {
        let minute = now.seconds().div_euclid(60);
        let worst = self.worst();
        match self.history.back_mut() {
            Some(last) if minute <= last.minute => {
                let weight = |verdict: Option<Verdict>| verdict.map_or(0, Verdict::weight);
                if weight(worst) > weight(last.worst) {
                    last.worst = worst;
                }
            }
            _ => {
                self.history.push_back(Minute { minute, worst });
                if self.history.len() > HISTORY_MINUTES {
                    self.history.pop_front();
                }
            }
        }
    }
}

/// What a target adds to the sums of a layer.
struct Mine<'a> {
    judgements: Vec<&'a Judgement>,
    is_target: bool,
    is_looked: bool,
    is_silent: bool,
    folded: usize,
}

impl<'a> Mine<'a> {
    fn of(layer: Layer, verdicts: &'a TargetVerdicts) -> Mine<'a> {
        let judgements: Vec<&Judgement> =
            verdicts.judgements.iter().filter(|judgement| judgement.layer == layer).collect();
        let is_looked = !judgements.is_empty();
        Mine {
            is_target: is_looked || verdicts.awaited.contains(&layer),
            is_looked,
            is_silent: judgements.iter().any(|judgement| judgement.verdict == Verdict::Unknown),
            folded: judgements
                .iter()
                .filter(|judgement| verdicts.folded.contains_key(&judgement.check))
                .count(),
            judgements,
        }
    }

    fn standing(&self, target: &TargetId, place: usize) -> Standing {
        let verdicts = || self.judgements.iter().map(|judgement| judgement.verdict);
        Standing {
            worst: Reverse(verdicts().map(Verdict::weight).max().unwrap_or(0)),
            findings: Reverse(verdicts().filter(|verdict| verdict.is_finding()).count()),
            place,
            target: target.clone(),
        }
    }
}

fn group_id(judgement: &Judgement) -> GroupId {
    GroupId {
        check: judgement.check.clone(),
        verdict: judgement.verdict,
        cause: judgement.cause.clone(),
    }
}

fn member(judgement: &Judgement, target: &TargetId) -> Member {
    Member { since: judgement.since, target: target.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worse_verdict_among_many_is_the_worst() {
        use Verdict::{Fail, NotYet, Pass, Unknown, Warn};
        for (has, worst) in [
            (vec![], None),
            (vec![NotYet], None),
            (vec![Pass, NotYet], Some(Pass)),
            (vec![Pass, Pass, Warn], Some(Warn)),
            (vec![Pass, Warn, Unknown], Some(Unknown)),
            (vec![Pass, Unknown, Fail], Some(Fail)),
        ] {
            let mut counts = Counts::default();
            has.iter().for_each(|verdict| counts.add(*verdict));
            assert_eq!(counts.worst(), worst, "{has:?}");
        }
    }
}
