//! The log view: lines with their marks, the rail of the whole log, sources,
//! filters, and the line of the cursor.

use ratatui::layout::Rect;

use crate::app::logs::{Ink, Level, LogLine, LogRow, Span, Tally};
use crate::app::screens::logs as words;
use crate::app::screens::logs::{GUTTER, RAIL, Room};
use crate::app::{Mark, Model};
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::text;
use crate::ui::widgets::dialog;
use crate::ui::widgets::panel::joined;

use super::{Places, list, log_outline, open, open_details};

/// Draws the whole screen.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let logs = &model.logs;
    let find = words::find_words(model);
    let tail = if logs.is_following { "TAIL ON" } else { "TAIL OFF" };
    let is_framed = places.areas.is_framed;
    let several = logs.sources.iter().filter(|source| source.is_on).count() > 1;
    let title = if several { "Merged by time, UTC" } else { "Lines" };
    let title = match logs.sources.iter().find(|source| source.is_on) {
        Some(source) if !several => source.name.as_str(),
        _ => title,
    };
    let edge: Vec<String> = rail_words(canvas, model)
        .into_iter()
        .map(|(glyph, _, words)| format!("{glyph} {words}"))
        .collect();
    let notes: Vec<&str> = match is_framed {
        true => vec![find.as_str(), tail],
        false => edge.iter().map(String::as_str).collect(),
    };
    if let Some(part) = open(canvas, places, model, "text", Some(title), &notes, false) {
        match words::room_in(model, places.areas) {
            Some(room) if !logs.sources.is_empty() => {
                let cells = places.cells(room.rows);
                lines(canvas, cells, &room, model);
                rail(canvas, cells, model);
            }
            _ => nothing_open(canvas, part.rows, model),
        }
    }
    log_outline::draw(canvas, places, model);
    if let Some(part) = open(canvas, places, model, "sources", None, &["Space on/off"], false) {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, row, id| {
            source_row(canvas, row, model, id);
        });
        if is_framed {
            let used = u16::try_from(logs.sources.len()).unwrap_or(u16::MAX).saturating_add(1);
            let area = part.rows;
            let below = Rect {
                y: area.y.saturating_add(used),
                height: area.height.saturating_sub(used),
                ..area
            };
            filters(canvas, below, model);
        }
    }
    if is_framed {
        let below = words::below_words(model);
        if let Some(area) =
            open_details(canvas, places, places.areas.details, "Line", &words::place_words(model))
        {
            line_of_cursor(canvas, area, model);
        }
        if let Some(area) = open_details(canvas, places, places.areas.side, "Where you are", "") {
            where_you_are(canvas, area, model, &below);
        }
        return;
    }
    if logs.sources.is_empty() {
        return;
    }
    head(canvas, places.cells(places.areas.details), model, &find, tail);
    foot(canvas, places.cells(places.areas.side), model);
}

fn nothing_open(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let lines = if model.logs.is_opening {
        vec!["Opening"]
    } else {
        vec![
            "No log is open.",
            "",
            ":log PATH   opens a file, packed (gzip, zstd) or not",
            ":log 8      opens the output of run 8",
            "l           on a host follows its journal",
        ]
    };
    let room = area.width.saturating_sub(3);
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        canvas.text(area.x.saturating_add(2), y, room, line, StyleRole::Dim);
    }
}

/// Sources and filters in the two rows above the lines.
fn head(canvas: &mut Canvas<'_>, area: Rect, model: &Model, find: &str, tail: &str) {
    if area.height < 2 {
        return;
    }
    let (x, room) = (area.x.saturating_add(1), area.width.saturating_sub(2));
    let sources =
        Line::of("Sources ", StyleRole::Dim).and(words::sources_words(model), StyleRole::Text);
    canvas.line(x, area.y, room, &sources);
    let right = joined(canvas.look, &[find, tail]);
    let edge = area.right().saturating_sub(1);
    let used = u16::try_from(text::width(&right)).unwrap_or(u16::MAX).min(room);
    canvas.text_right(edge, area.y + 1, room, &right, StyleRole::Text);
    let role = if model.logs.is_filtered() { StyleRole::Attention } else { StyleRole::Text };
    let keep = Line::of("Keep    ", StyleRole::Dim).and(words::keep_words(model), role);
    canvas.line(x, area.y + 1, room.saturating_sub(used).saturating_sub(2), &keep);
}

/// Where the window is, and the line of the cursor, in the two rows below the lines.
fn foot(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    if area.height < 2 {
        return;
    }
    let (place, below) = (words::place_words(model), words::below_words(model));
    let panel = crate::ui::widgets::panel::Panel { title: &place, right: &below, has_focus: false };
    let row = panel.ruled(canvas, area);
    let mut line = Line::default();
    for (name, value) in words::line_words(model) {
        line.extend(
            Line::of(format!("{name} "), StyleRole::Dim)
                .and(value, StyleRole::Text)
                .and("   ", StyleRole::Text),
        );
    }
    canvas.line(row.x.saturating_add(1), row.y, row.width.saturating_sub(2), &line);
}

