//! Rack: the elevation, and what the selected box is.

use ratatui::layout::Rect;

use crate::app::commands::{self, Ready};
use crate::app::screens::overview::FindingLine;
use crate::app::screens::rack::{Elevation, UnitDetails, UnitLine};
use crate::app::screens::state::ColourBy;
use crate::app::{Model, RowId};
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::{Look, StyleRole};
use crate::ui::text;
use crate::ui::widgets::gauge;
use crate::ui::widgets::panel::Panel;

use super::{Places, details};

/// What the elevation's title says: `r2 front`, and what colours it.
pub fn title(elevation: &Elevation) -> String {
    let side = match (elevation.has_units, elevation.is_rear) {
        (false, _) => "",
        (true, true) => " rear",
        (true, false) => " front",
    };
    let by = match elevation.colour_by {
        ColourBy::State => String::new(),
        by => format!(", by {}", by.word()),
    };
    format!("{}{side}{by}", elevation.rack)
}

/// Draws what stands above the units where there is no frame: ` U  r2 front`.
pub fn headings(canvas: &mut Canvas<'_>, row: Rect, title: &str) {
    if row.height == 0 {
        return;
    }
    canvas.text_right(row.x.saturating_add(3), row.y, 3, "U", StyleRole::Title);
    let room = row.width.saturating_sub(5);
    canvas.text(row.x.saturating_add(5), row.y, room, title, StyleRole::Title);
}

/// Draws the units in the window.
pub fn units(
    canvas: &mut Canvas<'_>,
    area: Rect,
    elevation: &Elevation,
    selected: Option<&RowId>,
    has_focus: bool,
) {
    for (y, line) in (area.top()..area.bottom()).zip(&elevation.lines) {
        let row = Rect { y, height: 1, ..area };
        unit(canvas, row, elevation, line);
        if Some(&line.row) == selected {
            let role = if has_focus { StyleRole::Key } else { StyleRole::Dim };
            let edge = row.right().saturating_sub(1);
            canvas.glyph(edge, y, canvas.look.glyphs.cursor_back, role);
            if has_focus {
                let (x, width) = (row.x.saturating_add(5), row.width.saturating_sub(7));
                canvas.paint(Rect { x, width, ..row }, StyleRole::Selection);
            }
        }
    }
}

/// ` 40 [X leaf-02    FAB-02 ]`
fn unit(canvas: &mut Canvas<'_>, row: Rect, elevation: &Elevation, line: &UnitLine) {
    let y = row.y;
    let number = line.unit.map(|unit| unit.to_string()).unwrap_or_default();
    canvas.text_right(row.x.saturating_add(3), y, 3, &number, StyleRole::Dim);
    let (left, right) = canvas.look.glyphs.rail;
    let rail = row.right().saturating_sub(2);
    canvas.glyph(row.x.saturating_add(4), y, left, StyleRole::Border);
    canvas.glyph(rail, y, right, StyleRole::Border);
    let x = row.x.saturating_add(7);
    let room = rail.saturating_sub(x);
    canvas.mark(row.x.saturating_add(5), y, line.mark);
    if line.target.is_none() {
        let units = if line.height > 1 { format!("{} blank", line.height) } else { "blank".into() };
        canvas.text(x, y, room, &units, StyleRole::Off);
        return;
    }
    let note = match (elevation.colour_by, line.heat) {
        (ColourBy::State, _) | (_, None) => line.note.clone(),
        (_, Some(heat)) => format!("{} {}", gauge::bar(canvas.look.glyphs, 4, heat), line.note),
    };
    let note_columns = u16::try_from(text::width(&note)).unwrap_or(room).min(room / 2);
    let gap = u16::from(note_columns > 0);
    let name_room = room.saturating_sub(note_columns).saturating_sub(gap + gap);
    canvas.text(x, y, name_room, &line.name, StyleRole::Text);
    let role = match elevation.colour_by {
        ColourBy::State => line.mark.into(),
        _ => match line.heat {
            None => StyleRole::Unknown,
            Some(heat) if heat > 0.8 => StyleRole::Attention,
            Some(_) => StyleRole::Active,
        },
    };
    canvas.text_right(rail.saturating_sub(gap), y, note_columns, &note, role);
}

