//! Runs: the rows of their list, and the page of one.

use ratatui::layout::Rect;

use crate::app::runs::RunLine;
use crate::app::screens::run as views;
use crate::app::{Model, RowId};
use crate::domain::Stamp;
use crate::ui::canvas::Canvas;
use crate::ui::look::StyleRole;

use super::{Places, empty, list, open, rows};

/// A run in the list: state, number, since when, how long, title.
pub fn row(canvas: &mut Canvas<'_>, place: Rect, line: &RunLine, now: Stamp) {
    let x = place.x.saturating_add(2);
    canvas.mark(x, place.y, line.mark());
    let role = canvas.look.role_of(line.mark());
    canvas.text(x.saturating_add(2), place.y, 8, &format!("run {}", line.id), StyleRole::Text);
    canvas.text(x.saturating_add(11), place.y, 18, &line.state_words(), role);
    let until = line.ended.unwrap_or(now);
    let took = until.since(line.started).short();
    let begun = line.started.near_short(now);
    canvas.text_right(x.saturating_add(39), place.y, 10, &begun, StyleRole::Dim);
    canvas.text_right(x.saturating_add(46), place.y, 6, &took, StyleRole::Dim);
    let start = x.saturating_add(48);
    let room = place.right().saturating_sub(start).saturating_sub(1);
    let words = match &line.prompt {
        Some(prompt) => format!("{prompt}  {}", line.title),
        None => line.title.clone(),
    };
    canvas.text(start, place.y, room, &words, StyleRole::Text);
}

/// The page of a run.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let title = model.route().run.map(|run| format!("Run {run}"));
    let notes = ["l log"];
    if let Some(part) = open(canvas, places, model, "about", title.as_deref(), &notes, false) {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, place, id| {
            fact(canvas, place, model, id);
        });
        if part.listing.rows.is_empty() {
            empty(canvas, part.rows, model, &(model.screen().status)(model));
        }
    }
    if let Some(part) = open(canvas, places, model, "journal", None, &["newest first"], false) {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, place, id| {
            let Some(line) = views::entry(model, id) else { return };
            let x = place.x.saturating_add(2);
            let at = line.at.near_short(model.now);
            canvas.text(x, place.y, 10, at.trim_end_matches('Z'), StyleRole::Dim);
            let start = x.saturating_add(11);
            let room = place.right().saturating_sub(start).saturating_sub(1);
            canvas.text(start, place.y, room, &line.sentence, StyleRole::Text);
        });
    }
    if let Some(part) = open(canvas, places, model, "recordings", None, &["Enter plays"], false) {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, place, id| {
            let Some(line) = views::recording(model, id) else { return };
            let x = place.x.saturating_add(2);
            let at = line.at.map_or_else(String::new, |at| at.near_short(model.now));
            canvas.text(x, place.y, 10, at.trim_end_matches('Z'), StyleRole::Dim);
            let edge = place.right().saturating_sub(1);
            let size = format!("{} KiB", line.bytes.div_ceil(1024));
            canvas.text_right(edge, place.y, 12, &size, StyleRole::Dim);
            let start = x.saturating_add(11);
            let room = edge.saturating_sub(start).saturating_sub(13);
            canvas.text(start, place.y, room, &line.name, StyleRole::Text);
        });
        if part.listing.rows.is_empty() {
            empty(canvas, part.rows, model, "No console was recorded in it");
        }
    }
}

fn fact(canvas: &mut Canvas<'_>, place: Rect, model: &Model, id: &RowId) {
    let Some((name, value)) = views::fact(model, id) else { return };
    let x = place.x.saturating_add(2);
    canvas.text(x, place.y, 11, name, StyleRole::Dim);
    let start = x.saturating_add(12);
    let room = place.right().saturating_sub(start).saturating_sub(1);
    canvas.text(start, place.y, room, value, StyleRole::Text);
    rows::select(canvas, place, false, false);
}
