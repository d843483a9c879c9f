//! Moving in lists, panels and between findings. One motion set everywhere.

use super::super::areas::{areas, focused_panel};
use super::super::list::{Listing, listing_in, window};
use super::super::model::Tone;
use super::super::screens::{self, PanelSpec, rack};
use super::super::{Model, Route, RowId};
use super::{CommandSpec, Ready, Risk, always};

macro_rules! motion {
    ($id:literal, $keys:expr, $title:literal, $help:literal, $ready:expr, $run:expr) => {
        CommandSpec {
            id: $id,
            title: $title,
            help: $help,
            risk: Risk::Look,
            keys: $keys,
            word: None,
            ready: $ready,
            run: |model, _| {
                let run: fn(&mut Model) = $run;
                run(model);
                Vec::new()
            },
        }
    };
}

pub(super) const COMMANDS: &[CommandSpec] = &[
    motion!("move.up", &["Up", "k"], "Up", "Moves one row up", always, |model| step(model, -1)),
    motion!("move.down", &["Down", "j"], "Down", "Moves one row down", always, |model| {
        step(model, 1);
    }),
    motion!(
        "move.left",
        &["Left"],
        "Left",
        "Goes to the rack on the left, or pans long lines",
        has_sides,
        |model| {
            walk_racks(model, -1);
        }
    ),
    motion!(
        "move.right",
        &["Right"],
        "Right",
        "Goes to the rack on the right, or pans long lines",
        has_sides,
        |model| walk_racks(model, 1)
    ),
    motion!("page.up", &["PgUp"], "Page up", "Moves one page up", always, |model| {
        let page = page(model);
        step(model, -page);
    }),
    motion!("page.down", &["PgDn"], "Page down", "Moves one page down", always, |model| {
        let page = page(model);
        step(model, page);
    }),
    motion!("list.first", &["Home", "g"], "First", "Moves to the first row", always, |model| {
        step(model, isize::MIN);
    }),
    motion!("list.last", &["End", "G"], "Last", "Moves to the last row", always, |model| {
        step(model, isize::MAX);
    }),
    motion!(
        "panel.next",
        &["Tab"],
        "Next panel",
        "Moves the focus to the next panel",
        has_panels,
        |model| turn_panel(model, 1)
    ),
    motion!(
        "panel.previous",
        &["Shift-Tab"],
        "Previous panel",
        "Moves the focus to the previous panel",
        has_panels,
        |model| turn_panel(model, -1)
    ),
    motion!(
        "finding.previous",
        &["{"],
        "Previous finding",
        "Moves to the previous row that is a finding",
        has_findings,
        |model| to_finding(model, false)
    ),
    motion!(
        "finding.next",
        &["}"],
        "Next finding",
        "Moves to the next row that is a finding",
        has_findings,
        |model| to_finding(model, true)
    ),
];

fn has_sides(model: &Model) -> Ready {
    if super::logs::is_here(model) {
        return Ready::Yes;
    }
    if model.screen().id != rack::SPEC.id {
        return Ready::No("there is nothing beside this".to_owned());
    }
    Ready::if_or(model.index.racks.len() > 1, "there is no other rack")
}

fn has_panels(model: &Model) -> Ready {
    Ready::if_or(model.screen().panels.len() > 1, "this screen has one panel")
}

fn has_findings(model: &Model) -> Ready {
    let has_some = super::logs::is_here(model) || model.verdicts.findings() > 0;
    Ready::if_or(has_some, "there is no finding")
}

/// The panel that has the focus.
pub fn focused(model: &Model) -> Option<&'static PanelSpec> {
    let screen = model.screen();
    screen.panel(focused_panel(model, screen))
}

/// The list that has the focus, as it is shown.
pub fn focused_listing(model: &Model) -> Listing {
    focused(model)
        .map(|panel| listing_in(model, panel, &areas(model, model.size)))
        .unwrap_or_default()
}

/// The selected row of the list that has the focus.
pub fn selected(model: &Model) -> Option<RowId> {
    focused_listing(model).row().cloned()
}

fn page(model: &Model) -> isize {
    isize::try_from(focused_listing(model).height.saturating_sub(1).max(1)).unwrap_or(1)
}

/// Moves the selection (of a text, the window) by that many rows, as far as there are rows.
pub fn step(model: &mut Model, by: isize) {
    let Some(panel) = focused(model) else { return };
    let listing = focused_listing(model);
    if panel.is_text {
        let last = listing.rows.len().saturating_sub(listing.height);
        let top = listing.top.saturating_add_signed(by).min(last);
        model.state_mut().selections.entry(panel.name.to_owned()).or_default().top = top;
        return;
    }
    let Some(last) = listing.rows.len().checked_sub(1) else { return };
    let at = listing.selected.unwrap_or(0).saturating_add_signed(by).min(last);
    select_at(model, panel, &listing, at);
}