/// `U18 gpu-07` and its serial, for the head of the details.
pub fn heading(unit: &UnitDetails) -> (String, String) {
    let place = unit.unit.map(|unit| format!("U{unit} ")).unwrap_or_default();
    let serial = unit.serial.as_ref().map(|serial| format!("serial {serial}"));
    (format!("{place}{}", unit.name), serial.unwrap_or_default())
}

/// Columns before the sentence of a finding: its mark and code.
const BEFORE_SENTENCE: u16 = 13;

/// How many rows the findings on a box take, their sentences wrapped.
fn finding_rows(look: &Look, width: u16, unit: &UnitDetails) -> u16 {
    let rows = unit.findings.iter().map(|line| sentence_lines(look, width, line).len().max(1));
    u16::try_from(rows.sum::<usize>()).unwrap_or(u16::MAX).max(1)
}

fn sentence_lines(look: &Look, width: u16, line: &FindingLine) -> Vec<String> {
    let more = if line.folded > 0 { format!(" (+{})", line.folded) } else { String::new() };
    let words = format!("{}{more}", line.sentence);
    let shown = text::shown(&words, look.glyphs);
    text::wrap(&shown, usize::from(width.saturating_sub(BEFORE_SENTENCE + 1)))
}

/// Draws the findings on the selected box, their sentences wrapped.
pub fn findings(canvas: &mut Canvas<'_>, area: Rect, unit: &UnitDetails) {
    let mut y = area.y;
    let mut hidden = 0;
    for line in &unit.findings {
        let words = sentence_lines(canvas.look, area.width, line);
        if y >= area.bottom() {
            hidden += 1;
            continue;
        }
        canvas.mark(area.x.saturating_add(2), y, line.mark);
        let role = canvas.look.role_of(line.mark);
        canvas.text(area.x.saturating_add(4), y, 8, line.code.as_str(), role);
        let x = area.x.saturating_add(BEFORE_SENTENCE);
        for (row, words) in (y..area.bottom()).zip(&words) {
            canvas.text(x, row, area.width, words, StyleRole::Text);
        }
        y = y.saturating_add(u16::try_from(words.len()).unwrap_or(u16::MAX).max(1));
    }
    if unit.findings.is_empty() {
        canvas.text(area.x.saturating_add(2), area.y, area.width, "none", StyleRole::Dim);
    }
    if hidden > 0 {
        let y = area.bottom().saturating_sub(1);
        canvas.clear(Rect { y, height: 1, ..area });
        let more = format!("{} more; Enter shows all", hidden + 1);
        canvas.text(area.x.saturating_add(2), y, area.width, &more, StyleRole::Dim);
    }
}

/// What can be done with a box, each with its key and, when off, the reason.
const ACTIONS: [&str; 4] = ["console.open", "logs.open", "since.show", "difference.show"];

/// Draws the actions.
pub fn actions(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let found = ACTIONS.iter().filter_map(|id| commands::find(id));
    for (y, command) in (area.top()..area.bottom()).zip(found) {
        let keys = model.keymap.keys_of(command.id).join(" ");
        let x = area.x.saturating_add(2);
        canvas.text(x, y, 3, &keys, StyleRole::Key);
        let start = x.saturating_add(4);
        let room = area.right().saturating_sub(start);
        let line = match (command.ready)(model) {
            Ready::No(reason) => Line::of(command.title, StyleRole::Off)
                .and(format!("  off: {reason}"), StyleRole::Dim),
            _ => Line::of(command.title, StyleRole::Text),
        };
        canvas.line(start, y, room, &line);
    }
}

