//! Help over a screen: its keys, those of everywhere, the marks. Typing narrows, Enter runs.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::commands::{self, CommandSpec, Ready};
use crate::app::mark::Mark;
use crate::app::overlay::Menu;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::screens::rows;
use crate::ui::text;
use crate::ui::widgets::{dialog, panel};

use super::menu;

/// Columns of a key in a list of commands.
const KEYS: u16 = 9;

/// In a box of fewer rows than this there is only room for the marks below the commands.
const SMALL: u16 = 18;

/// Below so many columns the commands stand in one column.
const ONE_COLUMN: u16 = 70;

/// Draws the box. Commands flow down the left half, then the right, each in as
/// many lines as its words need; what does not fit is on further pages, and
/// the selection turns them.
pub fn draw(canvas: &mut Canvas<'_>, place: Rect, model: &Model, help: &Menu) {
    let title = format!("Keys on {}", model.screen().title);
    let notes = notes(canvas, place, help);
    let below: usize = notes.iter().map(|(_, lines)| lines.len() + 1).sum();
    let below = u16::try_from(below).unwrap_or(u16::MAX).min(place.height / 2);
    let whole = place.height.saturating_sub(2);
    // In a small box what stands below is on the first page only.
    let later = if place.height < SMALL { whole } else { whole.saturating_sub(below) };
    let keys = Rect {
        x: place.x.saturating_add(1),
        y: place.y.saturating_add(1),
        width: place.width.saturating_sub(2),
        height: place.height.saturating_sub(below).saturating_sub(2),
    };
    let across: u16 = if place.width < ONE_COLUMN { 1 } else { 2 };
    let half = keys.width / across;
    let entries = entries(model, help);
    let flowed = flow(model, help, &entries, half, across, (keys.height, later));
    let is_selected =
        |spot: &&Spot| entries.get(spot.entry) == Some(&Entry::Command(help.selected));
    let page = flowed.iter().find(is_selected).map_or(0, |spot| spot.page);
    let pages = flowed.last().map_or(1, |spot| spot.page + 1);
    let which = if pages > 1 { format!("page {} of {pages}", page + 1) } else { String::new() };
    let long = panel::joined(canvas.look, &[&which, "type to narrow, Enter runs, Esc closes"]);
    let short = panel::joined(canvas.look, &[&which, "Enter runs, Esc closes"]);
    let has_room = text::width(&title) + text::width(&long) + 8 <= usize::from(place.width);
    dialog::open(canvas, place, &title, if has_room { &long } else { &short });
    let has_notes = page == 0 || later < whole;
    if across > 1 {
        let middle = keys.x.saturating_add(half);
        for y in keys.top()..keys.bottom() {
            let down = canvas.look.glyphs.line.down;
            canvas.glyph(middle, y, down, StyleRole::Border);
        }
    }
    for spot in flowed.iter().filter(|spot| spot.page == page) {
        let x = match spot.column {
            0 => keys.x,
            column => keys.x.saturating_add(half * column).saturating_add(1),
        };
        let width = if across == 1 || spot.column == 0 { half } else { keys.right() - x };
        let row = Rect { x, y: keys.y.saturating_add(spot.row), width, height: spot.lines };
        if let Some(entry) = entries.get(spot.entry) {
            draw_entry(canvas, row, model, help, entry);
        }
    }
    if entries.is_empty() {
        canvas.text(keys.x.saturating_add(1), keys.y, half, "Nothing matches", StyleRole::Dim);
    }
    if has_notes {
        draw_notes(canvas, place, keys.bottom(), &notes);
    }
    menu::typed(canvas, place, help);
}

/// Where an entry stands.
struct Spot {
    entry: usize,
    page: usize,
    column: u16,
    row: u16,
    lines: u16,
}

/// Puts the entries one below the other into columns of that many rows, on the
/// first page and on later ones. An
/// entry of several lines is not torn apart, and a heading goes along with
/// what it heads.
fn flow(
    model: &Model,
    help: &Menu,
    entries: &[Entry],
    width: u16,
    columns: u16,
    (first, later): (u16, u16),
) -> Vec<Spot> {
    let (mut page, mut column, mut row) = (0, 0, 0);
    let mut flowed = Vec::with_capacity(entries.len());
    for (entry, what) in entries.iter().enumerate() {
        let lines = match what {
            Entry::Heading(_) => 1,
            Entry::Command(at) => {
                let command = help.commands.get(*at).and_then(|id| commands::find(id));
                command.map_or(1, |command| words_of(model, command, width).len())
            }
        };
        let rows = if page == 0 { first } else { later }.max(1);
        let lines = u16::try_from(lines).unwrap_or(u16::MAX).clamp(1, rows);
        let needed = if matches!(what, Entry::Heading(_)) { lines + 1 } else { lines };
        if row > 0 && row + needed > rows {
            (column, row) = (column + 1, 0);
            if column == columns {
                (page, column) = (page + 1, 0);
            }
        }
        flowed.push(Spot { entry, page, column, row, lines });
        row += lines;
    }
    flowed
}

