//! Plans: runbooks as data. The types, reading them with places, and what
//! binds steps together. The format is described in `docs/plans.md`.

mod built_in;
mod fault;
pub mod fields;
pub mod keys;
pub mod kind;
pub mod library;
mod reading;
mod reading_kind;
pub(crate) mod reading_step;
pub mod references;
pub mod step;
pub mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::Place;

use super::expression::Expr;

pub use fault::Fault;
pub use kind::Kind;
pub use library::{Library, PlanFile};
pub use step::{Risk, Step};
pub use template::{Meaning, Source, Template};

/// A plan: phases of steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Its id (`ai-factory-25.1.1`, `RB-CAPI`).
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The release that it installs.
    pub release: Option<String>,
    /// When it is the variant to follow; without it it is never chosen by itself.
    pub variant_when: Option<Expr>,
    /// Its phases, in order; a runbook has one of its own name.
    pub phases: Vec<Phase>,
    /// The plan whose names hold here too; its own win.
    pub values_from: Option<String>,
    /// What the names in its steps mean, those of `values_from` among them.
    pub values: BTreeMap<String, Meaning>,
    /// What only a runbook has.
    pub runbook: Option<Runbook>,
    /// The release that brought it.
    pub since: Option<String>,
    /// More to know.
    pub note: Option<String>,
    /// Whose it is.
    pub origin: Origin,
    /// Where it is written.
    pub place: Place,
}

impl Plan {
    /// All steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.phases.iter().flat_map(|phase| &phase.steps)
    }

    /// Whether its steps stand in files of phases, and it is whole in itself; a
    /// runbook may rest on another plan.
    pub fn is_whole(&self) -> bool {
        !self.phases.iter().any(|phase| phase.id == self.id)
    }

    /// A step by its id, capitals or not.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps().find(|step| step.id.eq_ignore_ascii_case(id))
    }

    /// The phase of a step.
    pub fn phase_of(&self, step: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.steps.iter().any(|one| one.id == step))
    }
}

/// A phase: steps with one outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Its id (`HW-5`).
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What comes out of it.
    pub outcome: String,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// Where it is written.
    pub place: Place,
}

/// What only a runbook has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Runbook {
    /// Alerts that it is offered from.
    pub alerts: Vec<String>,
    /// Checks whose findings it is offered from.
    pub findings: Vec<String>,
    /// The occasion in words.
    pub occasion: Option<String>,
    /// The query of its alert.
    pub query: Option<String>,
    /// What the alert means.
    pub meaning: Option<String>,
    /// What users notice of it.
    pub impact: Option<String>,
    /// What must be at hand, in words.
    pub needs_words: Vec<String>,
    /// What must hold at its end.
    pub verify: Vec<Expr>,
    /// The same in the record's words.
    pub verify_words: Vec<String>,
    /// What can go wrong.
    pub trouble: Vec<(String, String)>,
    /// The way back.
    pub rollback: Vec<String>,
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It comes with the program.
    BuiltIn,
    /// It is the user's own.
    User,
    /// It is the site's.
    Site,
}

impl Origin {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Origin::BuiltIn => "built-in",
            Origin::User => "user",
            Origin::Site => "site",
        }
    }
}

/// A condition that must hold before a step may start, whatever else the step needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interlock {
    /// Its id (`IL-01`).
    pub id: String,
    /// What it says.
    pub rule: String,
    /// Why.
    pub why: String,
    /// The steps that it holds back.
    pub blocks: Vec<String>,
    /// The procedure's own words for that.
    pub blocks_words: Option<String>,
    /// Until what holds.
    pub until: Expr,
    /// The procedure's own words for that.
    pub until_words: Option<String>,
    /// How hard it is.
    pub level: Level,
    /// Whether it may be passed with a reason.
    pub may_override: bool,
    /// What to do.
    pub way_out: Option<String>,
    /// Where the program keeps it, for one that holds no step back.
    pub enforced: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// How hard an interlock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The step cannot start.
    Hard,
    /// It starts only after a typed confirmation.
    Confirm,
    /// It leaves a reminder.
    Remind,
}

impl Level {
    /// All with their words.
    pub const WORDS: [(&'static str, Level); 3] =
        [("hard", Level::Hard), ("confirm", Level::Confirm), ("remind", Level::Remind)];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Level::Hard => "hard",
            Level::Confirm => "confirm",
            Level::Remind => "remind",
        }
    }
}

/// A deferred duty: a reminder with a probe that nobody can forget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    /// Its id (`hedgehog-reboot`).
    pub id: String,
    /// What is to be done.
    pub title: String,
    /// Why.
    pub why: Option<String>,
    /// The step that leaves it behind.
    pub from: String,
    /// What proves it done.
    pub done: Expr,
    /// By when, in words.
    pub due: Option<String>,
    /// The step that does it.
    pub step: Option<String>,
    /// Where it is written.
    pub place: Place,
}
