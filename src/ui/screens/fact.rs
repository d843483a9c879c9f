//! The items of one fact, and the selected one in full.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::screens::fact as view;
use crate::ui::canvas::Canvas;
use crate::ui::look::StyleRole;
use crate::ui::text;
use crate::ui::widgets::panel::lines_down;

use super::details::Labelled;
use super::{Places, empty, list, open, open_details};

/// Columns between two cells.
const GAP: usize = 2;

/// Draws the list with its headings, and the selected item beside or below it.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let line = view::line(model);
    let title = line.as_ref().map(|line| line.key.to_string());
    let mut selected = None;
    if let Some(part) = open(canvas, places, model, "items", title.as_deref(), &[], false) {
        let columns = view::columns(model);
        let headings = Rect { y: part.rows.y.saturating_sub(1), height: 1, ..part.rows };
        if part.rows.height > 0 {
            let names = columns.iter().map(|(name, _)| name.as_str());
            cells(canvas, headings, &columns, names, StyleRole::Title);
        }
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, row, id| {
            if let Some(item) = view::item(model, id) {
                let held = item.cells.iter().map(|(_, cell)| cell.as_str());
                cells(canvas, row, &columns, held, StyleRole::Text);
            }
        });
        if part.listing.rows.is_empty() {
            empty(canvas, part.rows, model, "There is none");
        }
        selected = part.listing.row().cloned();
    }
    let item = selected.and_then(|row| view::item(model, &row));
    let meaning = line.map_or("", |line| line.meaning);
    if let Some(area) = open_details(canvas, places, places.areas.details, meaning, "y copies")
        && let Some(item) = item
    {
        let labels = item.cells.iter().map(|(name, _)| text::width(name));
        let mut lines = Labelled::new(canvas.look, area.width).under(labels);
        for (name, cell) in &item.cells {
            lines.add(name, cell, StyleRole::Text);
        }
        lines_down(canvas, area, &lines.lines());
    }
}

/// One row of cells under each other's columns; of a list the only one has the whole row.
fn cells<'t>(
    canvas: &mut Canvas<'_>,
    row: Rect,
    columns: &[(String, usize)],
    texts: impl Iterator<Item = &'t str>,
    role: StyleRole,
) {
    let mut x = row.x.saturating_add(2);
    for (at, cell) in texts.enumerate() {
        let room = row.right().saturating_sub(x).saturating_sub(1);
        let wide = columns.get(at).map_or(usize::from(room), |(_, wide)| *wide);
        let wide = u16::try_from(wide).unwrap_or(room).min(room);
        let shown = text::shown(cell, canvas.look.glyphs).into_owned();
        canvas.text(x, row.y, wide, &shown, role);
        x = x.saturating_add(wide).saturating_add(GAP as u16).min(row.right());
    }
}
