//! What is wrong with a file, said like a compiler says it.

use serde::{Deserialize, Serialize};

use crate::domain::{CauseWord, Place, Verdict};

/// How bad a broken rule is (`ai-factory/inventory.md` section 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// `E`: blocks the step.
    Error,
    /// `W`: warns.
    Warning,
}

/// One broken rule, or one that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The rule (`V-CEPH-01`).
    pub rule: String,
    /// Error or warning.
    pub severity: Severity,
    /// `fail`, `warn`, or `unknown` for a rule that needs a live answer or a sealed value and has none.
    pub verdict: Verdict,
    /// Where to look.
    pub place: Place,
    /// What was found and what is accepted: one sentence without a full stop, never with a secret in it.
    pub sentence: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Why it is unknown.
    pub cause: Option<CauseWord>,
    /// The first step that must not run while the rule is broken (`HW-5.0`).
    pub step: Option<String>,
}
