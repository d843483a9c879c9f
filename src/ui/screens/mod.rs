//! The screens: where everything goes is `app::areas`, what is said is
//! `app::screens`; here it becomes cells.

mod chrome;
mod console;
mod details;
mod fact;
mod install;
mod list;
mod log_outline;
mod logs;
mod look;
mod overlays;
mod overview;
mod rack;
mod rows;
mod run;
mod too_small;

use ratatui::layout::Rect;

use crate::app::areas::{self, Areas};
use crate::app::filter::Filter;
use crate::app::list::{Listing, listing_in};
use crate::app::overlay::Overlay;
use crate::app::screens as views;
use crate::app::screens::{ScreenSpec, layer, target};
use crate::app::site_index::UNPLACED;
use crate::app::{Model, RowId, Size};
use crate::domain::Layer;

use super::canvas::Canvas;
use super::look::{Mark, StyleRole};
use super::text;
use super::widgets::panel::{Panel, inside, joined, lines_down, more};

/// Draws everything the model shows into a canvas.
pub fn draw(canvas: &mut Canvas<'_>, model: &Model) {
    let all = canvas.area();
    canvas.clear(all);
    let areas = areas::areas(model, Size::new(all.width, all.height));
    let place = Places { all, areas: &areas };
    if areas.is_too_small {
        too_small::draw(canvas, model);
    } else if let Some(console) = areas.console.filter(|console| console.is_full) {
        console::draw(canvas, &place, &console, model);
    } else {
        chrome::header(canvas, place.cells(areas.header), model);
        chrome::tabs(canvas, &place, model, &path(model));
        notice(canvas, &place, model);
        body(canvas, &place, model);
        matches(canvas, &place, model);
        if let Some(console) = &areas.console {
            console::draw(canvas, &place, console, model);
        }
        chrome::sentence(canvas, place.cells(areas.status), model);
        chrome::keys(canvas, place.cells(areas.keys), model);
    }
    if let (Some(overlay), Some(area)) = (&model.overlay, &areas.overlay)
        && !(areas.is_too_small && matches!(overlay, Overlay::Leaving(_)))
    {
        overlays::draw(canvas, &place, area, model, overlay);
    }
}

/// The areas of the model in cells of the buffer.
struct Places<'a> {
    all: Rect,
    areas: &'a Areas,
}

impl Places<'_> {
    fn cells(&self, area: areas::Rect) -> Rect {
        Rect {
            x: self.all.x.saturating_add(area.x),
            y: self.all.y.saturating_add(area.y),
            width: area.width,
            height: area.height,
        }
    }
}

/// A list with its frame drawn: what remains is its rows.
struct Part {
    listing: Listing,
    has_focus: bool,
    /// The row for column headings; empty where there are none.
    headings: Rect,
    rows: Rect,
}

/// Opens the panel of that name, if it is visible: draws frame or rule.
/// `is_headed` keeps the title's row for column headings where there is no frame.
fn open(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    model: &Model,
    name: &str,
    title: Option<&str>,
    notes: &[&str],
    is_headed: bool,
) -> Option<Part> {
    let screen = model.screen();
    let spec = screen.panel(name)?;
    let area = places.areas.panel(name)?;
    let listing = listing_in(model, spec, places.areas);
    let has_focus = model.overlay.is_none() && areas::focused_panel(model, screen) == name;
    let (rect, mut rows) = (places.cells(area.rect), places.cells(area.rows));
    let more = more(listing.top, listing.height, listing.rows.len());
    let narrowed = listing.narrowed();
    let first = [narrowed.as_str(), more.as_str()];
    let notes: Vec<&str> = first.into_iter().chain(notes.iter().copied()).collect();
    let right = joined(canvas.look, &notes);
    // With a single list nothing has to say where the keys go.
    let stands_out = has_focus && places.areas.panels.len() > 1;
    let panel = Panel { title: title.unwrap_or(spec.title), right: &right, has_focus: stands_out };
    let mut headings = Rect { height: 0, ..rect };
    if places.areas.is_framed {
        panel.framed(canvas, rect);
        rows.x = rows.x.saturating_add(1);
        rows.width = rows.width.saturating_sub(2);
        if is_headed {
            headings = Rect { y: rows.y.saturating_sub(1), height: 1, ..rows };
        }
    } else if is_headed {
        headings = Rect { height: 1, ..rect };
    } else {
        panel.ruled(canvas, rect);
    }
    Some(Part { listing, has_focus, headings, rows })
}

