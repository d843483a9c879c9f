//! Install: the runs, the phases of the plan, the steps of one, and what is said of the selection.

use ratatui::layout::Rect;

use crate::app::screens::install as views;
use crate::app::{Model, RowId, areas};
use crate::ui::canvas::Canvas;
use crate::ui::look::{Mark, StyleRole};

use super::details::Labelled;
use super::{Places, empty, lines_down, list, open, open_details, run};

/// Draws the screen.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let focused = areas::focused_panel(model, model.screen());
    let mut selected: Option<RowId> = None;
    if let Some(part) = open(canvas, places, model, "runs", None, &[], false) {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, row, id| {
            run_row(canvas, row, model, id);
        });
        if part.listing.rows.is_empty() {
            empty(canvas, part.rows, model, "Nothing was run here yet");
        }
        selected = part.listing.row().filter(|_| focused == "runs").cloned();
    }
    if let Some(part) =
        open(canvas, places, model, views::PHASES, Some(&views::title(model)), &[], false)
    {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, row, id| {
            phase_row(canvas, row, model, id);
        });
        if part.listing.rows.is_empty() {
            empty(canvas, part.rows, model, "Reading the plans");
        }
        if focused == views::PHASES {
            selected = part.listing.row().cloned();
        }
    }
    if let Some(part) = open(canvas, places, model, views::STEPS, None, &["Enter opens"], false) {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, row, id| {
            step_row(canvas, row, model, id);
        });
        if focused == views::STEPS {
            selected = part.listing.row().cloned();
        }
    }
    let title = selected.as_ref().and_then(|row| views::text(model, row)).unwrap_or_default();
    if let Some(area) = open_details(canvas, places, places.areas.details, &title, "") {
        let mut lines = Labelled::new(canvas.look, area.width);
        let said = selected.as_ref().map(|row| views::details(model, row)).unwrap_or_default();
        for (label, text) in said {
            lines.add(label, &text, StyleRole::Text);
        }
        for fault in &model.plans.faults {
            lines.add("Fault", fault, StyleRole::Text);
        }
        lines_down(canvas, area, &lines.lines());
    }
}

/// A row of the runs: a run, or a line of what to do where there is no inventory.
fn run_row(canvas: &mut Canvas<'_>, row: Rect, model: &Model, id: &RowId) {
    if let Some(line) = views::line(model, id) {
        run::row(canvas, row, line, model.now);
    }
    let lines = views::lines(model);
    if let RowId::Line(at) = id
        && let Some(line) = lines.get(*at)
    {
        let room = row.width.saturating_sub(2);
        canvas.text(row.x.saturating_add(2), row.y, room, line, StyleRole::Text);
    }
}

fn phase_row(canvas: &mut Canvas<'_>, row: Rect, model: &Model, id: &RowId) {
    let Some(phase) = views::phase(model, id) else { return };
    let x = row.x.saturating_add(2);
    canvas.mark(x, row.y, Mark::Off);
    canvas.text(x.saturating_add(2), row.y, 6, &phase.id, StyleRole::Text);
    let edge = row.right().saturating_sub(1);
    canvas.text_right(edge, row.y, 4, &phase.steps.len().to_string(), StyleRole::Dim);
    let start = x.saturating_add(8);
    let room = edge.saturating_sub(start).saturating_sub(4);
    canvas.text(start, row.y, room, &phase.title, StyleRole::Text);
}

fn step_row(canvas: &mut Canvas<'_>, row: Rect, model: &Model, id: &RowId) {
    let Some(step) = views::step(model, id) else { return };
    let x = row.x.saturating_add(2);
    canvas.mark(x, row.y, Mark::Off);
    canvas.text(x.saturating_add(2), row.y, 9, &step.id, StyleRole::Text);
    let edge = row.right().saturating_sub(1);
    canvas.text_right(edge, row.y, 9, &step.kind, StyleRole::Dim);
    let start = x.saturating_add(11);
    let room = edge.saturating_sub(start).saturating_sub(10);
    canvas.text(start, row.y, room, &step.title, StyleRole::Text);
}
