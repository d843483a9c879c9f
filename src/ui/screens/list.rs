//! The lists of the plainer screens: layer, target, timeline, inventory, keys, pages of text.

use ratatui::layout::Rect;

use crate::app::list::Listing;
use crate::app::mark::Mark;
use crate::app::screens::{code, inventory, keys, layer, target, timeline};
use crate::app::{Model, RowId};
use crate::domain::Layer;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;

use super::rows;

/// Draws the rows in the window, each by `row`, with the cursor on the selected one.
pub fn each(
    canvas: &mut Canvas<'_>,
    area: Rect,
    listing: &Listing,
    has_focus: bool,
    mut row: impl FnMut(&mut Canvas<'_>, Rect, &RowId),
) {
    for (y, (id, is_selected)) in (area.top()..area.bottom()).zip(listing.shown()) {
        let place = Rect { y, height: 1, ..area };
        row(canvas, place, id);
        rows::select(canvas, place, is_selected, has_focus);
    }
}

/// A row of a layer: a check, a group of them, or a target.
pub fn layer_row(canvas: &mut Canvas<'_>, place: Rect, model: &Model, layer: Layer, id: &RowId) {
    if let Some(line) = layer::target_line(model, layer, id) {
        rows::target(canvas, place, &line, model.now);
    } else if let Some(line) = layer::check_line(model, layer, id) {
        rows::finding(canvas, place, &line, model.now);
    }
}

/// A row of a target's page.
pub fn target_row(canvas: &mut Canvas<'_>, place: Rect, model: &Model, id: &RowId) {
    if let Some(line) = target::fact_line(model, id) {
        rows::fact(canvas, place, &line, model.now);
    } else if let Some(line) = target::check_line(model, id) {
        rows::finding(canvas, place, &line, model.now);
    }
}

/// A row of the timeline.
pub fn timeline_row(canvas: &mut Canvas<'_>, place: Rect, model: &Model, id: &RowId) {
    if let Some(moment) = timeline::run_line(model, id) {
        let at = moment.at.near_short(model.now);
        rows::change(canvas, place, &at, moment.mark, &moment.sentence);
    } else if let Some(change) = timeline::line(model, id) {
        let words = format!("{} to {}: {}", change.from, change.to, change.sentence);
        rows::change(canvas, place, &change.at.near_short(model.now), Mark::of(change.to), &words);
    }
}

/// A problem of the inventory's files.
pub fn inventory_row(canvas: &mut Canvas<'_>, place: Rect, model: &Model, id: &RowId) {
    let Some(line) = inventory::line(model, id) else { return };
    let x = place.x.saturating_add(2);
    canvas.mark(x, place.y, line.mark);
    let role = canvas.look.role_of(line.mark);
    let mut x = x.saturating_add(2);
    if !line.rule.is_empty() {
        canvas.text(x, place.y, 10, &line.rule, role);
        x = x.saturating_add(11);
        let room = place.right().saturating_sub(x).saturating_sub(1);
        let used = canvas.text(x, place.y, room, &line.place, StyleRole::Dim);
        x = x.saturating_add(used).saturating_add(1);
    }
    let room = place.right().saturating_sub(x).saturating_sub(1);
    canvas.text(x, place.y, room, &line.sentence, StyleRole::Text);
}

/// A command with its keys, where it works, and why not.
pub fn keys_row(canvas: &mut Canvas<'_>, place: Rect, model: &Model, id: &RowId) {
    let Some(line) = keys::line(model, id) else { return };
    let x = place.x.saturating_add(2);
    canvas.text(x, place.y, 16, &line.keys, StyleRole::Key);
    canvas.text(x.saturating_add(17), place.y, 11, &line.place, StyleRole::Dim);
    let start = x.saturating_add(29);
    let room = place.right().saturating_sub(start).saturating_sub(1);
    let mut words = Line::of(line.title, StyleRole::Text);
    if let Some(off) = &line.off {
        words = Line::of(line.title, StyleRole::Off).and(format!("  off: {off}"), StyleRole::Dim);
    }
    canvas.line(start, place.y, room, &words);
}

/// A page to read, from its `top`-th line on.
pub fn page(canvas: &mut Canvas<'_>, area: Rect, page: &[code::Text], top: usize) {
    for (y, line) in (area.top()..area.bottom()).zip(page.iter().skip(top)) {
        let (words, role) = match line {
            code::Text::Heading(words) => (words.as_str(), StyleRole::Title),
            code::Text::Line(words) => (words.as_str(), StyleRole::Text),
            code::Text::Blank => continue,
        };
        let (before, after) = line.margins();
        let room = area.width.saturating_sub(before + after);
        canvas.text(area.x.saturating_add(before), y, room, words, role);
    }
}
