//! What one rule found, collected with the rule's id, severity and step.

use super::reading::{At, Reading};
use crate::domain::{CauseWord, Place, Verdict};
use crate::inventory::variables::RuleRow;
use crate::inventory::{Problem, Severity};

/// Collects the problems of one rule.
#[derive(Debug)]
pub struct Findings<'a> {
    rule: &'a RuleRow,
    /// What was found so far.
    pub problems: Vec<Problem>,
}

impl<'a> Findings<'a> {
    /// For one rule.
    pub fn of(rule: &'a RuleRow) -> Findings<'a> {
        Findings { rule, problems: Vec::new() }
    }

    fn push(
        &mut self,
        severity: Severity,
        verdict: Verdict,
        place: &Place,
        sentence: String,
        hint: &str,
    ) -> &mut Problem {
        self.problems.push(Problem {
            rule: self.rule.id.clone(),
            severity,
            verdict,
            place: place.clone(),
            sentence,
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
            cause: None,
            step: self.rule.first_step().map(str::to_owned),
        });
        let last = self.problems.len() - 1;
        // The vector was just pushed to.
        #[expect(clippy::indexing_slicing, reason = "the entry was pushed above")]
        &mut self.problems[last]
    }

    /// The rule is broken: an error or a warning, as the rule has it.
    pub fn broken(
        &mut self,
        place: &Place,
        sentence: impl Into<String>,
        hint: &str,
    ) -> &mut Problem {
        let severity = self.rule.severity();
        let verdict = match severity {
            Severity::Error => Verdict::Fail,
            Severity::Warning => Verdict::Warn,
        };
        self.push(severity, verdict, place, sentence.into(), hint)
    }

    /// The milder half of an error rule.
    pub fn warn(&mut self, place: &Place, sentence: impl Into<String>, hint: &str) -> &mut Problem {
        self.push(Severity::Warning, Verdict::Warn, place, sentence.into(), hint)
    }

    /// It could not be judged.
    pub fn unknown(
        &mut self,
        place: &Place,
        cause: CauseWord,
        sentence: impl Into<String>,
        hint: &str,
    ) {
        let severity = self.rule.severity();
        self.push(severity, Verdict::Unknown, place, sentence.into(), hint).cause = Some(cause);
    }

    /// What a value says; notes that the rule cannot be judged where it is
    /// sealed or a template. A value of the wrong kind is the type rule's business.
    pub fn read<T>(&mut self, at: At<'_>, reading: Reading<T>, what: &str) -> Option<T> {
        match reading {
            Reading::Known(value) => Some(value),
            Reading::Wrong => None,
            Reading::Unknown(cause) => {
                let (sentence, hint) = match cause {
                    CauseWord::PasswordSealed => (
                        format!("{what} is sealed, so this rule cannot be judged"),
                        "name a vault password file to judge it",
                    ),
                    _ => (
                        format!(
                            "{what} is a template that only Ansible evaluates, so this rule cannot be judged"
                        ),
                        "compare by hand, or write the value itself",
                    ),
                };
                self.unknown(at.place(), cause, sentence, hint);
                None
            }
        }
    }

    /// Text of an optional value; see [`Findings::read`].
    pub fn text(&mut self, at: Option<At<'_>>, what: &str) -> Option<String> {
        at.and_then(|at| self.read(at, at.text(), what))
    }
}