fn select_at(model: &mut Model, panel: &PanelSpec, listing: &Listing, at: usize) {
    let top = window(at, listing.top, listing.height, listing.rows.len());
    let selection = model.state_mut().selections.entry(panel.name.to_owned()).or_default();
    selection.row = listing.rows.get(at).cloned();
    selection.at = at;
    selection.top = top;
}

/// Selects a row of a panel of the screen we are on; nothing when it is not there.
pub fn select(model: &mut Model, panel: &'static PanelSpec, row: &RowId) {
    let listing = listing_in(model, panel, &areas(model, model.size));
    if let Some(at) = listing.rows.iter().position(|other| other == row) {
        model.state_mut().panel = Some(panel.name.to_owned());
        select_at(model, panel, &listing, at);
    }
}

/// Writes down where the selection is before the list changes, so that it can stay near.
pub fn remember(model: &mut Model) {
    let Some(panel) = focused(model) else { return };
    let listing = focused_listing(model);
    if let Some(at) = listing.selected {
        select_at(model, panel, &listing, at);
    }
}

fn turn_panel(model: &mut Model, by: isize) {
    let screen = model.screen();
    let here = focused_panel(model, screen);
    let there = screen.panels.iter().filter(|panel| screens::has_panel(model, panel.name));
    let names: Vec<&'static str> = there.map(|panel| panel.name).collect();
    let at = names.iter().position(|name| *name == here).unwrap_or(0);
    let count = names.len().max(1);
    let to = (at + count).saturating_add_signed(by) % count;
    model.state_mut().panel = names.get(to).map(|name| (*name).to_owned());
}

/// Goes to the next rack in that direction, to the box at about the same height.
fn walk_racks(model: &mut Model, by: isize) {
    let Some((at, _)) = rack::shown_rack(model) else { return };
    let height = selected(model).and_then(|row| unit_of(model, &row));
    let to = at.saturating_add_signed(by);
    let Some(name) = model.index.racks.get(to).map(|rack| rack.name.clone()) else {
        return;
    };
    if to == at {
        return;
    }
    let state = model.state_mut();
    state.rack = Some(name);
    state.selections.remove("units");
    let Some(panel) = focused(model) else { return };
    let rows = (panel.rows)(model, model.state());
    let near = rows
        .iter()
        .filter_map(|row| Some((unit_of(model, row)?.abs_diff(height?), row)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, row)| row.clone());
    if let Some(row) = near {
        select(model, panel, &row);
    }
}

fn unit_of(model: &Model, row: &RowId) -> Option<u16> {
    let RowId::Target(id) = row else { return None };
    let target = model.index.target(&model.site, id)?;
    model.index.place_of(&model.site, target)?.unit
}

/// Whether a row stands for something that is not well.
pub fn is_finding(model: &Model, row: &RowId) -> bool {
    let verdict = match row {
        RowId::Layer(layer) => model.verdicts.layer(*layer).worst(),
        RowId::Finding(check, target) => {
            model.verdicts.judgement(check, target).map(|judgement| judgement.verdict)
        }
        RowId::Group(id) => Some(id.verdict),
        RowId::Target(id) => rack::worst_of(model, id),
        RowId::Change(number) => model.changes.get(*number).map(|change| change.to),
        RowId::Past(number) => model.history.changes.get(*number).map(|change| change.to),
        _ => None,
    };
    verdict.is_some_and(crate::domain::Verdict::is_finding)
}

/// The next finding of this list; where the list knows none, the page of the worst one.
fn to_finding(model: &mut Model, is_next: bool) {
    let Some(panel) = focused(model) else { return };
    let listing = focused_listing(model);
    let found: Vec<usize> = listing
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| is_finding(model, row))
        .map(|(at, _)| at)
        .collect();
    if found.is_empty() {
        open_worst(model);
        return;
    }
    let here = listing.selected.unwrap_or(0);
    let to = if is_next {
        found.iter().find(|at| **at > here)
    } else {
        found.iter().rev().find(|at| **at < here)
    };
    match to {
        Some(at) => select_at(model, panel, &listing, *at),
        None if found.contains(&here) => {
            let word = if is_next { "below" } else { "above" };
            model.say(Tone::Off, format!("There is no finding further {word}"));
        }
        None => {
            // The selection stands past the last one: the nearest is the other way.
            let near = if is_next { found.last() } else { found.first() };
            if let Some(at) = near {
                select_at(model, panel, &listing, *at);
            }
        }
    }
}

fn open_worst(model: &mut Model) {
    let rows = screens::overview::finding_rows(model);
    let line = rows.first().and_then(|row| screens::overview::finding_line(model, row));
    if let Some(target) = line.and_then(|line| line.target) {
        model.navigation.go(Route::target(target));
    }
}
