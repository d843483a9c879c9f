//! What is kept of the past: what the screen wants kept, what it asks, and
//! what it is told. The past itself lives in the store; here is the visible
//! window of it, and what a start of the console needs to know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{CheckId, Layer, Stamp, TargetId, Verdict};

/// What a series of kept values is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeriesKind {
    /// A fact, by its key.
    Fact,
    /// How a probe fares, by its name: `answers`, or the word of its trouble.
    Probe,
    /// What a check says, by its code.
    Verdict,
}

/// One series of kept values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Series {
    /// What it is about.
    pub kind: SeriesKind,
    /// Whom it is about.
    pub target: TargetId,
    /// Key, probe or check.
    pub name: String,
}

/// A verdict that is not what it was before, to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// When.
    pub at: Stamp,
    /// Which check.
    pub check: CheckId,
    /// On whom.
    pub target: TargetId,
    /// The layer it counts in.
    pub layer: Layer,
    /// What it says now.
    pub verdict: Verdict,
    /// The sentence with which it says so.
    pub sentence: String,
}

/// A question to the store: since when are these what they are?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinceQuestion {
    /// What is asked about; the first may be plotted.
    pub series: Vec<Series>,
    /// How far back a plot goes from `now`, in milliseconds.
    pub span_ms: i64,
    /// The time of the question.
    pub now: Stamp,
}

/// What the screen wants of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "order", content = "with")]
pub enum HistoryOrder {
    /// Keep these verdicts.
    Keep(Vec<Turn>),
    /// Tell since when something is so.
    Since(SinceQuestion),
}

/// What the store tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "news", content = "with")]
pub enum HistoryNews {
    /// What was kept before this console began.
    Past(Box<Past>),
    /// The answer to a question.
    Since(SinceQuestion, Result<Vec<SeriesPast>, String>),
    /// Why nothing is kept, or not everything; `None` when all is kept again.
    Trouble(Option<String>),
}

/// What was kept before this console began.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Past {
    /// Until when a console watched last; `None` when none ever did.
    pub watched_until: Option<Stamp>,
    /// The findings as they stood then.
    pub findings: Vec<PastFinding>,
    /// Verdicts that turned, newest first, bounded.
    pub changes: Vec<PastChange>,
}

/// A finding as it stood when a console watched last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFinding {
    /// Which check.
    pub check: CheckId,
    /// On whom.
    pub target: TargetId,
    /// What it said.
    pub verdict: Verdict,
    /// Since when.
    pub since: Stamp,
}

/// A verdict that turned before this console began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastChange {
    /// When it was noticed.
    pub at: Stamp,
    /// The layer it counts in.
    pub layer: Layer,
    /// On whom.
    pub target: TargetId,
    /// Which check noticed.
    pub check: CheckId,
    /// What it said before.
    pub from: Verdict,
    /// What it said then.
    pub to: Verdict,
    /// The sentence with which it said so.
    pub sentence: String,
}

/// One value of a series and when it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When it was first seen.
    pub at: Stamp,
    /// The value in words; `None` when the target no longer told it.
    pub words: Option<String>,
    /// When it came in a time in which nobody watched: until when somebody had.
    pub unwatched_since: Option<Stamp>,
}

/// What is kept of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesPast {
    /// Which.
    pub series: Series,
    /// Its last values, newest first, bounded.
    pub steps: Vec<Step>,
    /// Times without a console since the newest step, oldest first: from, until.
    pub gaps: Vec<(Stamp, Stamp)>,
    /// Its numbers over time, where it is a number.
    pub plot: Option<Plot>,
}

/// How many columns a plot is told in at most; drawing joins them to what fits.
pub const PLOT_COLUMNS: usize = 240;

/// Numbers over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    /// Where it begins.
    pub from: Stamp,
    /// Where it ends.
    pub to: Stamp,
    /// Lowest and highest value in each equal part; `None` where nothing was seen.
    pub columns: Vec<Option<(f64, f64)>>,
    /// From the beginning until here only spans are kept, how many minutes
    /// long; `None` where every value is.
    pub thinned: Option<(Stamp, i64)>,
    /// Lowest and highest value in words.
    pub range: (String, String),
}

/// What the screen knows of the store.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct History {
    /// Whether what was kept before this console began is known.
    pub is_known: bool,
    /// Why nothing is kept, or not everything.
    pub trouble: Option<String>,
    /// Until when a console watched before this one.
    pub watched_until: Option<Stamp>,
    /// Findings from then that were not judged again yet.
    pub findings: BTreeMap<TargetId, BTreeMap<CheckId, (Verdict, Stamp)>>,
    /// Verdicts that turned before this console began, newest first.
    pub changes: Vec<PastChange>,
    /// Verdicts that turned and were not given to the store yet; empty between messages.
    pub turned: Vec<Turn>,
}

impl History {
    /// Takes in what was kept before this console began.
    pub(super) fn begin(&mut self, past: Past) {
        self.is_known = true;
        self.watched_until = past.watched_until;
        self.changes = past.changes;
        for finding in past.findings {
            let of_target = self.findings.entry(finding.target).or_default();
            of_target.insert(finding.check, (finding.verdict, finding.since));
        }
    }

    /// What a check said of a target when a console watched last. It is told
    /// once: from the first verdict of this console on, that one counts.
    pub(super) fn take_finding(
        &mut self,
        target: &TargetId,
        check: &CheckId,
    ) -> Option<(Verdict, Stamp)> {
        if self.findings.is_empty() {
            return None;
        }
        let of_target = self.findings.get_mut(target)?;
        let found = of_target.remove(check);
        if of_target.is_empty() {
            self.findings.remove(target);
        }
        found
    }
}