/// The room for details in a place; `None` where there is none.
fn details_room(places: &Places<'_>, area: areas::Rect) -> Option<Rect> {
    let area = places.cells(area);
    if area.width < 4 || area.height < 2 {
        return None;
    }
    if places.areas.is_framed {
        return Some(inside(area));
    }
    // What stands beside a list is set off by a line.
    let left = u16::from(area.x > places.all.x);
    let (x, width) = (area.x + left + 1, area.width.saturating_sub(left + 2));
    Some(Rect { x, y: area.y + 1, width, height: area.height - 1 })
}

/// Draws a finding in full where the details are; the title says how much does not fit.
fn draw_finding(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    model: &Model,
    row: Option<&RowId>,
    nothing: &str,
) {
    let place = places.areas.details;
    let finding = row.and_then(|row| views::details::of_row(model, row));
    let Some(finding) = finding else {
        open_details(canvas, places, place, nothing, "");
        return;
    };
    let Some(room) = details_room(places, place) else { return };
    let lines = details::finding(canvas.look, room.width, room.height, &finding, model.now);
    let more = more(0, usize::from(room.height), lines.len());
    let right = joined(canvas.look, &[&more, "Enter opens"]);
    let title = format!("{} on {}", finding.code, finding.name);
    if let Some(area) = open_details(canvas, places, place, &title, &right) {
        lines_down(canvas, area, &lines);
    }
}

/// Opens the place of the details; `None` where there is none.
fn open_details(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    area: areas::Rect,
    title: &str,
    right: &str,
) -> Option<Rect> {
    let room = details_room(places, area)?;
    let mut area = places.cells(area);
    let panel = Panel { title, right, has_focus: false };
    if places.areas.is_framed {
        panel.framed(canvas, area);
        return Some(room);
    }
    if area.x > places.all.x {
        // What stands beside a list is set off by a line.
        let line = canvas.look.glyphs.line.down;
        for y in area.top()..area.bottom() {
            canvas.glyph(area.x, y, line, StyleRole::Border);
        }
        area = Rect { x: area.x + 1, width: area.width - 1, ..area };
    }
    panel.ruled(canvas, area);
    Some(room)
}

/// Draws the body of a screen.
type Draw = fn(&mut Canvas<'_>, &Places<'_>, &Model);

/// How a screen is drawn: by its id, layers all alike. `None` for a screen that
/// nobody draws, which a test does not let pass.
fn drawing(screen: &ScreenSpec) -> Option<Draw> {
    Some(match screen.id {
        "overview" => draw_overview,
        "rack" => draw_rack,
        "target" => draw_target,
        "fact" => fact::draw,
        "run" => run::draw,
        "code" => draw_code,
        "inventory" => draw_inventory,
        "logs" => logs::draw,
        "look" => draw_look,
        "timeline" => |canvas, places, model| draw_list(canvas, places, model, list::timeline_row),
        "keys" => |canvas, places, model| draw_list(canvas, places, model, list::keys_row),
        "install" => install::draw,
        "step" => draw_step,
        _ if screen.layer.is_some() => draw_layer,
        _ => return None,
    })
}

fn body(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    if let Some(draw) = drawing(model.screen()) {
        draw(canvas, places, model);
    }
}

fn draw_overview(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let order = if model.state().worst_first { "worst first" } else { "s worst first" };
    if let Some(part) = open(canvas, places, model, "layers", None, &[order], true) {
        overview::layer_headings(canvas, part.headings);
        overview::layers(canvas, part.rows, model, &part.listing, part.has_focus);
        if part.listing.rows.is_empty() {
            empty(canvas, part.rows, model, "");
        }
    }
    // Of a narrowed list its own count is the one that matters.
    let findings = match model.state().filter.is_empty() {
        true => format!("{} open", model.verdicts.findings()),
        false => String::new(),
    };
    let title = Some("Findings, worst first");
    let mut selected = None;
    if let Some(part) = open(canvas, places, model, "findings", title, &[&findings], false) {
        overview::findings(canvas, part.rows, model, &part.listing, part.has_focus);
        if places.areas.details.height == 0 {
            overview::in_full(canvas, part.rows, model, &part.listing);
        }
        selected = part.listing.row().cloned();
    }
    let title = Some("Changed in the last 10 minutes");
    if let Some(part) = open(canvas, places, model, "changed", title, &["t since when"], false) {
        overview::changed(canvas, part.rows, model, &part.listing, part.has_focus);
    }
    draw_finding(canvas, places, model, selected.as_ref(), "No finding");
    let racks = model.index.rack_words();
    if let Some(area) = open_details(canvas, places, places.areas.side, "Site", &racks) {
        overview::site(canvas, area, model);
    }
}

