//! What changed lately: every change of a verdict, not every event.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::{CheckId, Layer, Stamp, TargetId, Verdict};

/// How many changes are kept.
pub const KEPT: usize = 2_000;

/// One change of a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Counts up from 1 and is never given twice.
    pub number: u64,
    /// When it was noticed.
    pub at: Stamp,
    /// The layer it counts in.
    pub layer: Layer,
    /// Whom it is about.
    pub target: TargetId,
    /// Which check noticed.
    pub check: CheckId,
    /// The verdict before.
    pub from: Verdict,
    /// The verdict now.
    pub to: Verdict,
    /// What the check says now.
    pub sentence: String,
}

/// The latest changes, oldest first, bounded; the oldest go first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Changes {
    kept: VecDeque<Change>,
    made: u64,
}

impl Changes {
    /// Takes in a change; its number is given here.
    pub fn push(&mut self, mut change: Change) {
        self.made += 1;
        change.number = self.made;
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(change);
    }

    /// The changes, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Change> {
        self.kept.iter().rev()
    }

    /// The change of that number, if it is still kept.
    pub fn get(&self, number: u64) -> Option<&Change> {
        let first = self.kept.front()?.number;
        self.kept.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether nothing changed yet.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many were forgotten because too many came.
    pub fn forgotten(&self) -> u64 {
        self.made.saturating_sub(self.kept.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_the_loss_is_counted() {
        let mut changes = Changes::default();
        for n in 0..KEPT as i64 + 5 {
            changes.push(Change {
                number: 0,
                at: Stamp(n),
                layer: Layer::Hosts,
                target: "gpu-01".into(),
                check: "HOST-01".into(),
                from: Verdict::Pass,
                to: Verdict::Fail,
                sentence: String::new(),
            });
        }
        assert_eq!(changes.len(), KEPT);
        assert_eq!(changes.forgotten(), 5);
        assert_eq!(changes.newest_first().next().map(|c| c.number), Some(KEPT as u64 + 5));
        assert_eq!(changes.get(6).map(|c| c.at), Some(Stamp(5)));
        assert_eq!(changes.get(5), None);
        assert_eq!(changes.get(KEPT as u64 + 6), None);
    }
}
