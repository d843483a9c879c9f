//! What a journal can say of the steps of a plan.

use serde::{Deserialize, Serialize};

use super::event::Person;

/// Something that happened to a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepEvent {
    /// The plan.
    pub plan: String,
    /// The step; empty for what belongs to the plan as a whole.
    pub step: String,
    /// The target, of a step that repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What happened.
    pub act: StepAct,
}

/// What happened to a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "did")]
pub enum StepAct {
    /// It was shown as the next one to do.
    Offered,
    /// It acts; written before it does.
    Started {
        /// Who wanted it.
        by: Person,
        /// Why it may change the site.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        armed: Option<String>,
        /// Why it acts once more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<String>,
    },
    /// Its act came to an end.
    Ended {
        /// The exit status; `None` where nobody knows.
        exit: Option<i32>,
    },
    /// What proves it done was looked for.
    Judged {
        /// Whether it holds: `holds`, `fails`, `unknown`.
        truth: crate::install::expression::Truth,
        /// What was found, a line each.
        found: Vec<String>,
    },
    /// A person said so.
    Confirmed {
        /// What the person said, as the plan has it.
        words: String,
        /// What was shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<String>,
        /// Who.
        by: Person,
    },
    /// It was passed over.
    Skipped {
        /// Why.
        reason: String,
        /// Who.
        by: Person,
    },
    /// It was put off; it stays on the list.
    Deferred {
        /// Why.
        reason: String,
        /// Who.
        by: Person,
    },
    /// It is to be done after all.
    Reopened {
        /// Who.
        by: Person,
    },
    /// An interlock was passed with a reason: overridden, or confirmed.
    Passed {
        /// The interlock.
        interlock: String,
        /// The typed reason.
        reason: String,
        /// Who.
        by: Person,
    },
    /// It gave something to other steps.
    Gave {
        /// The output's name.
        name: String,
        /// Every match, in order.
        values: Vec<String>,
    },
    /// A value of the plan was answered. Never a secret.
    Answered {
        /// The value's name.
        name: String,
        /// What it is.
        value: String,
        /// Who.
        by: Person,
    },
    /// It left a duty behind.
    DutyCreated {
        /// The duty.
        duty: String,
    },
    /// A duty was found done.
    DutySettled {
        /// The duty.
        duty: String,
        /// What proved it.
        found: Vec<String>,
    },
    /// Something that a later program of the same version writes.
    #[serde(other)]
    Other,
}

impl StepEvent {
    /// What it tells a person, one sentence; `None` for what only programs need.
    pub fn sentence(&self) -> Option<String> {
        let step = match &self.target {
            Some(target) => format!("{} {target}", self.step),
            None => self.step.clone(),
        };
        Some(match &self.act {
            StepAct::Offered | StepAct::Other => return None,
            StepAct::Started { by, again: None, .. } => format!("step {step} begins, for {by}"),
            StepAct::Started { by, again: Some(why), .. } => {
                format!("step {step} begins once more, for {by}: {why}")
            }
            StepAct::Ended { exit: Some(code) } => {
                format!("the act of step {step} ended: exit {code}")
            }
            StepAct::Ended { exit: None } => format!("how the act of step {step} ended is unknown"),
            StepAct::Judged { truth, found } => match found.first() {
                Some(first) => {
                    format!("step {step}, what proves it done {}: {first}", truth.word())
                }
                None => format!("step {step}, what proves it done {}", truth.word()),
            },
            StepAct::Confirmed { words, by, .. } => format!("{by} confirms of {step}: {words}"),
            StepAct::Skipped { reason, by } => format!("{by} passes over {step}: {reason}"),
            StepAct::Deferred { reason, by } => format!("{by} puts {step} off: {reason}"),
            StepAct::Reopened { by } => format!("{by} opens {step} again"),
            StepAct::Passed { interlock, reason, by } => {
                format!("{by} passes {interlock} for {step}: {reason}")
            }
            StepAct::Gave { name, .. } => format!("step {step} gave {name}"),
            StepAct::Answered { name, by, .. } => format!("{by} says what {name} is"),
            StepAct::DutyCreated { duty } => format!("step {step} leaves the duty {duty}"),
            StepAct::DutySettled { duty, .. } => format!("the duty {duty} is done"),
        })
    }
}
