//! Every key of every screen, also as text for printing.

use super::super::commands;
use super::super::{Model, RowId};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "keys",
    title: "Keys",
    short: "Keys",
    help: "Every screen's keys, also as text for printing",
    jump_words: &["bindings", "shortcuts"],
    digit: None,
    layer: None,
    panels: &[PanelSpec { name: "keys", title: "Keys", rows, is_text: false }],
    commands: &[],
    needs: None,
    is_listed: true,
    status: |_| "Enter runs the selected one. Y copies the list as text".to_owned(),
};

/// One command and its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// The row.
    pub row: RowId,
    /// Its keys, `--` when it has none.
    pub keys: String,
    /// Where it works: `everywhere`, or the title of its screen.
    pub place: String,
    /// What it does.
    pub title: &'static str,
    /// Why it is off now.
    pub off: Option<String>,
}

/// The rows: the commands of everywhere, then those of the screens.
pub fn rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = super::super::filter::Filter::of(&state.filter);
    commands::all()
        .map(|command| RowId::Command(command.id.to_owned()))
        .filter(|row| {
            filter.is_empty()
                || line(model, row)
                    .is_some_and(|line| filter.keeps(&[&line.keys, line.title, &line.place]))
        })
        .collect()
}

/// A row in words.
pub fn line(model: &Model, row: &RowId) -> Option<KeyLine> {
    let RowId::Command(id) = row else { return None };
    let command = commands::find(id)?;
    let keys = model.keymap.keys_of(id);
    let place = super::all()
        .find(|screen| screen.commands.contains(&command.id))
        .map_or("everywhere", |screen| screen.title);
    let off = match (command.ready)(model) {
        commands::Ready::No(reason) => Some(reason),
        commands::Ready::Yes | commands::Ready::Hidden => None,
    };
    Some(KeyLine {
        row: row.clone(),
        keys: if keys.is_empty() { "--".to_owned() } else { keys.join(" ") },
        place: place.to_owned(),
        title: command.title,
        off,
    })
}
