//! What Ansible did, beside its log: the rows of the outline, and what is done with them.

use super::super::commands::motion::selected;
use super::super::logs::{Cursor, LogOrder, PanelRow, order};
use super::super::model::Tone;
use super::super::{Effect, Model, Route, RowId};
use crate::domain::Age;

/// The name of the panel.
pub const PANEL: &str = "outline";

/// A silence shorter than this is not worth a word, in milliseconds.
const SILENCE: i64 = 10_000;

/// The rows, by their number.
pub fn rows(model: &Model) -> Vec<RowId> {
    (0..model.logs.outline.rows.len()).map(RowId::Line).collect()
}

/// Whether there is an outline to show.
pub fn is_there(model: &Model) -> bool {
    !model.logs.outline.rows.is_empty()
}

/// How long nothing came while a task runs, in words: `no output for 4m 12s`.
pub fn silence_words(model: &Model) -> Option<String> {
    let silent = model.now.0.checked_sub(model.logs.outline.silent_since?)?;
    (silent >= SILENCE).then(|| format!("no output for {}", Age(silent).long()))
}

/// The row of that number.
pub fn row_of<'m>(model: &'m Model, row: &RowId) -> Option<&'m PanelRow> {
    match row {
        RowId::Line(at) => model.logs.outline.rows.get(*at),
        _ => None,
    }
}

/// Shows the line a row stands for, with the cursor on it.
pub fn jump(model: &mut Model, row: &RowId) -> Vec<Effect> {
    let Some(place) = row_of(model, row).and_then(|row| row.place) else { return Vec::new() };
    let spot = (model.logs.outline.source, place.offset);
    model.logs.is_following = false;
    model.logs.cursor = Cursor::At(spot);
    // Where the outline hides the lines, they are wanted now.
    if !model.size.has_third_column() {
        model.state_mut().panel = Some("text".to_owned());
    }
    vec![order(LogOrder::Show(spot))]
}

/// The names of the tasks that are listed, each once.
pub fn tasks(model: &Model) -> Vec<String> {
    let rows = model.logs.outline.rows.iter();
    let named = rows.filter(|row| row.task.is_some() && row.depth == 1);
    let mut names: Vec<String> = named.map(|row| row.text.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// Goes to the next task with these words in its name.
pub fn to_task(model: &mut Model, words: &str) -> Vec<Effect> {
    if words.trim().is_empty() {
        model.say(Tone::Off, "Type a part of the task's name after `:task`");
        return Vec::new();
    }
    model.navigation.go(Route::screen(super::logs::SPEC.id));
    model.logs.is_following = false;
    model.state_mut().panel = Some("text".to_owned());
    let from = model.logs.spot();
    vec![order(LogOrder::Task(words.trim().to_owned(), from))]
}

/// Lists all hosts of the row's task, or no longer.
pub fn unfold(model: &mut Model, row: &RowId) -> Vec<Effect> {
    let Some(task) = row_of(model, row).and_then(|row| row.task) else { return Vec::new() };
    model.logs.unfolded = if model.logs.unfolded == Some(task) { None } else { Some(task) };
    vec![order(LogOrder::Unfold(model.logs.unfolded))]
}

/// The whole text of a row, for the clipboard: of the row that says how to try again, only what is typed.
pub fn copied(model: &Model, row: &RowId) -> Vec<Effect> {
    let Some(row) = row_of(model, row) else { return Vec::new() };
    let text = row.text.strip_prefix("again: ").unwrap_or(&row.text);
    vec![Effect::Copy(text.to_owned())]
}

/// The whole text of the selected row, where the outline has the focus: the list may have cut it.
pub fn selected_words(model: &Model) -> Option<String> {
    let is_here = model.state().panel.as_deref() == Some(PANEL) && is_there(model);
    let row = if is_here { selected(model)? } else { return None };
    row_of(model, &row).map(|row| row.text.clone())
}

/// The focus goes to the outline, or from it back to the lines.
pub fn turn(model: &mut Model) {
    let is_here = model.state().panel.as_deref() == Some(PANEL);
    model.state_mut().panel = Some(if is_here { "text" } else { PANEL }.to_owned());
}
