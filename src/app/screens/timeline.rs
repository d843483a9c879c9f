//! Timeline: what changed before this? Until facts have a history it lists
//! the changes of this session.

use super::super::changes::Change;
use super::super::filter::Filter;
use super::super::{Model, RowId};
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "timeline",
    title: "Timeline",
    short: "Time",
    help: "Every change of a verdict since the start, newest first",
    jump_words: &["time", "changes", "history"],
    digit: Some('9'),
    layer: None,
    smallest: super::ANY_SIZE,
    panels: &[PanelSpec { name: "changes", title: "What changed", rows, is_text: false }],
    commands: &[],
    needs: Some(
        "Stepping through time needs the history of facts; below is what changed since the start",
    ),
    is_listed: true,
    status: |model| match (model.changes.len(), model.changes.forgotten()) {
        (0, _) => "Nothing changed since the start".to_owned(),
        (n, 0) => format!("{n} changes since the start"),
        (n, lost) => format!("the last {n} changes; {lost} older ones are not kept"),
    },
};

fn rows(model: &Model) -> Vec<RowId> {
    let state = model.state_of(SPEC.id);
    let filter = Filter::of(&state.filter);
    model
        .changes
        .newest_first()
        .filter(|change| !state.problems_only || change.to.is_finding())
        .filter(|change| {
            filter.keeps(&[change.layer.word(), change.check.as_str(), &change.sentence])
        })
        .map(|change| RowId::Change(change.number))
        .collect()
}

/// A row; `None` when it is forgotten.
pub fn line<'a>(model: &'a Model, row: &RowId) -> Option<&'a Change> {
    let RowId::Change(number) = row else { return None };
    model.changes.get(*number)
}
