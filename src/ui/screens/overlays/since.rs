//! Since when something is so, with its numbers over time.

use ratatui::layout::Rect;

use crate::app::areas::OverlayArea;
use crate::app::commands::span_words;
use crate::app::history::Plot;
use crate::app::overlay::Since;
use crate::domain::Stamp;
use crate::ui::canvas::Canvas;
use crate::ui::look::StyleRole;
use crate::ui::screens::Places;
use crate::ui::text;
use crate::ui::widgets::plot::{self, Cell};
use crate::ui::widgets::{dialog, panel};

/// Draws the box.
pub fn draw(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    area: &OverlayArea,
    now: Stamp,
    since: &Since,
) {
    let rows = places.cells(area.rows);
    let shown = usize::from(rows.height);
    let lines: Vec<&str> = since.all_lines().collect();
    let top = since.top.min(lines.len().saturating_sub(shown));
    let more = panel::more(top, shown, lines.len());
    let waits = if since.question.is_some() && since.told.is_none() { "asking" } else { "" };
    let right = panel::joined(canvas.look, &[&more, waits, "Esc closes"]);
    let title = format!("Since when: {}", since.title);
    dialog::open(canvas, places.cells(area.rect), &title, &right);
    let (x, width) = (rows.x.saturating_add(1), rows.width.saturating_sub(2));
    for (y, line) in (rows.top()..rows.bottom()).zip(lines.iter().skip(top)) {
        canvas.text(x, y, width, line, StyleRole::Text);
    }
    if let Some(shown) = &since.plot {
        let span = since.question.as_ref().map_or("", |question| span_words(question.span_ms));
        let below = places.cells(area.below);
        draw_plot(canvas, Rect { x, width, ..below }, now, span, shown);
    }
}

/// The numbers, with their range at the left and their time below.
fn draw_plot(canvas: &mut Canvas<'_>, area: Rect, now: Stamp, span: &str, shown: &Plot) {
    let (low, high) = &shown.range;
    let gutter = text::width(low).max(text::width(high)).saturating_add(1);
    let gutter = u16::try_from(gutter).unwrap_or(u16::MAX).min(area.width / 3);
    let height = area.height.saturating_sub(3);
    if height == 0 || area.width < 20 {
        return;
    }
    let top = area.y.saturating_add(1);
    let x = area.x.saturating_add(gutter);
    let columns = usize::from(area.right().saturating_sub(x));
    let cells = plot::rows(canvas.look.glyphs, shown, columns, usize::from(height));
    for (y, row) in (top..).zip(&cells) {
        for (x, cell) in (x..).zip(row) {
            match cell {
                Cell::Empty => {}
                Cell::Solid(glyph) => canvas.glyph(x, y, *glyph, StyleRole::Text),
                Cell::Between(glyph) => canvas.glyph(x, y, *glyph, StyleRole::Dim),
                Cell::Unseen(glyph) => canvas.glyph(x, y, *glyph, StyleRole::Unknown),
            }
        }
    }
    let edge = x.saturating_sub(1);
    canvas.text_right(edge, top, gutter, high, StyleRole::Dim);
    if low != high {
        let bottom = top.saturating_add(height).saturating_sub(1);
        canvas.text_right(edge, bottom, gutter, low, StyleRole::Dim);
    }
    let axis = top.saturating_add(height);
    canvas.text(x, axis, area.width, &shown.from.near(now), StyleRole::Dim);
    canvas.text_right(area.right(), axis, area.width, &shown.to.near(now), StyleRole::Dim);
    let gap = canvas.look.glyphs.gap;
    let has_gap = shown.columns.iter().any(Option::is_none);
    let unseen = if has_gap { format!("{gap} not seen") } else { String::new() };
    let thinned = shown.thinned.map_or_else(String::new, |(until, minutes)| {
        format!("until {} lowest and highest of {minutes} min", until.near(now))
    });
    let keys = format!("Left Right other span ({span})");
    let words = panel::joined(canvas.look, &[&keys, &unseen, &thinned]);
    canvas.text(area.x, axis.saturating_add(1), area.width, &words, StyleRole::Dim);
}
