//! Marks: every state is a shape and a word; the drawing adds a colour.

use serde::{Deserialize, Serialize};

use crate::domain::Verdict;

use super::verdicts::TargetVerdicts;

/// What a mark means (the look has a glyph and a role for each).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Well.
    Ok,
    /// Impaired, works.
    Warn,
    /// Broken.
    Fail,
    /// We cannot look.
    Unknown,
    /// Was true, is old.
    Old,
    /// In progress.
    Active,
    /// Waits for a person.
    Waits,
    /// Off, not wanted, not yet.
    Off,
    /// Skipped, with a reason kept.
    Skipped,
}

impl Mark {
    /// All of them, in the order of the test card and of Help.
    pub const ALL: [Mark; 9] = [
        Mark::Ok,
        Mark::Warn,
        Mark::Fail,
        Mark::Unknown,
        Mark::Old,
        Mark::Active,
        Mark::Waits,
        Mark::Off,
        Mark::Skipped,
    ];

    /// The mark of a verdict.
    pub const fn of(verdict: Verdict) -> Mark {
        match verdict {
            Verdict::Pass => Mark::Ok,
            Verdict::Warn => Mark::Warn,
            Verdict::Fail => Mark::Fail,
            Verdict::Unknown => Mark::Unknown,
            Verdict::NotYet => Mark::Off,
        }
    }

    /// The mark of all that is said of a target: its worst verdict, `Active`
    /// while a first one is awaited, `Off` when no check is about it.
    pub fn of_verdicts(verdicts: &TargetVerdicts) -> Mark {
        match verdicts.worst() {
            Some(verdict) => Mark::of(verdict),
            None if verdicts.awaited.is_empty() => Mark::Off,
            None => Mark::Active,
        }
    }

    /// The mark of a verdict that may not be there yet.
    pub const fn of_maybe(verdict: Option<Verdict>) -> Mark {
        match verdict {
            Some(verdict) => Mark::of(verdict),
            None => Mark::Active,
        }
    }

    /// The word beside it.
    pub const fn word(self) -> &'static str {
        match self {
            Mark::Ok => "ok",
            Mark::Warn => "WARN",
            Mark::Fail => "FAIL",
            Mark::Unknown => "??",
            Mark::Old => "old",
            Mark::Active => "looking",
            Mark::Waits => "WAIT",
            Mark::Off => "--",
            Mark::Skipped => "skip",
        }
    }

    /// What it means, for Help and the test card.
    pub const fn meaning(self) -> &'static str {
        match self {
            Mark::Ok => "ok",
            Mark::Warn => "warning",
            Mark::Fail => "failed",
            Mark::Unknown => "cannot look",
            Mark::Old => "old",
            Mark::Active => "running",
            Mark::Waits => "waits for you",
            Mark::Off => "off or not wanted",
            Mark::Skipped => "skipped",
        }
    }
}
