//! Everything that can happen, as data that can be recorded and replayed.

use serde::{Deserialize, Serialize};

use crate::checks::Catalogue;
use crate::domain::faults::Fault;
use crate::domain::{Answer, Layer, ProbeId, SecretName, Site, Stamp};

use super::Input;
use super::consoles::ConsoleNews;
use super::history::HistoryNews;
use super::inventory_report::InventoryReport;
use super::logs::LogNews;
use super::plans::PlanNews;
use super::runs::RunNews;

/// Something that happened. Secrets never are in one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "msg", content = "with")]
pub enum Msg {
    /// The operator did something at the terminal.
    Input(Input),
    /// The time, at least once a second while something on screen ages.
    Clock(Stamp),
    /// The site was read (again), with the checks as the site overrides them.
    SiteLoaded(Box<Site>, Box<Catalogue>),
    /// The rules of `inventory check` were applied to the files of the site.
    InventoryJudged(Box<InventoryReport>),
    /// An ask was sent.
    Asked(ProbeId, Stamp),
    /// An answer came, at that time and after so many milliseconds.
    Answered(ProbeId, Answer, Stamp, u64),
    /// A look that asks once is over for these layers (all when empty): no more answers come.
    LookEnded(Vec<Layer>),
    /// The faults of the demo site, or why they cannot be had.
    Faults(Result<Vec<Fault>, String>),
    /// What became of an effect: a sentence for the status line.
    Done(Outcome),
    /// Secrets that somebody wanted and that are missing.
    SecretsWanted(Vec<SecretName>),
    /// The secret field now holds so many characters.
    SecretLength(usize),
    /// The secret field was closed; `true` when the secret was taken.
    SecretClosed(bool),
    /// A secret was tried and does not open what it should: nothing is kept; a sentence.
    SecretRefused(SecretName, String),
    /// A console shows something, or its key bar is wanted.
    Console(ConsoleNews),
    /// What is told of plans.
    Plan(PlanNews),
    /// Something about a run.
    Run(RunNews),
    /// News of what is kept of the past.
    History(HistoryNews),
    /// News of the log view.
    Log(LogNews),
    /// The terminal refused an effect that it said it could do, or the session was told to end.
    Ending(String),
}

/// What became of an effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done: a sentence.
    Done(String),
    /// It was not: a sentence with what to do.
    Failed(String),
}
