//! Rows of lists that several screens share: findings, layers, targets, changes, facts.

use ratatui::layout::Rect;

use crate::app::mark::Mark;
use crate::app::screens::layer::TargetLine;
use crate::app::screens::overview::{FindingLine, LayerLine};
use crate::app::screens::target::FactLine;
use crate::domain::{Stamp, Verdict};
use crate::ui::canvas::Canvas;
use crate::ui::look::{Look, StyleRole};
use crate::ui::widgets::gauge;
use crate::ui::widgets::table::{Column, Columns};

/// Draws the cursor of a row, and, where the list has the keys, its style.
pub fn select(canvas: &mut Canvas<'_>, row: Rect, is_selected: bool, has_focus: bool) {
    if !is_selected {
        return;
    }
    let role = if has_focus { StyleRole::Key } else { StyleRole::Dim };
    canvas.glyph(row.x, row.y, canvas.look.glyphs.cursor, role);
    if has_focus {
        canvas.paint(row, StyleRole::Selection);
    }
}

/// `X FAIL`: a mark and its word, eight columns at most.
pub fn state(canvas: &mut Canvas<'_>, x: u16, y: u16, mark: Mark, word: &str) {
    canvas.mark(x, y, mark);
    canvas.text(x.saturating_add(2), y, 7, &format!("{word:^4}"), canvas.look.role_of(mark));
}

/// How old something is, for a column: `22s`, `~ 6m` for what is old, `--` for what was never seen.
pub fn age(look: &Look, now: Stamp, seen: Option<Stamp>, is_old: bool) -> (String, StyleRole) {
    match seen {
        None => ("--".to_owned(), StyleRole::Dim),
        Some(seen) if is_old => {
            (format!("{} {}", look.mark(Mark::Old), now.since(seen).short()), StyleRole::Old)
        }
        Some(seen) => (now.since(seen).short(), StyleRole::Dim),
    }
}

/// Columns of the layers. From 100 columns on there is room for the last hour.
pub struct LayerColumns {
    columns: Columns,
    has_history: bool,
}

impl LayerColumns {
    /// The columns in a row of that width.
    pub fn new(area: Rect) -> LayerColumns {
        let has_history = area.width >= 100;
        let mut columns = vec![
            Column::left("", 1),
            Column::left("Layer", 12),
            Column::left("State", 9),
            Column::rest("In one line"),
            Column::right("Seen", 5),
            Column::right("Find", 5),
        ];
        if has_history {
            columns.push(Column::left("  1 h", 15));
        }
        LayerColumns { columns: Columns::new(area, 1, &columns), has_history }
    }

    /// Draws the headings.
    pub fn headings(&self, canvas: &mut Canvas<'_>, y: u16) {
        self.columns.headings(canvas, y);
    }

    /// Draws one layer.
    pub fn row(&self, canvas: &mut Canvas<'_>, y: u16, line: &LayerLine, now: Stamp) {
        let columns = &self.columns;
        columns.cell(canvas, y, 1, line.title, StyleRole::Text);
        state(canvas, columns.place(2).0, y, line.mark, line.word);
        let role = if line.is_old { StyleRole::Old } else { StyleRole::Text };
        columns.cell(canvas, y, 3, &line.sentence, role);
        let (seen, role) = age(canvas.look, now, line.seen, line.is_old);
        columns.cell(canvas, y, 4, &seen, role);
        let found = line.findings.map_or_else(|| "-".to_owned(), |count| count.to_string());
        let role = if line.findings.unwrap_or(0) > 0 { StyleRole::Text } else { StyleRole::Dim };
        columns.cell(canvas, y, 5, &found, role);
        if self.has_history {
            history(canvas, columns.place(6).0.saturating_add(2), y, line);
        }
    }
}

/// The last hour in twelve glyphs of five minutes, the worst of each.
fn history(canvas: &mut Canvas<'_>, x: u16, y: u16, line: &LayerLine) {
    let places = 12usize;
    let skipped = line.history.len().saturating_sub(places * 5);
    let recent = line.history.get(skipped..).unwrap_or(&[]);
    let worst: Vec<Option<Verdict>> = recent
        .rchunks(5)
        .map(|five| five.iter().flatten().copied().max_by_key(|verdict| verdict.weight()))
        .collect();
    let from = x.saturating_add(u16::try_from(places.saturating_sub(worst.len())).unwrap_or(0));
    for (at, verdict) in (from..).zip(worst.iter().rev()) {
        let Some(verdict) = verdict else { continue };
        let glyphs = canvas.look.glyphs;
        // What we could not look at has no height.
        let level = match verdict {
            Verdict::Pass => Some(0.0),
            Verdict::Warn => Some(0.5),
            Verdict::Fail => Some(1.0),
            Verdict::Unknown | Verdict::NotYet => None,
        };
        let role = canvas.look.role_of(Mark::of(*verdict));
        if let Some(glyph) = gauge::spark(glyphs, &[level], 0.0, 1.0).chars().next() {
            canvas.glyph(at, y, glyph, role);
        }
    }
}