fn line_of_cursor(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    for (y, (name, value)) in (area.top()..area.bottom()).zip(words::line_words(model)) {
        let line = Line::of(format!("{name:<9}"), StyleRole::Dim).and(value, StyleRole::Text);
        canvas.line(area.x, y, area.width, &line);
    }
}

fn where_you_are(canvas: &mut Canvas<'_>, area: Rect, model: &Model, below: &str) {
    canvas.text(area.x, area.y, area.width, below, StyleRole::Text);
    let dropped = model.logs.window.dropped;
    if dropped > 0 {
        let words = format!("oldest {} lines dropped", words::grouped(dropped));
        canvas.text(area.x, area.y.saturating_add(1), area.width, &words, StyleRole::Dim);
    }
    // What the signs at the right edge mean.
    let top = area.y.saturating_add(2);
    for (y, (glyph, role, words)) in (top..area.bottom()).zip(rail_words(canvas, model)) {
        canvas.glyph(area.x, y, glyph, role);
        let room = area.width.saturating_sub(2);
        canvas.text(area.x.saturating_add(2), y, room, &words, StyleRole::Text);
    }
}

/// The signs at the right edge: what each means, and how many there are.
fn rail_words(canvas: &Canvas<'_>, model: &Model) -> Vec<(char, StyleRole, String)> {
    let (logs, look) = (&model.logs, canvas.look);
    let several = |count: u64, one: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{} {one}{ending}", words::grouped(count))
    };
    if logs.sources.is_empty() {
        return Vec::new();
    }
    let mut all = vec![(look.glyphs.line.down, StyleRole::BorderFocus, "this view".to_owned())];
    if logs.bad.count > 0 {
        let words = format!("{}{}", several(logs.bad.count, "error"), so_far(&logs.bad));
        all.push((look.mark(Mark::Fail), StyleRole::Fail, words));
    }
    if !logs.find.is_empty() {
        all.push((look.glyphs.cursor_back, StyleRole::Attention, "found".to_owned()));
    }
    if !logs.marks.is_empty() {
        let words = several(logs.marks.len() as u64, "mark");
        all.push((look.mark(Mark::Waits), Mark::Waits.into(), words));
    }
    all
}

fn so_far(tally: &Tally) -> &'static str {
    if tally.is_done { "" } else { " so far" }
}

fn source_row(canvas: &mut Canvas<'_>, row: Rect, model: &Model, id: &crate::app::RowId) {
    let crate::app::RowId::Line(at) = id else { return };
    let Some(source) = model.logs.sources.get(*at) else { return };
    let mark = if source.is_on { "[x] " } else { "[ ] " };
    let right = format!("{} {}", words::count_words(source), source.kind);
    let wide = u16::try_from(text::width(&right)).unwrap_or(u16::MAX);
    let room = row.width.saturating_sub(wide).saturating_sub(2);
    let role = if source.note.is_some() { StyleRole::Attention } else { StyleRole::Text };
    let line = Line::of(mark, StyleRole::Key).and(source.name.as_str(), role);
    canvas.line(row.x.saturating_add(1), row.y, room, &line);
    canvas.text_right(row.right(), row.y, wide, &right, StyleRole::Dim);
}

fn filters(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let words = words::keep_words(model);
    let mut lines = vec![("Keep only  & edit, h hide".to_owned(), StyleRole::Title)];
    let wrapped = text::wrap(&words, usize::from(area.width.saturating_sub(1)));
    lines.extend(wrapped.into_iter().map(|line| (line, StyleRole::Text)));
    for (y, (line, role)) in (area.top()..area.bottom()).zip(&lines) {
        canvas.text(area.x, y, area.width, line, *role);
    }
}

fn lines(canvas: &mut Canvas<'_>, area: Rect, room: &Room, model: &Model) {
    let logs = &model.logs;
    let cursor = logs.cursor_row();
    let mut y = area.y;
    let mut number = 0;
    for row in &logs.window.rows {
        if y >= area.bottom() {
            break;
        }
        match row {
            LogRow::Gap(millis) => {
                gap(canvas, Rect { y, height: 1, ..area }, *millis);
                y += 1;
            }
            LogRow::Line(line) => {
                let tall = u16::try_from(line.height(&logs.shape)).unwrap_or(1);
                let part = Rect { y, height: tall.min(area.bottom() - y), ..area };
                one_line(canvas, part, room, model, line, cursor == Some(number));
                number += 1;
                y = y.saturating_add(tall);
            }
        }
    }
}

fn gap(canvas: &mut Canvas<'_>, row: Rect, millis: i64) {
    let across: String = std::iter::repeat_n(canvas.look.glyphs.line.across, 4).collect();
    let words = format!("{across}  {} without a line  {across}", words::silence(millis));
    let room = row.width.saturating_sub(RAIL + 4);
    canvas.text(row.x.saturating_add(4), row.y, room, &words, StyleRole::Dim);
}

