//! Commands to choose from: actions for the selection, and what Ctrl-C can stop.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::areas::OverlayArea;
use crate::app::commands::{self, CommandSpec, Ready};
use crate::app::list::window;
use crate::app::overlay::Menu;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::screens::{Places, rows};
use crate::ui::widgets::{dialog, panel};

/// Draws a list of commands with, when off, the reason.
pub fn draw(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    area: &OverlayArea,
    model: &Model,
    title: &str,
    menu: &Menu,
) {
    let place = places.cells(area.rect);
    let list = places.cells(area.rows);
    dialog::open(canvas, place, title, "Enter runs, Esc closes");
    let shown = usize::from(list.height);
    let top = window(menu.selected, menu.top, shown, menu.commands.len());
    let chosen = menu.commands.iter().enumerate().skip(top);
    for (y, (at, id)) in (list.top()..list.bottom()).zip(chosen) {
        let row = Rect { y, height: 1, ..list };
        if let Some(command) = commands::find(id) {
            entry(canvas, row, model, command, 11);
        }
        rows::select(canvas, row, at == menu.selected, true);
    }
    if menu.commands.is_empty() {
        canvas.text(list.x + 2, list.y, list.width, "Nothing matches", StyleRole::Dim);
    }
    let help = menu.commands.get(menu.selected).and_then(|id| commands::find(id));
    // In the list above the reason may be cut; it is what must be read.
    let help = help.map_or_else(String::new, |command| match (command.ready)(model) {
        Ready::No(reason) => format!("off: {reason}"),
        Ready::Yes | Ready::Hidden => command.help.to_owned(),
    });
    let below = list.bottom();
    if below < place.bottom().saturating_sub(1) {
        let room = list.width.saturating_sub(2);
        canvas.text(list.x.saturating_add(1), below, room, &help, StyleRole::Dim);
    }
    typed(canvas, place, menu);
    let more = panel::more(top, shown, menu.commands.len());
    if !more.is_empty() {
        let more = format!(" {more} ");
        let (x, y) = (place.right().saturating_sub(2), place.bottom().saturating_sub(1));
        canvas.text_right(x, y, 30, &more, StyleRole::Dim);
    }
}

/// What was typed to narrow the list, on the lower edge of its box.
pub fn typed(canvas: &mut Canvas<'_>, place: Rect, menu: &Menu) {
    if menu.text.is_empty() {
        return;
    }
    let line = Line::of(" only ", StyleRole::Dim)
        .and(menu.text.as_str(), StyleRole::Match)
        .and(" ", StyleRole::Dim);
    canvas.line(place.x.saturating_add(2), place.bottom().saturating_sub(1), 30, &line);
}

/// How a command is called: its keys, else its word in the palette.
pub fn keys_of(model: &Model, command: &CommandSpec) -> String {
    let keys = model.keymap.keys_of(command.id).join(" ");
    match (keys.is_empty(), command.word) {
        (true, Some(word)) => format!(":{}", word.word),
        _ => keys,
    }
}

/// One command: keys, title, and why it is off.
pub fn entry(
    canvas: &mut Canvas<'_>,
    row: Rect,
    model: &Model,
    command: &CommandSpec,
    keys_columns: u16,
) {
    let keys = keys_of(model, command);
    let x = row.x.saturating_add(2);
    canvas.text(x, row.y, keys_columns, &keys, StyleRole::Key);
    let start = x.saturating_add(keys_columns).saturating_add(1);
    let room = row.right().saturating_sub(start);
    let line = match (command.ready)(model) {
        Ready::No(reason) => {
            Line::of(command.title, StyleRole::Off).and(format!("  off: {reason}"), StyleRole::Dim)
        }
        Ready::Yes | Ready::Hidden => Line::of(command.title, StyleRole::Text),
    };
    canvas.line(start, row.y, room, &line);
}