/// Draws one finding: mark, code, sentence, since when. `is_flat` leaves the time out.
pub fn finding(canvas: &mut Canvas<'_>, row: Rect, line: &FindingLine, now: Stamp) {
    let indent = u16::from(line.depth) * 2;
    let x = row.x.saturating_add(2).saturating_add(indent);
    canvas.mark(x, row.y, line.mark);
    let role = canvas.look.role_of(line.mark);
    let code = x.saturating_add(2);
    canvas.text(code, row.y, 8, line.code.as_str(), role);
    // The time goes where a sentence would have no room beside it.
    let clock = if row.width >= 50 { 10 } else { 0 };
    let start = code.saturating_add(9);
    let room = row.right().saturating_sub(start).saturating_sub(clock).saturating_sub(1);
    // How many others it explains must not be cut off.
    let more = if line.folded > 0 { format!(" (+{})", line.folded) } else { String::new() };
    let tail = u16::try_from(more.len()).unwrap_or(0).min(room);
    let used = canvas.text(start, row.y, room - tail, &line.sentence, StyleRole::Text);
    canvas.text(start.saturating_add(used), row.y, tail, &more, StyleRole::Dim);
    if clock > 0 {
        let since = line.since.map_or_else(|| "--".to_owned(), |since| since.near_short(now));
        canvas.text_right(row.right().saturating_sub(1), row.y, clock, &since, StyleRole::Dim);
    }
}

/// Draws one target of a layer: mark and word, name, sentence, age.
pub fn target(canvas: &mut Canvas<'_>, row: Rect, line: &TargetLine, now: Stamp) {
    let x = row.x.saturating_add(2);
    state(canvas, x, row.y, line.mark, line.mark.word());
    canvas.text(x.saturating_add(10), row.y, 16, &line.name, StyleRole::Text);
    let start = x.saturating_add(27);
    let edge = row.right().saturating_sub(1);
    let room = edge.saturating_sub(start).saturating_sub(7);
    canvas.text(start, row.y, room, &line.sentence, StyleRole::Text);
    let is_old = line.mark == Mark::Unknown;
    let (seen, role) = age(canvas.look, now, line.seen, is_old);
    canvas.text_right(edge, row.y, 6, &seen, role);
}

/// Draws one fact: key, value, age; in trouble the value is old.
pub fn fact(canvas: &mut Canvas<'_>, row: Rect, line: &FactLine, now: Stamp) {
    let x = row.x.saturating_add(2);
    let name = 26.min(row.width / 3);
    canvas.text(x, row.y, name, line.key.as_str(), StyleRole::Dim);
    let start = x.saturating_add(name).saturating_add(1);
    let edge = row.right().saturating_sub(1);
    let room = edge.saturating_sub(start).saturating_sub(7);
    let is_old = line.trouble.is_some();
    let role = if is_old { StyleRole::Old } else { StyleRole::Text };
    let text = match &line.trouble {
        Some(trouble) if line.text.is_empty() => {
            canvas.mark(start, row.y, Mark::Unknown);
            let start = start.saturating_add(2);
            canvas.text(start, row.y, room.saturating_sub(2), &trouble.sentence, StyleRole::Old);
            ""
        }
        _ => line.text.as_str(),
    };
    canvas.text(start, row.y, room, text, role);
    let (seen, role) = age(canvas.look, now, line.seen, is_old);
    canvas.text_right(edge, row.y, 6, &seen, role);
}

/// A change in one line: when and what, and in wide lists the layer.
pub fn change(canvas: &mut Canvas<'_>, row: Rect, at: &str, mark: Mark, sentence: &str) {
    let x = row.x.saturating_add(2);
    canvas.text(x, row.y, 8, at.trim_end_matches('Z'), StyleRole::Dim);
    canvas.mark(x.saturating_add(9), row.y, mark);
    let start = x.saturating_add(11);
    let room = row.right().saturating_sub(start).saturating_sub(1);
    canvas.text(start, row.y, room, sentence, StyleRole::Text);
}
