//! What one check says of one target.

use serde::{Deserialize, Serialize};

use super::{CauseWord, CheckId, Layer, Stamp, TargetId, Verdict};

/// One check's verdict on one target, with everything a person needs to act on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The code (`HOST-05`).
    pub check: CheckId,
    /// Whom it is about.
    pub target: TargetId,
    /// The layer it counts in.
    pub layer: Layer,
    /// The verdict.
    pub verdict: Verdict,
    /// One sentence without a full stop that names the target and can be read out on a telephone.
    pub sentence: String,
    /// Why it could not be looked at, where that is so.
    pub cause: Option<CauseWord>,
    /// A finer reason, named by the system's reference (`heartbeat.stale`).
    pub reason: Option<String>,
    /// Another check of the same target that names what this one only sums up:
    /// both are one matter, to be told once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers: Option<CheckId>,
    /// What it points at beside its own target, by the name that people say: the
    /// switch at the far end of a dead leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points_at: Option<String>,
    /// What proved it.
    pub evidence: Vec<Evidence>,
    /// What to try next, in order; empty when nothing is wrong.
    pub next: Vec<String>,
    /// When the oldest fact it rests on was seen: it is as old as that; `None` when there is none.
    pub seen: Option<Stamp>,
    /// Since when the verdict is this one, as far as we looked. Checks leave it
    /// `None`; the one who keeps verdicts fills it in.
    pub since: Option<Stamp>,
    /// Where the facts come from (`ssh`, `redfish`, `ipmi`).
    pub source: String,
}

/// One piece of evidence: a label, what was seen, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was looked at (`/proc/mdstat md0`).
    pub label: String,
    /// What it showed (`[2/1] [U_]`).
    pub shown: String,
    /// When it was seen.
    pub seen: Option<Stamp>,
}