/// What stands beside the keys of a command, in lines: its title and, when it is off, why.
fn words_of(model: &Model, command: &CommandSpec, width: u16) -> Vec<(String, StyleRole)> {
    let room = usize::from(width.saturating_sub(KEYS + 4));
    let lines = |words: &str, role| -> Vec<(String, StyleRole)> {
        text::wrap(words, room).into_iter().map(|line| (line, role)).collect()
    };
    // A long word of the palette has a line of its own.
    let is_long = text::width(&menu::keys_of(model, command)) > usize::from(KEYS);
    let mut told: Vec<(String, StyleRole)> =
        is_long.then(|| (String::new(), StyleRole::Text)).into_iter().collect();
    match (command.ready)(model) {
        Ready::No(reason) => {
            told.extend(lines(command.title, StyleRole::Off));
            told.extend(lines(&format!("off: {reason}"), StyleRole::Dim));
        }
        Ready::Yes | Ready::Hidden => told.extend(lines(command.title, StyleRole::Text)),
    }
    told
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
            let x = row.x.saturating_add(2);
            let keys = menu::keys_of(model, command);
            canvas.text(x, row.y, row.width.saturating_sub(3), &keys, StyleRole::Key);
            let start = x.saturating_add(KEYS).saturating_add(1);
            let room = row.right().saturating_sub(start);
            let lines = words_of(model, command, row.width);
            for (y, (words, role)) in (row.top()..row.bottom()).zip(lines) {
                canvas.text(start, y, room, &words, role);
            }
            let first = Rect { height: 1, ..row };
            rows::select(canvas, first, *at == help.selected, true);
        }
    }
}

/// Lines under a title.
type Note = (&'static str, Vec<Line<'static>>);

/// What stands below the commands: the marks, what the selected command does,
/// and where to read on.
fn notes(canvas: &Canvas<'_>, place: Rect, help: &Menu) -> Vec<Note> {
    let room = usize::from(place.width.saturating_sub(4));
    let mut marks: Vec<Line<'static>> = vec![Line::default()];
    for mark in Mark::ALL {
        let glyph = canvas.look.mark(mark).to_string();
        let words =
            Line::of(glyph, mark.into()).and(format!(" {}", mark.meaning()), StyleRole::Text);
        let used = marks.last().map_or(0, Line::width);
        if used > 0 && used + 3 + words.width() > room {
            marks.push(Line::default());
        }
        if let Some(line) = marks.last_mut() {
            let gap = if line.is_empty() { "" } else { "   " };
            line.extend(Line::of(gap, StyleRole::Text));
            line.extend(words);
        }
    }
    let mut more = Line::default();
    let on = [(":help CODE", " explains a check   "), (":keys", " every screen's keys")];
    for (word, what) in on {
        more.extend(Line::of(word, StyleRole::Key).and(what, StyleRole::Text));
    }
    if place.height < SMALL {
        marks.push(more);
        return vec![("Marks", marks)];
    }
    let selected = help.commands.get(help.selected).and_then(|id| commands::find(id));
    let words = selected.map_or("", |command| command.help);
    let mut told: Vec<Line<'static>> =
        text::wrap(words, room).into_iter().map(|line| Line::of(line, StyleRole::Text)).collect();
    // Always as many, so that the list above does not jump.
    told.resize_with(2, Line::default);
    told.push(more);
    vec![("Marks", marks), ("More", told)]
}

fn draw_notes(canvas: &mut Canvas<'_>, place: Rect, y: u16, notes: &[Note]) {
    let x = place.x.saturating_add(2);
    let room = place.width.saturating_sub(4);
    let bottom = place.bottom().saturating_sub(1);
    let mut at = y;
    for (title, lines) in notes {
        if at.saturating_add(1) < bottom {
            panel::divider(canvas, place, at, title);
            at = at.saturating_add(1);
        }
        for line in lines {
            if at < bottom {
                canvas.line(x, at, room, line);
                at = at.saturating_add(1);
            }
        }
    }
}
