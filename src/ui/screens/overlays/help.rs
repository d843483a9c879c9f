//! Help over a screen: its keys, those of everywhere, the marks. Typing narrows, Enter runs.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::commands::{self, Ready};
use crate::app::mark::Mark;
use crate::app::overlay::Menu;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::screens::rows;
use crate::ui::widgets::{dialog, panel};

use super::menu;

/// Columns of a key in a list of commands.
const KEYS: u16 = 9;

/// Draws the box. Commands flow down the left half, then the right; what does
/// not fit is on further pages, and the selection turns them.
pub fn draw(canvas: &mut Canvas<'_>, place: Rect, model: &Model, help: &Menu) {
    let title = format!("Keys on {}", model.screen().title);
    let below = 6.min(place.height / 3);
    let keys = Rect {
        x: place.x.saturating_add(1),
        y: place.y.saturating_add(1),
        width: place.width.saturating_sub(2),
        height: place.height.saturating_sub(below).saturating_sub(2),
    };
    let entries = entries(model, help);
    let per_page = usize::from(keys.height).saturating_mul(2).max(1);
    let selected = entries.iter().position(|entry| *entry == Entry::Command(help.selected));
    let page = selected.unwrap_or(0) / per_page;
    let pages = entries.len().div_ceil(per_page);
    let which = if pages > 1 { format!("page {} of {pages}", page + 1) } else { String::new() };
    let right = panel::joined(canvas.look, &[&which, "type to narrow, Enter runs, Esc closes"]);
    dialog::open(canvas, place, &title, &right);
    let half = keys.width / 2;
    let middle = keys.x.saturating_add(half);
    for y in keys.top()..keys.bottom() {
        let down = canvas.look.glyphs.line.down;
        canvas.glyph(middle, y, down, StyleRole::Border);
    }
    let shown = entries.iter().skip(page * per_page).take(per_page);
    for (at, entry) in shown.enumerate() {
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        let (column, row) = (at / keys.height.max(1), at % keys.height.max(1));
        let x = if column == 0 { keys.x } else { middle.saturating_add(1) };
        let width = if column == 0 { half } else { keys.right().saturating_sub(x) };
        let row = Rect { x, y: keys.y.saturating_add(row), width, height: 1 };
        draw_entry(canvas, row, model, help, entry);
    }
    if entries.is_empty() {
        canvas.text(keys.x.saturating_add(1), keys.y, half, "Nothing matches", StyleRole::Dim);
    }
    below_keys(canvas, model, help, place, keys.bottom());
    menu::typed(canvas, place, help);
}

#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Heading(&'static str),
    Command(usize),
}

/// The commands under two headings: those that only this screen has, and the others.
fn entries(model: &Model, help: &Menu) -> Vec<Entry> {
    let here = model.screen().commands;
    let mut entries = Vec::with_capacity(help.commands.len() + 2);
    for (heading, wants_here) in [("HERE", true), ("EVERYWHERE", false)] {
        let mine: Vec<Entry> = (0..)
            .zip(&help.commands)
            .filter(|(_, id)| here.contains(&id.as_str()) == wants_here)
            .map(|(at, _)| Entry::Command(at))
            .collect();
        if !mine.is_empty() {
            entries.push(Entry::Heading(heading));
            entries.extend(mine);
        }
    }
    entries
}

fn draw_entry(canvas: &mut Canvas<'_>, row: Rect, model: &Model, help: &Menu, entry: &Entry) {
    match entry {
        Entry::Heading(words) => {
            canvas.text(row.x.saturating_add(1), row.y, row.width, words, StyleRole::Title);
        }
        Entry::Command(at) => {
            let command = help.commands.get(*at).and_then(|id| commands::find(id));
            let Some(command) = command else { return };
            menu::entry(canvas, row, model, command, KEYS);
            rows::select(canvas, row, *at == help.selected, true);
        }
    }
}

/// What the selected command does, or why it is off; in the list this may be cut.
fn selected_in_full(model: &Model, help: &Menu) -> Line<'static> {
    let selected = help.commands.get(help.selected).and_then(|id| commands::find(id));
    let Some(command) = selected else { return Line::default() };
    let words = match (command.ready)(model) {
        Ready::No(reason) => format!("off: {reason}"),
        Ready::Yes | Ready::Hidden => command.help.to_owned(),
    };
    Line::of(format!("{}: ", command.title), StyleRole::Title).and(words, StyleRole::Text)
}

/// The marks, the selected command in full, and where to read on.
fn below_keys(canvas: &mut Canvas<'_>, model: &Model, help: &Menu, place: Rect, y: u16) {
    let x = place.x.saturating_add(2);
    let room = place.width.saturating_sub(4);
    let mut rows: Vec<Line<'static>> = Vec::new();
    for some in [&Mark::ALL[..5], &Mark::ALL[5..]] {
        let mut line = Line::default();
        for mark in some {
            let glyph = canvas.look.mark(*mark).to_string();
            line.extend(
                Line::of(glyph, (*mark).into())
                    .and(format!(" {}   ", mark.meaning()), StyleRole::Text),
            );
        }
        rows.push(line);
    }
    let mut more_lines = vec![selected_in_full(model, help)];
    let more = [(":help CODE", " explains a check    "), (":keys", " lists every screen's keys")];
    let mut words = Line::default();
    for (word, what) in more {
        words.extend(Line::of(word, StyleRole::Key).and(what, StyleRole::Text));
    }
    more_lines.push(words);
    let bottom = place.bottom().saturating_sub(1);
    let mut at = y;
    for (title, lines) in [("Marks", rows), ("More", more_lines)] {
        if at.saturating_add(1) < bottom {
            panel::divider(canvas, place, at, title);
            at = at.saturating_add(1);
        }
        for line in lines {
            if at < bottom {
                canvas.line(x, at, room, &line);
                at = at.saturating_add(1);
            }
        }
    }
}
