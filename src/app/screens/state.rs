//! What a screen remembers while we are elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::{CheckId, KeyName, Layer, TargetId};

use super::super::verdicts::GroupId;

/// What a row is about. A selection names it, so that it stays on the same
/// thing while the list around it changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowId {
    /// A layer.
    Layer(Layer),
    /// The Changes row of Overview.
    Changes,
    /// One judgement.
    Finding(CheckId, TargetId),
    /// Judgements of one check on several targets that say the same.
    Group(GroupId),
    /// A target.
    Target(TargetId),
    /// Empty units of a rack, by the lowest one.
    Blank(String, u16),
    /// A rack, as the heading of its list.
    Rack(String),
    /// A change, by its number.
    Change(u64),
    /// A change before this console began, by its place in what is kept of it.
    Past(usize),
    /// What is known of a target under a key.
    Fact(TargetId, KeyName),
    /// A line of text, by its number.
    Line(usize),
    /// A phase of the plan that is shown, by its id.
    Phase(String),
    /// A step of that plan, by its id.
    Step(String),
    /// A run.
    Run(u64),
    /// That a run was started, in the timeline.
    RunBegan(u64),
    /// That a run was over, in the timeline.
    RunEnded(u64),
    /// A line of the journal of the run that is shown, by its number.
    Entry(u64),
    /// A recording of the run that is shown, by its place in the list.
    Recording(usize),
    /// A command.
    Command(String),
}

/// The selection in one list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Selection {
    /// The selected row; the first when `None` or gone.
    pub row: Option<RowId>,
    /// Where it was; when the row is gone, the selection stays near here.
    pub at: usize,
    /// The first shown row.
    pub top: usize,
}

/// What colours the rack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColourBy {
    /// The worst verdict.
    #[default]
    State,
    /// The inlet temperature.
    Heat,
    /// The power drawn.
    Power,
}

impl ColourBy {
    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            ColourBy::State => "state",
            ColourBy::Heat => "heat",
            ColourBy::Power => "power",
        }
    }

    /// The next in turn.
    #[must_use]
    pub const fn next(self) -> ColourBy {
        match self {
            ColourBy::State => ColourBy::Heat,
            ColourBy::Heat => ColourBy::Power,
            ColourBy::Power => ColourBy::State,
        }
    }
}

/// What a screen remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScreenState {
    /// The panel that has the focus; the first when `None`.
    pub panel: Option<String>,
    /// The selection of each panel.
    pub selections: BTreeMap<String, Selection>,
    /// What `/` keeps; empty keeps everything.
    pub filter: String,
    /// Whether `!` hides what is well.
    pub problems_only: bool,
    /// Whether the focused panel has the whole screen.
    pub is_zoomed: bool,
    /// Whether rows are worst first where they have a place of their own.
    pub worst_first: bool,
    /// Which of its views is shown (`o`), from 0.
    pub view: usize,
    /// Groups that are unfolded.
    pub unfolded: BTreeSet<GroupId>,
    /// Rack: the rack that is shown; the first when `None` or gone.
    pub rack: Option<String>,
    /// Rack: whether its rear is shown.
    pub is_rear: bool,
    /// Rack: what colours it.
    pub colour_by: ColourBy,
}

impl ScreenState {
    /// The selection of a panel.
    pub fn selection(&self, panel: &str) -> Option<&Selection> {
        self.selections.get(panel)
    }
}
