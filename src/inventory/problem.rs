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

/// The rule of everything that keeps a file from being read as Ansible would.
pub const RULE_PARSE: &str = "V-YAML-01";
/// Our own rule: an unquoted value that YAML 1.1 reads otherwise than it looks.
pub const RULE_SURPRISE: &str = "V-YAML-50";
/// Our own rule: a part of the inventory that Ansible skips.
pub const RULE_SKIPPED: &str = "V-YAML-51";
/// Our own rule: a whole file that is sealed in a vault.
pub const RULE_SEALED: &str = "V-YAML-52";

/// Our own rule: what machines and management controllers are made of.
pub const RULE_TARGETS: &str = "V-SITE-52";
/// Our own rule: the vault password that `shopfloor.yml` names.
pub const RULE_VAULT: &str = "V-SITE-53";

impl Problem {
    /// A broken rule of reading, before any other rule can be judged.
    pub fn parse_error(place: Place, sentence: impl Into<String>, hint: &str) -> Problem {
        Problem::reading(RULE_PARSE, Severity::Error, place, sentence, hint)
    }

    /// [`Problem::parse_error`], boxed for those who return it as an error.
    pub(super) fn refusal(place: Place, sentence: impl Into<String>, hint: &str) -> Box<Problem> {
        Box::new(Problem::parse_error(place, sentence, hint))
    }

    /// Something that keeps a machine or a management controller from being what it could be.
    pub(super) fn of_target(place: Place, sentence: impl Into<String>, hint: &str) -> Problem {
        Problem::reading(RULE_TARGETS, Severity::Warning, place, sentence, hint)
    }

    /// Place, sentence and hint in one line.
    pub fn line(&self) -> String {
        let hint = self.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{}: {}{hint}", self.place, self.sentence)
    }

    /// A problem met while reading.
    pub(super) fn reading(
        rule: &str,
        severity: Severity,
        place: Place,
        sentence: impl Into<String>,
        hint: &str,
    ) -> Problem {
        let verdict = match severity {
            Severity::Error => Verdict::Fail,
            Severity::Warning => Verdict::Warn,
        };
        Problem {
            rule: rule.to_owned(),
            severity,
            verdict,
            place,
            sentence: sentence.into(),
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
            cause: None,
            step: None,
        }
    }
}