fn draw_rack(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let screen = model.screen();
    let listing = screen.panels.first().map(|panel| listing_in(model, panel, places.areas));
    let selected = listing.as_ref().and_then(Listing::row);
    let height = places.areas.panel("units").map_or(0, |area| usize::from(area.rows.height));
    let elevation = views::rack::elevation_in(model, selected, height);
    let title = elevation.as_ref().map(rack::title);
    let notes = ["R rear"];
    if let Some(part) = open(canvas, places, model, "units", title.as_deref(), &notes, true) {
        if !places.areas.is_framed {
            rack::headings(canvas, part.headings, title.as_deref().unwrap_or("Rack"));
        }
        match &elevation {
            Some(elevation) => rack::units(canvas, part.rows, elevation, selected, part.has_focus),
            None => empty(canvas, part.rows, model, "No machine to show yet"),
        }
    }
    let unit = selected.and_then(|row| views::rack::details(model, row));
    rack::beside(canvas, places, model, unit.as_ref());
}

fn draw_target(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let Some(about) = model.route_target() else {
        let words = (model.screen().status)(model);
        if let Some(part) = open(canvas, places, model, "checks", None, &[], false) {
            let x = part.rows.x.saturating_add(2);
            canvas.text(x, part.rows.y, part.rows.width, &words, StyleRole::Dim);
        }
        return;
    };
    let serial = about.serial.as_ref().map(|serial| format!("serial {serial}"));
    let serial = serial.unwrap_or_default();
    if let Some(area) = open_details(canvas, places, places.areas.details, &about.name, &serial) {
        details::labelled_lines(canvas, area, &target::head(model, about), model.now);
    }
    for name in ["checks", "facts"] {
        if let Some(part) = open(canvas, places, model, name, None, &[], false) {
            list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, row, id| {
                list::target_row(canvas, row, model, id);
            });
            if part.listing.rows.is_empty() {
                empty(canvas, part.rows, model, "Nothing yet: no answer has come");
            }
        }
    }
}

fn draw_layer(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let Some(layer) = model.screen().layer else { return };
    let view = layer::VIEWS.get(model.state().view % layer::VIEWS.len()).copied().unwrap_or("");
    let title = format!("{}, {view}", layer.title());
    let notes = ["o other view"];
    let mut selected: Option<RowId> = None;
    if let Some(part) = open(canvas, places, model, "checks", Some(&title), &notes, false) {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, row, id| {
            list::layer_row(canvas, row, model, layer, id);
        });
        selected = part.listing.row().cloned();
        if part.listing.rows.is_empty() {
            let line = views::overview::layer_line(model, &RowId::Layer(layer));
            empty(canvas, part.rows, model, &line.sentence);
        }
    }
    let finding = selected.and_then(|row| finding_of(model, layer, row));
    draw_finding(canvas, places, model, finding.as_ref(), "No check selected");
}

/// The finding a row of a layer is about: of a target its worst.
fn finding_of(model: &Model, layer: Layer, row: RowId) -> Option<RowId> {
    let RowId::Target(id) = row else { return Some(row) };
    let leading = model.verdicts.of(&id).leading(layer)?;
    Some(RowId::Finding(leading.check.clone(), id))
}

fn draw_code(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    if let Some(part) = open(canvas, places, model, "text", None, &[], false) {
        list::page(canvas, part.rows, &views::code::lines(model), part.listing.top);
    }
}

fn draw_step(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let title = model.route().step.as_ref().map(|step| step.step.clone());
    if let Some(part) = open(canvas, places, model, "text", title.as_deref(), &[], false) {
        list::page(canvas, part.rows, &views::step::lines(model), part.listing.top);
        if part.listing.rows.is_empty() {
            empty(canvas, part.rows, model, &(model.screen().status)(model));
        }
    }
}

fn draw_look(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    if let Some(part) = open(canvas, places, model, "card", None, &[], false) {
        let lines = look::lines(model, canvas.look);
        let shown = lines.get(part.listing.top.min(lines.len())..).unwrap_or(&[]);
        let x = part.rows.x.saturating_add(1);
        let width = part.rows.width.saturating_sub(2);
        lines_down(canvas, Rect { x, width, ..part.rows }, shown);
    }
}

