//! A step of a plan.

use serde::{Deserialize, Serialize};

use super::kind::{Approve, Kind};
use super::template::Template;
use crate::domain::Place;
use crate::install::expression::Expr;

/// One step, with an id of the procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its id, the procedure's own (`HW-5.2.4`).
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Why it is done; empty where the record does not say.
    pub why: String,
    /// Where it is done: location codes of the vendor's list of checks.
    pub at: Vec<String>,
    /// What must hold before it may start.
    pub needs: Expr,
    /// When it applies at all.
    pub when: Expr,
    /// The procedure's own words for that.
    pub when_words: Option<String>,
    /// Inventory variables that must be set and valid before it may start.
    pub variables: Vec<String>,
    /// What proves it done, asked of reality.
    pub done: Expr,
    /// The procedure's own words for that.
    pub done_words: Option<String>,
    /// How long it usually takes.
    pub usual: Usual,
    /// What can go wrong, and the way on.
    pub symptoms: Vec<Symptom>,
    /// What doing it again does.
    pub rerun: Rerun,
    /// What is offered after a failure.
    pub after_failure: Vec<Choice>,
    /// What it can do to the site.
    pub risk: Risk,
    /// How it is undone.
    pub undo: Option<String>,
    /// The interlocks that the procedure names with it.
    pub interlocks: Vec<String>,
    /// The duties that it leaves behind.
    pub duties: Vec<String>,
    /// For each of what it is repeated, with a state of its own.
    pub for_each: Option<String>,
    /// The steps that may run at the same time.
    pub beside: Vec<String>,
    /// More to know.
    pub note: Option<String>,
    /// The release that brought it.
    pub since: Option<String>,
    /// Where it stops and waits for a person.
    pub pause: Option<String>,
    /// The states that it passes while it runs, earliest first.
    pub states: Vec<WaitState>,
    /// What the procedure says is done, where that is no command.
    pub run_words: Option<String>,
    /// What is awaited, in the record's words.
    pub wait_words: Option<String>,
    /// What is to be seen, in the record's words.
    pub expect: Option<String>,
    /// How a person says yes before it acts.
    pub confirm: Option<Approve>,
    /// What is typed for a typed yes.
    pub object: Option<Template>,
    /// What it shows and leads to.
    pub branches: Vec<Branch>,
    /// What a person types or brings.
    pub input: Option<String>,
    /// What it gives to other steps.
    pub outputs: Vec<Output>,
    /// What it is.
    pub kind: Kind,
    /// Where it is written.
    pub place: Place,
}

/// How long a step usually takes, in the procedure's words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usual {
    /// Typically.
    pub typical: Option<String>,
    /// At most.
    pub limit: Option<String>,
    /// What that rests on: `doc` or `plan`.
    pub basis: Option<String>,
}

/// What can go wrong with a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// What is seen.
    pub symptom: String,
    /// What to do.
    pub remedy: String,
    /// The step that is the way on.
    pub step: Option<String>,
    /// The command that is the way on.
    pub run: Option<String>,
}

/// A state that a running step passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitState {
    /// Its word (`key-needed`).
    pub state: String,
    /// When it is entered; the last state whose condition holds counts.
    pub enter: Expr,
    /// A regular expression of the run's output that points at it; by itself it decides nothing.
    pub hint: Option<String>,
    /// How long it may last, in seconds.
    pub limit: Option<u32>,
    /// Whether it calls for a person.
    pub rings: bool,
    /// What it means.
    pub words: String,
}

/// What a step shows and leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// What is seen.
    pub seen: String,
    /// What to do then.
    pub remedy: Option<String>,
    /// The step to go on with.
    pub step: Option<String>,
}

/// What doing a step again does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// In one word.
    pub class: RerunClass,
    /// In the procedure's words.
    pub words: String,
}

/// What doing a step again does, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RerunClass {
    /// Nothing is harmed.
    Safe,
    /// The end is the same.
    Idempotent,
    /// It acts a second time.
    Repeats,
    /// It destroys what is there.
    Destroys,
    /// It is passed over where it is done.
    Skip,
}

impl RerunClass {
    /// All with their words.
    pub const WORDS: [(&'static str, RerunClass); 5] = [
        ("safe", RerunClass::Safe),
        ("idempotent", RerunClass::Idempotent),
        ("repeats", RerunClass::Repeats),
        ("destroys", RerunClass::Destroys),
        ("skip", RerunClass::Skip),
    ];

    /// Whether a second time needs nobody's word.
    pub const fn is_repeatable(self) -> bool {
        matches!(self, RerunClass::Safe | RerunClass::Idempotent)
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            RerunClass::Safe => "safe",
            RerunClass::Idempotent => "idempotent",
            RerunClass::Repeats => "repeats",
            RerunClass::Destroys => "destroys",
            RerunClass::Skip => "skip",
        }
    }
}

/// What is offered after a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The same once more.
    Again,
    /// To pass over it, with a reason.
    Skip,
    /// To stop here.
    Stop,
    /// Another step.
    Step(String),
}

/// What a step can do to the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// It only looks.
    Looks,
    /// It changes the site.
    Changes,
    /// It destroys something.
    Destroys,
}

impl Risk {
    /// All with their words.
    pub const WORDS: [(&'static str, Risk); 3] =
        [("looks", Risk::Looks), ("changes", Risk::Changes), ("destroys", Risk::Destroys)];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Risk::Looks => "looks",
            Risk::Changes => "changes",
            Risk::Destroys => "destroys",
        }
    }
}

/// What a step gives to other steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub from: OutputFrom,
    /// A regular expression with one group, which is the value; the whole text without one.
    pub pattern: Option<String>,
}

/// Where an output comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputFrom {
    /// The screen of a console.
    Screen,
    /// What the command printed.
    Stdout,
    /// What a person answered.
    Answer,
}

impl OutputFrom {
    /// All with their words.
    pub const WORDS: [(&'static str, OutputFrom); 3] = [
        ("screen", OutputFrom::Screen),
        ("stdout", OutputFrom::Stdout),
        ("answer", OutputFrom::Answer),
    ];
}

/// The locations where steps are done, by code, with the words of the vendor's list of checks.
pub const LOCATIONS: [(&str, &str); 19] = [
    ("ws", "operator workstation"),
    ("site", "hands at the rack"),
    ("fw", "firmware screen"),
    ("rb", "router box"),
    ("b0", "bastion"),
    ("box", "deployment container on the bastion"),
    ("wrt", "OpenWRT router"),
    ("hhc", "console of the Hedgehog VM"),
    ("hh", "Hedgehog VM"),
    ("swc", "serial console of a switch"),
    ("sw", "switch over SSH"),
    ("cn", "Ceph storage node"),
    ("csh", "Ceph shell on a monitor node"),
    ("oc", "OpenStack control node"),
    ("cp", "compute or GPU node"),
    ("mc", "management cluster"),
    ("tc", "tenant cluster"),
    ("api", "IaaS API, Grafana, Prometheus or Loki"),
    ("web", "third-party web console"),
];

/// The words of a location.
pub fn location_words(code: &str) -> &str {
    LOCATIONS.iter().find(|(known, _)| *known == code).map_or(code, |(_, words)| words)
}

/// For each of what a step can be repeated, and at what several checks can be asked.
pub const TARGETS: [&str; 14] = [
    "switches",
    "operators",
    "storage_nodes",
    "control_nodes",
    "compute_nodes",
    "gpu_nodes",
    "bmcs",
    "servers",
    "nodes",
    "routers",
    "gateways",
    "monitors",
    "tenants",
    "service_names",
];
