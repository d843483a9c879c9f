//! Judgements that say the same of several targets.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::finding::{Standing, standing};
use crate::domain::{CauseWord, CheckId, Judgement, Stamp, TargetId, Verdict};

use super::super::sharing::without_name;

/// One check, one verdict, one cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GroupId {
    /// The check.
    pub check: CheckId,
    /// What it says.
    pub verdict: Verdict,
    /// Why it could not be looked at.
    pub cause: Option<CauseWord>,
}

impl GroupId {
    fn order(&self) -> (&CheckId, u8, &Option<CauseWord>) {
        (&self.check, self.verdict.weight(), &self.cause)
    }
}

impl Ord for GroupId {
    fn cmp(&self, other: &GroupId) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for GroupId {
    fn partial_cmp(&self, other: &GroupId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A target in a group; the longest in it comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// Since when the verdict is this one.
    pub since: Option<Stamp>,
    /// The target.
    pub target: TargetId,
}

/// The targets of which one check says the same for the same reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What they share.
    pub id: GroupId,
    /// All of them.
    pub members: BTreeSet<Member>,
    /// Those whose finding does not fold under another one.
    pub leading: BTreeSet<Member>,
    /// Findings of other checks that fold under the leading ones.
    pub folded: usize,
    /// How many members give which reason; an empty one is none.
    pub reasons: BTreeMap<String, usize>,
    /// How many members point at what beside themselves; an empty one is nothing.
    pub points_at: BTreeMap<String, usize>,
    /// How many members say which sentence, their own name left out.
    pub said: BTreeMap<String, usize>,
}

impl Group {
    /// A group of nobody.
    pub fn new(id: GroupId) -> Group {
        Group {
            id,
            members: BTreeSet::new(),
            leading: BTreeSet::new(),
            folded: 0,
            reasons: BTreeMap::new(),
            points_at: BTreeMap::new(),
            said: BTreeMap::new(),
        }
    }

    /// The reason that all members give.
    pub fn reason(&self) -> Option<&str> {
        only(&self.reasons).filter(|reason| !reason.is_empty())
    }

    /// What all members point at beside themselves.
    pub fn points_at(&self) -> Option<&str> {
        only(&self.points_at).filter(|name| !name.is_empty())
    }

    /// The sentence that all members say of themselves, without a name.
    pub fn sentence(&self) -> Option<&str> {
        only(&self.said)
    }

    /// Counts what a member says of itself, whom people call `name`.
    pub(super) fn count(&mut self, judgement: &Judgement, name: &str) {
        let reason = judgement.reason.clone().unwrap_or_default();
        *self.reasons.entry(reason).or_default() += 1;
        *self.points_at.entry(judgement.points_at.clone().unwrap_or_default()).or_default() += 1;
        *self.said.entry(without_name(&judgement.sentence, name)).or_default() += 1;
    }

    /// Takes back what [`Group::count`] counted of the same judgement.
    pub(super) fn uncount(&mut self, judgement: &Judgement, name: &str) {
        take_one(&mut self.reasons, judgement.reason.as_deref().unwrap_or_default());
        take_one(&mut self.points_at, judgement.points_at.as_deref().unwrap_or_default());
        take_one(&mut self.said, &without_name(&judgement.sentence, name));
    }

    /// Where it stands among findings: where its first member does.
    pub fn standing(&self) -> Option<Standing<'_>> {
        let first = self.members.first()?;
        Some(standing(self.id.verdict, first.since, &self.id.check, &first.target))
    }

    /// Since when the first of them is so.
    pub fn since(&self) -> Option<Stamp> {
        self.members.first().and_then(|member| member.since)
    }
}

fn only(counts: &BTreeMap<String, usize>) -> Option<&str> {
    let mut words = counts.keys();
    words.next().filter(|_| words.next().is_none()).map(String::as_str)
}

fn take_one(counts: &mut BTreeMap<String, usize>, word: &str) {
    if let Some(count) = counts.get_mut(word) {
        *count -= 1;
        if *count == 0 {
            counts.remove(word);
        }
    }
}
