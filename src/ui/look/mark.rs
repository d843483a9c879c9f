//! States as a shape, a word and a style: the shape and the word alone must do.

use crate::domain::Verdict;

use super::StyleRole;

/// A state that is drawn with a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
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
    Wait,
    /// Off, not wanted, not yet.
    Off,
    /// Skipped, reason kept.
    Skip,
}

impl Mark {
    /// All, in the order of the glyph tables.
    pub const ALL: [Mark; 9] = [
        Mark::Ok,
        Mark::Warn,
        Mark::Fail,
        Mark::Unknown,
        Mark::Old,
        Mark::Active,
        Mark::Wait,
        Mark::Off,
        Mark::Skip,
    ];

    /// The word beside it; at most four letters.
    pub const fn word(self) -> &'static str {
        match self {
            Mark::Ok => "ok",
            Mark::Warn => "WARN",
            Mark::Fail => "FAIL",
            Mark::Unknown => "??",
            Mark::Old => "old",
            Mark::Active => "run",
            Mark::Wait => "WAIT",
            Mark::Off => "--",
            Mark::Skip => "skip",
        }
    }

    /// What it means, for help and the test card.
    pub const fn meaning(self) -> &'static str {
        match self {
            Mark::Ok => "well",
            Mark::Warn => "impaired, works",
            Mark::Fail => "broken",
            Mark::Unknown => "we cannot look",
            Mark::Old => "was true, is old",
            Mark::Active => "in progress",
            Mark::Wait => "waits for you",
            Mark::Off => "off, not wanted, not yet",
            Mark::Skip => "skipped, reason kept",
        }
    }

    /// Its style.
    pub const fn role(self) -> StyleRole {
        match self {
            Mark::Ok => StyleRole::Ok,
            Mark::Warn => StyleRole::Warn,
            Mark::Fail => StyleRole::Fail,
            Mark::Unknown => StyleRole::Unknown,
            Mark::Old => StyleRole::Old,
            Mark::Active => StyleRole::Active,
            Mark::Wait => StyleRole::Attention,
            Mark::Off => StyleRole::Off,
            Mark::Skip => StyleRole::Skip,
        }
    }
}

impl From<Verdict> for Mark {
    fn from(verdict: Verdict) -> Mark {
        match verdict {
            Verdict::Pass => Mark::Ok,
            Verdict::Warn => Mark::Warn,
            Verdict::Fail => Mark::Fail,
            Verdict::Unknown => Mark::Unknown,
            Verdict::NotYet => Mark::Off,
        }
    }
}