fn draw_inventory(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let mut selected = None;
    if let Some(part) = open(canvas, places, model, "problems", None, &["worst first"], false) {
        list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, row, id| {
            list::inventory_row(canvas, row, model, id);
        });
        selected = part.listing.row().cloned();
        if part.listing.rows.is_empty() {
            empty(canvas, part.rows, model, &(model.screen().status)(model));
        }
    }
    let problem = selected.as_ref().and_then(|row| views::inventory::details(model, row));
    let title = problem.as_ref().map_or("No problem selected", |problem| problem.rule.as_str());
    let right = if problem.is_some() { "Enter explains" } else { "" };
    if let Some(area) = open_details(canvas, places, places.areas.details, title, right)
        && let Some(problem) = &problem
    {
        let lines = details::problem(canvas.look, area.width, problem);
        lines_down(canvas, area, &lines);
    }
}

/// A screen that is one list or text.
fn draw_list(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    model: &Model,
    row: fn(&mut Canvas<'_>, Rect, &Model, &RowId),
) {
    let screen = model.screen();
    let Some(spec) = screen.panels.first() else { return };
    let Some(part) = open(canvas, places, model, spec.name, None, &[], false) else { return };
    list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, place, id| {
        row(canvas, place, model, id);
    });
    // A page of text without any says what it needs above.
    if part.listing.rows.is_empty() && !spec.is_text {
        empty(canvas, part.rows, model, &(screen.status)(model));
    }
}

/// Says why a list is empty: because of the filter, or truly.
pub(super) fn empty(canvas: &mut Canvas<'_>, area: Rect, model: &Model, truly: &str) {
    if area.height == 0 {
        return;
    }
    let state = model.state();
    let words = if !state.filter.is_empty() {
        "Nothing matches the filter; Esc shows everything"
    } else if state.problems_only {
        "No problem; ! shows everything"
    } else if !model.is_loaded {
        "Reading the inventory"
    } else {
        truly
    };
    let room = area.width.saturating_sub(3);
    canvas.text(area.x.saturating_add(2), area.y, room, words, StyleRole::Dim);
}

/// Shows in the lists what the filter found there.
fn matches(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let filter = Filter::of(&model.state().filter);
    for area in &places.areas.panels {
        let is_list = model.screen().panel(area.name).is_some_and(|panel| !panel.is_text);
        if is_list && !filter.is_empty() {
            canvas.find(places.cells(area.rows), filter.wanted(), StyleRole::Match);
        }
    }
}

/// What a screen still needs, above whatever it can show.
fn notice(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let area = places.cells(places.areas.notice);
    let Some(needs) = model.screen().needs.filter(|_| area.height > 0) else { return };
    canvas.mark(area.x.saturating_add(1), area.y, Mark::Off);
    let (x, width) = (area.x.saturating_add(3), area.width.saturating_sub(4));
    let lines = text::wrap(needs, usize::from(width));
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        canvas.text(x, y, width, &line, StyleRole::Text);
    }
}

/// Where we are, at the right of line 2.
fn path(model: &Model) -> String {
    let screen = model.screen();
    match screen.id {
        "rack" => views::rack::shown_rack(model)
            .map(|(at, rack)| match rack.name.as_str() {
                // What stands in none is no rack more.
                UNPLACED => UNPLACED.to_owned(),
                name => format!("rack {name}, {} of {}", at + 1, model.index.named_racks()),
            })
            .unwrap_or_default(),
        "run" => model.route().run.map(|run| format!("run {run}")).unwrap_or_default(),
        "step" => model.route().step.as_ref().map(|step| step.plan.clone()).unwrap_or_default(),
        "target" => model.route_target().map(|t| t.name.clone()).unwrap_or_default(),
        "fact" => model.route_target().map(|t| t.name.clone()).unwrap_or_default(),
        "code" => model.route().check.as_ref().map(ToString::to_string).unwrap_or_default(),
        _ if screen.digit.is_none() => screen.title.to_lowercase(),
        _ => String::new(),
    }
}

/// How many lines the test card has.
#[cfg(test)]
pub(super) fn card_lines(model: &Model, look: &super::look::Look) -> usize {
    look::lines(model, look).len()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_screen_has_a_drawing() {
        for screen in crate::app::screens::all() {
            assert!(super::drawing(screen).is_some(), "nobody draws {}", screen.id);
        }
    }
}
