//! Timeline: what changed before this? It lists the changes of this session,
//! then those that were kept before it; stepping through time comes later.

use crate::domain::{CheckId, Layer, Stamp, TargetId, Verdict};

use super::super::filter::Filter;
use super::super::{Model, RowId};
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "timeline",
    title: "Timeline",
    short: "Time",
    help: "Every change of a verdict that is kept, newest first",
    jump_words: &["time", "changes", "history"],
    digit: Some('9'),
    layer: None,
    panels: &[PanelSpec { name: "changes", title: "What changed", rows, is_text: false }],
    commands: &[],
    needs: Some("Stepping through time is not built yet; t on a row says since when it is so"),
    is_listed: true,
    status,
};

/// One change, of this session or kept from before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeLine<'a> {
    /// When it was noticed.
    pub at: Stamp,
    /// The layer it counts in.
    pub layer: Layer,
    /// Whom it is about.
    pub target: &'a TargetId,
    /// Which check noticed.
    pub check: &'a CheckId,
    /// The verdict before.
    pub from: Verdict,
    /// The verdict then.
    pub to: Verdict,
    /// What the check said then.
    pub sentence: &'a str,
}

fn status(model: &Model) -> String {
    let kept = match model.history.changes.len() {
        0 => String::new(),
        n => format!("; {n} kept from before"),
    };
    let since = match (model.changes.len(), model.changes.forgotten()) {
        (0, _) => "Nothing changed since the start".to_owned(),
        (n, 0) => format!("{n} changes since the start"),
        (n, lost) => format!("the last {n} changes; {lost} older ones are not kept here"),
    };
    match &model.history.trouble {
        Some(trouble) => trouble.clone(),
        None => format!("{since}{kept}"),
    }
}

fn rows(model: &Model) -> Vec<RowId> {
    let state = model.state_of(SPEC.id);
    let filter = Filter::of(&state.filter);
    let now = model.changes.newest_first().map(|change| RowId::Change(change.number));
    let before = (0..model.history.changes.len()).map(RowId::Past);
    now.chain(before)
        .filter(|row| {
            line(model, row).is_some_and(|line| {
                let words = [line.layer.word(), line.check.as_str(), line.sentence];
                (!state.problems_only || line.to.is_finding()) && filter.keeps(&words)
            })
        })
        .collect()
}

/// Every change, newest first.
pub fn lines(model: &Model) -> impl Iterator<Item = ChangeLine<'_>> {
    let now = model.changes.newest_first().map(|change| RowId::Change(change.number));
    let before = (0..model.history.changes.len()).map(RowId::Past);
    now.chain(before).filter_map(|row| line(model, &row))
}

/// A row; `None` when it is forgotten.
pub fn line<'a>(model: &'a Model, row: &RowId) -> Option<ChangeLine<'a>> {
    match row {
        RowId::Change(number) => model.changes.get(*number).map(|change| ChangeLine {
            at: change.at,
            layer: change.layer,
            target: &change.target,
            check: &change.check,
            from: change.from,
            to: change.to,
            sentence: &change.sentence,
        }),
        RowId::Past(number) => model.history.changes.get(*number).map(|change| ChangeLine {
            at: change.at,
            layer: change.layer,
            target: &change.target,
            check: &change.check,
            from: change.from,
            to: change.to,
            sentence: &change.sentence,
        }),
        _ => None,
    }
}
