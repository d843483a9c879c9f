//! Judgements that say the same of several targets.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::{CauseWord, CheckId, Stamp, TargetId, Verdict};

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
}

impl Group {
    /// A group of nobody.
    pub fn new(id: GroupId) -> Group {
        Group { id, members: BTreeSet::new(), leading: BTreeSet::new(), folded: 0 }
    }

    /// Since when the first of them is so.
    pub fn since(&self) -> Option<Stamp> {
        self.members.first().and_then(|member| member.since)
    }
}