/// Draws what is beside the elevation: the selected box, its findings, its actions.
pub fn beside(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    model: &Model,
    unit: Option<&UnitDetails>,
) {
    let area = places.cells(places.areas.details);
    if area.width < 10 || area.height < 3 {
        return;
    }
    if !places.areas.is_framed {
        let line = canvas.look.glyphs.line.down;
        for y in area.top()..area.bottom() {
            canvas.glyph(area.x, y, line, StyleRole::Border);
        }
    }
    let Some(unit) = unit else { return };
    let side = places.cells(places.areas.side);
    if places.areas.is_framed {
        framed(canvas, area, side, model, unit);
    } else {
        ruled(canvas, area, model, unit);
    }
}

/// Three frames in the middle and the third column.
fn framed(canvas: &mut Canvas<'_>, area: Rect, side: Rect, model: &Model, unit: &UnitDetails) {
    let (name, serial) = heading(unit);
    let lines = u16::try_from(unit.lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let height = lines.clamp(10, area.height.max(10)).min(area.height);
    let (top, below) = split(area, height);
    let inner = Panel { title: &name, right: &serial, has_focus: false }.framed(canvas, top);
    details::labelled_lines(canvas, inner, &unit.lines, model.now);
    let inner = Panel { title: "Findings here", ..Panel::default() }.framed(canvas, below);
    findings(canvas, Rect { x: inner.x.saturating_sub(1), width: inner.width + 1, ..inner }, unit);
    let rows = u16::try_from(ACTIONS.len()).unwrap_or(0) + 2;
    let (details_area, actions_area) = split(side, side.height.saturating_sub(rows));
    let worst = unit.findings.first();
    let title = worst.map_or_else(String::new, |line| format!("{}, the worst here", line.code));
    let inner = Panel { title: &title, right: "Enter opens", has_focus: false }
        .framed(canvas, details_area);
    match worst {
        Some(line) => super::overview::finding_details(canvas, inner, model, Some(&line.row)),
        None => _ = canvas.text(inner.x, inner.y, inner.width, "No finding here", StyleRole::Dim),
    }
    let inner = Panel { title: "Actions", ..Panel::default() }.framed(canvas, actions_area);
    actions(canvas, Rect { x: inner.x.saturating_sub(1), width: inner.width + 1, ..inner }, model);
}

fn split(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let below = Rect { y: area.y + height, height: area.height - height, ..area };
    (Rect { height, ..area }, below)
}

/// One column: head, what is known, findings, actions.
fn ruled(canvas: &mut Canvas<'_>, area: Rect, model: &Model, unit: &UnitDetails) {
    // The line between the columns and a blank.
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    let (name, serial) = heading(unit);
    canvas.glyph(area.x.saturating_add(1), area.y, canvas.look.glyphs.cursor, StyleRole::Dim);
    let serial_columns = u16::try_from(text::width(&serial)).unwrap_or(0);
    let room = area.width.saturating_sub(serial_columns).saturating_sub(5);
    canvas.text(area.x.saturating_add(3), area.y, room, &name, StyleRole::Title);
    canvas.text_right(area.right(), area.y, serial_columns, &serial, StyleRole::Dim);
    let below = Rect {
        x: area.x.saturating_add(3),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(1),
    };
    let mut y = details::labelled_lines(canvas, below, &unit.lines, model.now).saturating_add(1);
    let action_rows = u16::try_from(ACTIONS.len()).unwrap_or(0) + 1;
    let has_actions = area.bottom().saturating_sub(y) >= action_rows + 4;
    let end = area.bottom().saturating_sub(if has_actions { action_rows + 1 } else { 0 });
    let part = Rect { x: area.x.saturating_add(1), width: area.width.saturating_sub(1), ..area };
    let count = finding_rows(canvas.look, part.width, unit);
    if y.saturating_add(1) < end {
        let height = end.saturating_sub(y).min(count.saturating_add(1));
        let panel = Panel { title: "Findings here", ..Panel::default() };
        let inner = panel.ruled(canvas, Rect { y, height, ..part });
        findings(canvas, inner, unit);
        y = y.saturating_add(height).saturating_add(1);
    }
    if has_actions {
        let height = area.bottom().saturating_sub(y).min(action_rows);
        let panel = Panel { title: "Actions", ..Panel::default() };
        let inner = panel.ruled(canvas, Rect { y, height, ..part });
        actions(canvas, inner, model);
    }
}