fn one_line(
    canvas: &mut Canvas<'_>,
    area: Rect,
    room: &Room,
    model: &Model,
    line: &LogLine,
    is_cursor: bool,
) {
    let logs = &model.logs;
    let mut x = area.x;
    if logs.marks.iter().any(|mark| mark.spot == (line.source, line.offset)) {
        canvas.mark(x, area.y, Mark::Waits);
    } else if is_cursor {
        canvas.glyph(x, area.y, canvas.look.glyphs.cursor, StyleRole::Attention);
    }
    x = x.saturating_add(GUTTER);
    let role = match line.level {
        Level::Error => StyleRole::Fail,
        Level::Warn => StyleRole::Warn,
        Level::Debug => StyleRole::Dim,
        Level::Info | Level::Plain => StyleRole::Text,
    };
    if room.prefix_columns > 0 {
        let prefix = words::prefix(model, line);
        canvas.text(x, area.y, room.prefix_columns, &prefix, StyleRole::Dim);
        x = x.saturating_add(room.prefix_columns);
    }
    let (mut column, mut y) = (0, area.y);
    for span in &line.spans {
        let mut rest = span.text.as_str();
        while !rest.is_empty() && y < area.bottom() {
            let part = text::head(rest, usize::from(room.text_columns.saturating_sub(column)));
            let part = if part.is_empty() && column == 0 { rest } else { part };
            if part.is_empty() {
                if !logs.is_wrapped {
                    break;
                }
                (column, y) = (0, y + 1);
                continue;
            }
            let shown = Span { text: part.to_owned(), ink: span.ink };
            let at = (x.saturating_add(column), y);
            column += piece(canvas, at, room.text_columns - column, &shown, role);
            rest = rest.get(part.len()..).unwrap_or("");
        }
    }
    let edge = area.right().saturating_sub(RAIL);
    let is_cut = !logs.is_wrapped && line.width > logs.pan + u32::from(room.text_columns);
    if is_cut {
        canvas.glyph(edge, area.y, canvas.look.glyphs.cut, StyleRole::Dim);
    }
    if is_cursor {
        let width = area.width.saturating_sub(RAIL).saturating_sub(GUTTER);
        canvas.paint(Rect { x: area.x + GUTTER, width, ..area }, StyleRole::Selection);
    }
}

/// A piece of a line in its own ink, or in that of its level where it has none.
fn piece(
    canvas: &mut Canvas<'_>,
    (x, y): (u16, u16),
    columns: u16,
    span: &Span,
    role: StyleRole,
) -> u16 {
    if span.ink == Ink::default() {
        return canvas.text(x, y, columns, &span.text, role);
    }
    canvas.ink(x, y, columns, &span.text, &span.ink)
}

/// The whole log from top to bottom: the window, errors, hits.
fn rail(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let logs = &model.logs;
    let (x, rows) = (area.right().saturating_sub(1), u32::from(area.height.max(1)));
    let glyphs = canvas.look.glyphs;
    let top = u32::from(logs.window.before) * rows / 1001;
    let end = u32::from(logs.window.before + logs.window.spans) * rows / 1001;
    for (row, y) in (0u32..).zip(area.top()..area.bottom()) {
        let is_window = (top..=end.max(top)).contains(&row);
        let plain = if is_window { glyphs.line.down } else { glyphs.bar.1 };
        let role = if is_window { StyleRole::BorderFocus } else { StyleRole::Border };
        canvas.glyph(x, y, plain, role);
        if has(&logs.bad, row, rows) {
            canvas.mark(x, y, Mark::Fail);
        }
        if has(&logs.found, row, rows) {
            canvas.glyph(x, y, glyphs.cursor_back, StyleRole::Attention);
        }
        if logs
            .marks
            .iter()
            .any(|mark| logs.share_of(mark).is_some_and(|at| at * rows / 1001 == row))
        {
            canvas.mark(x, y, Mark::Waits);
        }
    }
}

/// Whether something was found in the part of the whole that this row of the rail stands for.
fn has(tally: &Tally, row: u32, rows: u32) -> bool {
    let parts = u32::try_from(tally.parts.len()).unwrap_or(0);
    let from = row * parts / rows;
    let to = ((row + 1) * parts).div_ceil(rows).min(parts);
    (from..to).any(|part| tally.parts.get(part as usize).is_some_and(|count| *count > 0))
}

/// What is being typed, in the place of the status line.
pub fn field(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> bool {
    let Some(field) = &model.logs.field else { return false };
    let x = area.x.saturating_add(1);
    let room = area.width.saturating_sub(2);
    let word = Line::of(format!("{}: ", words::field_words(field)), StyleRole::Key);
    let used = canvas.line(x, area.y, room, &word);
    let rest = room.saturating_sub(used);
    let typed = dialog::field(canvas.look, &field.pattern.text, rest.min(30));
    let used_by_field = canvas.line(x.saturating_add(used), area.y, rest, &typed);
    let notes = words::field_counts(model, field.kind);
    let rest = rest.saturating_sub(used_by_field).saturating_sub(2);
    canvas.text(
        x.saturating_add(used).saturating_add(used_by_field).saturating_add(2),
        area.y,
        rest,
        &notes,
        StyleRole::Dim,
    );
    true
}
