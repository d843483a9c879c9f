//! Click selects, a second click opens, the wheel moves. Never the only way.

use super::super::areas::{Rect, areas, tabs};
use super::super::commands::motion::{select, step};
use super::super::list::listing_in;
use super::super::navigation::Route;
use super::super::overlay::Overlay;
use super::super::screens::{logs as logs_screen, rack};
use super::super::{Effect, Model, RowId, commands, logs, palette};
use super::keys::run_from_menu;

/// A click at column and row.
pub fn click(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    if model.is_too_small_for_all() {
        return Vec::new();
    }
    model.status = None;
    if model.overlay.is_some() {
        return overlay_click(model, column, row);
    }
    let areas = areas(model, model.size);
    if let Some(tab) = tabs(model, &areas).into_iter().find(|tab| tab.rect.contains(column, row)) {
        model.navigation.go(Route::screen(tab.screen));
        return Vec::new();
    }
    for panel in model.screen().panels {
        let Some(area) = areas.panel(panel.name).copied() else { continue };
        if !area.rect.contains(column, row) {
            continue;
        }
        model.state_mut().panel = Some(panel.name.to_owned());
        if panel.is_text {
            if let Some(at) = row_at(area.rows, column, row)
                && model.screen().id == logs_screen::SPEC.id
            {
                return logs::click(model, at);
            }
            return Vec::new();
        }
        let Some(at) = row_at(area.rows, column, row) else { return Vec::new() };
        let listing = listing_in(model, panel, &areas);
        let hit = if model.screen().id == rack::SPEC.id {
            rack_row(model, listing.row(), usize::from(area.rows.height), at)
        } else {
            listing.rows.get(listing.top + at).cloned()
        };
        let Some(hit) = hit else { return Vec::new() };
        if listing.row() == Some(&hit) {
            return commands::open(model, &hit);
        }
        select(model, panel, &hit);
        return Vec::new();
    }
    Vec::new()
}

/// The rack draws blank units between its boxes; a click on one hits nothing.
fn rack_row(model: &Model, selected: Option<&RowId>, height: usize, at: usize) -> Option<RowId> {
    let elevation = rack::elevation_in(model, selected, height)?;
    let line = elevation.lines.get(at)?;
    line.target.is_some().then(|| line.row.clone())
}

fn row_at(rows: Rect, column: u16, row: u16) -> Option<usize> {
    rows.contains(column, row).then(|| usize::from(row - rows.y))
}

fn overlay_click(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let Some(area) = areas(model, model.size).overlay else { return Vec::new() };
    if !area.rect.contains(column, row) {
        // A click beside it closes what asks nothing of the operator.
        if !matches!(
            model.overlay,
            Some(Overlay::Secret(_) | Overlay::Confirm(_) | Overlay::Name(_))
        ) {
            model.overlay = None;
        }
        return Vec::new();
    }
    let Some(at) = row_at(area.rows, column, row) else { return Vec::new() };
    match model.overlay.as_mut() {
        Some(Overlay::Palette(palette)) if palette.top + at < palette.items.len() => {
            palette.selected = palette.top + at;
            palette::choose(model)
        }
        Some(Overlay::Actions(menu) | Overlay::Stop(menu)) => {
            let chosen = menu.commands.get(menu.top + at).cloned();
            chosen.map(|id| run_from_menu(model, &id)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The wheel at column and row moves the list below it.
pub fn wheel(model: &mut Model, column: u16, row: u16, by: i8) -> Vec<Effect> {
    if model.is_too_small_for_all() || model.overlay.is_some() {
        return Vec::new();
    }
    let areas = areas(model, model.size);
    let hit = areas.panels.iter().find(|panel| panel.rect.contains(column, row));
    if let Some(panel) = hit {
        let is_text_of_log = panel.name == "text" && model.screen().id == logs_screen::SPEC.id;
        model.state_mut().panel = Some(panel.name.to_owned());
        if is_text_of_log {
            return logs::roll(model, by);
        }
        step(model, isize::from(by));
    }
    Vec::new()
}
