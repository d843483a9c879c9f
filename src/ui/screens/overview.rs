//! Overview: layers, findings, what changed; beside them the selected finding and the site.

use ratatui::layout::Rect;

use crate::app::list::Listing;
use crate::app::screens::overview as view;
use crate::app::screens::{details as view_details, rack};
use crate::app::site_index::{Rack, UNPLACED};
use crate::app::{Model, RowId};
use crate::ui::canvas::Canvas;
use crate::ui::look::StyleRole;
use crate::ui::widgets::panel;

use super::{details, list, rows};

/// Draws the headings of the layers; they stand where a rule would.
pub fn layer_headings(canvas: &mut Canvas<'_>, row: Rect) {
    rows::LayerColumns::new(row).headings(canvas, row.y);
}

/// Draws the layers.
pub fn layers(canvas: &mut Canvas<'_>, area: Rect, model: &Model, listing: &Listing, focus: bool) {
    let columns = rows::LayerColumns::new(area);
    list::each(canvas, area, listing, focus, |canvas, row, id| {
        columns.row(canvas, row.y, &view::layer_line(model, id), model.now);
    });
}

/// Draws the findings.
pub fn findings(
    canvas: &mut Canvas<'_>,
    area: Rect,
    model: &Model,
    listing: &Listing,
    focus: bool,
) {
    list::each(canvas, area, listing, focus, |canvas, row, id| {
        if let Some(line) = view::finding_line(model, id) {
            rows::finding(canvas, row, &line, model.now);
        }
    });
    if listing.rows.is_empty() {
        super::empty(canvas, area, model, view::no_finding(model));
    }
}

/// Draws the selected finding in full in the rows that the list leaves free,
/// where there is no other place for it: the list may have cut its sentence.
pub fn in_full(canvas: &mut Canvas<'_>, area: Rect, model: &Model, listing: &Listing) {
    let used = u16::try_from(listing.rows.len().saturating_sub(listing.top)).unwrap_or(u16::MAX);
    let free = area.height.saturating_sub(used);
    let Some(finding) = listing.row().and_then(|row| view_details::of_row(model, row)) else {
        return;
    };
    let (x, width) = (area.x.saturating_add(2), area.width.saturating_sub(3));
    let area = Rect { x, y: area.bottom().saturating_sub(free), width, height: free };
    let lines = details::said_and_try(canvas.look, width, &finding);
    // Half a sentence is no help; what does not fit is a key away.
    if lines.len() <= usize::from(free) {
        panel::lines_down(canvas, area, &lines);
    }
}

/// Draws what changed.
pub fn changed(canvas: &mut Canvas<'_>, area: Rect, model: &Model, listing: &Listing, focus: bool) {
    list::each(canvas, area, listing, focus, |canvas, row, id| {
        if let Some(line) = view::changed_line(model, id) {
            rows::change(canvas, row, &line.at.hms(), line.mark, &line.sentence);
        }
    });
    if listing.rows.is_empty() {
        super::empty(canvas, area, model, "Nothing changed while a console watched");
    }
}

/// Draws the selected finding in full.
pub fn finding_details(canvas: &mut Canvas<'_>, area: Rect, model: &Model, row: Option<&RowId>) {
    let Some(finding) = row.and_then(|row| view_details::of_row(model, row)) else { return };
    let lines = details::finding(canvas.look, area.width, area.height, &finding, model.now);
    panel::lines_down(canvas, area, &lines);
}

/// Columns of one small rack, and of the gap to the next.
const RACK_COLUMNS: u16 = 10;
const RACK_GAP: u16 = 2;
/// Marks in a row of a small rack.
const RACK_MARKS: usize = 8;
/// Rows of a small rack; what stands in more is counted.
const RACK_ROWS: u16 = 4;

/// Draws the racks as small boxes of marks, then the layers in numbers.
pub fn site(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let canvas = &mut canvas.part(area);
    let racks = &model.index.racks;
    // The last one needs no gap behind it.
    let across = usize::from((area.width + RACK_GAP) / (RACK_COLUMNS + RACK_GAP));
    let numbers = view::layers_in_numbers(model);
    let left = usize::from(area.height).saturating_sub(numbers.len() + 1);
    let shown = racks.len().min(across * (left / usize::from(RACK_ROWS + 3)).clamp(1, 3));
    let mut y = area.y;
    for row in racks.get(..shown).unwrap_or(&[]).chunks(across.max(1)) {
        let mut x = area.x;
        for rack in row {
            let place = Rect { x, y, width: RACK_COLUMNS, height: RACK_ROWS + 3 };
            small_rack(canvas, place, model, rack);
            x = x.saturating_add(RACK_COLUMNS + RACK_GAP);
        }
        y = y.saturating_add(RACK_ROWS + 3);
    }
    if racks.len() > shown {
        let more = format!("and {} more: 2 shows them", racks.len() - shown);
        canvas.text(area.x, y, area.width, &more, StyleRole::Dim);
        y = y.saturating_add(1);
    }
    for (title, words) in numbers {
        canvas.text(area.x, y, 11, title, StyleRole::Text);
        canvas.text(area.x.saturating_add(12), y, area.width, &words, StyleRole::Dim);
        y = y.saturating_add(1);
    }
}

fn small_rack(canvas: &mut Canvas<'_>, area: Rect, model: &Model, rack: &Rack) {
    let name = if rack.name == UNPLACED { "no rack" } else { &rack.name };
    let room = area.width.saturating_sub(1);
    canvas.text(area.x.saturating_add(1), area.y, room, name, StyleRole::Title);
    let frame = Rect { y: area.y.saturating_add(1), height: RACK_ROWS + 2, ..area };
    panel::frame(canvas, frame, &canvas.look.glyphs.line, StyleRole::Border);
    let room = RACK_MARKS * usize::from(RACK_ROWS);
    let fits = if rack.boxes.len() > room { room - 1 } else { room };
    for (at, id) in rack.boxes.iter().take(fits).enumerate() {
        let mark = rack::mark_of(model, id);
        let (column, row) = (at % RACK_MARKS, at / RACK_MARKS);
        let x = area.x.saturating_add(1 + u16::try_from(column).unwrap_or(0));
        let y = area.y.saturating_add(2 + u16::try_from(row).unwrap_or(0));
        canvas.mark(x, y, mark);
    }
    if rack.boxes.len() > fits {
        let (x, y) = (frame.right().saturating_sub(2), frame.bottom().saturating_sub(2));
        canvas.glyph(x, y, canvas.look.glyphs.cut, StyleRole::Dim);
    }
}
