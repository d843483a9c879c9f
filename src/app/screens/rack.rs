//! Rack: which box is it, physically, and what hangs on it?

use std::collections::BTreeMap;

use crate::domain::fact::{Unit, Value};
use crate::domain::{RackPlace, Target, TargetId, Verdict, keys};

use super::super::filter::Filter;
use super::super::mark::Mark;
use super::super::site_index::{Rack, UNPLACED};
use super::super::{Model, RowId};
use super::overview::{self, FindingLine};
use super::state::ColourBy;
use super::target::{self, DetailLine};
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "rack",
    title: "Rack",
    short: "Rack",
    help: "Which box is it, physically, and what hangs on it",
    jump_words: &["racks", "elevation"],
    digit: Some('2'),
    layer: None,
    smallest: super::ANY_SIZE,
    panels: &[PanelSpec { name: "units", title: "Rack", rows, is_text: false }],
    commands: &["rack.rear", "rack.colour"],
    needs: None,
    is_listed: true,
    status,
};

/// The inlet temperature, in the order in which sources are believed.
const INLET: &[&str] = &["redfish.inlet", "ipmi.inlet"];
/// The power drawn.
const WATTS: &[&str] = &["redfish.watts", "ipmi.watts"];
/// Firmware of the controller.
const FIRMWARE: &[&str] = &["redfish.firmware", "ipmi.firmware"];
/// The power supplies.
const SUPPLIES: &[&str] = &["redfish.supplies"];
/// Whether the machine is powered.
const POWER_STATE: &[&str] = &["redfish.power_state", "ipmi.power_state"];

/// One row of a rack, from the top down.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitLine {
    /// The row: a target, or blank units.
    pub row: RowId,
    /// Lowest unit; `None` when only the rack is known.
    pub unit: Option<u16>,
    /// How many units it fills.
    pub height: u16,
    /// The name; empty for blank units.
    pub name: String,
    /// A few words about it: its worst finding's code, its temperature, its power.
    pub note: String,
    /// The worst of the machine and its controller; `Off` for blank units.
    pub mark: Mark,
    /// What colours it when not the state: a share from 0 (cool) to 1 (hot) in
    /// the range that the rack shows now; `None` when not known.
    pub heat: Option<f64>,
    /// The target; `None` for blank units.
    pub target: Option<TargetId>,
}

/// A rack as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Elevation {
    /// Its name.
    pub rack: String,
    /// Its number among the racks, from 1.
    pub number: usize,
    /// How many racks there are.
    pub racks: usize,
    /// Whether we look at its rear.
    pub is_rear: bool,
    /// What colours it.
    pub colour_by: ColourBy,
    /// Whether units are known; otherwise the lines are a list.
    pub has_units: bool,
    /// The rows, from the top down.
    pub lines: Vec<UnitLine>,
}

/// The selected thing, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitDetails {
    /// The target.
    pub target: TargetId,
    /// Its name.
    pub name: String,
    /// Its lowest unit.
    pub unit: Option<u16>,
    /// Its serial number.
    pub serial: Option<String>,
    /// What is known of it.
    pub lines: Vec<DetailLine>,
    /// What is wrong with it or its controller; folded ones left out.
    pub findings: Vec<FindingLine>,
}

/// Where a target stands, in words; `None` when nobody says.
pub fn place_words(model: &Model, target: &Target) -> Option<String> {
    let place = model.index.place_of(&model.site, target)?;
    Some(match place.unit {
        Some(unit) => format!("{} U{unit}", place.rack),
        None => place.rack.clone(),
    })
}

/// The rack that is shown, and its number from 0; `None` when the site is empty.
pub fn shown_rack(model: &Model) -> Option<(usize, &Rack)> {
    let racks = &model.index.racks;
    let wanted = model.state_of(SPEC.id).rack.as_ref();
    racks
        .iter()
        .enumerate()
        .find(|(_, rack)| Some(&rack.name) == wanted)
        .or_else(|| racks.first().map(|rack| (0, rack)))
}

/// The boxes of a rack, from the top down, those without a unit last.
fn boxes_of<'a>(
    model: &'a Model,
    rack: &'a Rack,
) -> impl Iterator<Item = (&'a Target, Option<&'a RackPlace>)> {
    rack.boxes.iter().filter_map(|id| {
        let target = model.index.target(&model.site, id)?;
        Some((target, model.index.place_of(&model.site, target)))
    })
}

/// The selectable rows of the shown rack: its boxes. Blank units are drawn, not walked.
pub fn rows(model: &Model) -> Vec<RowId> {
    let state = model.state_of(SPEC.id);
    let filter = Filter::of(&state.filter);
    let Some((_, rack)) = shown_rack(model) else { return Vec::new() };
    boxes_of(model, rack)
        .filter(|(target, _)| is_kept(model, state.problems_only, &filter, target))
        .map(|(target, _)| RowId::Target(target.id.clone()))
        .collect()
}

fn is_kept(model: &Model, problems_only: bool, filter: &Filter, target: &Target) -> bool {
    (!problems_only || worst_of(model, &target.id).is_some_and(Verdict::is_finding))
        && (filter.is_empty() || keeps(filter, target))
}

fn keeps(filter: &Filter, target: &Target) -> bool {
    let mut texts: Vec<&str> = vec![&target.name, target.serial.as_deref().unwrap_or("")];
    texts.extend(target.aliases.iter().map(String::as_str));
    filter.keeps(&texts)
}

/// The worst verdict on a machine and its controller; `None` while neither was judged.
pub fn worst_of(model: &Model, id: &TargetId) -> Option<Verdict> {
    let own = model.verdicts.of(id).worst();
    let partner =
        model.index.controller_of(id).and_then(|controller| model.verdicts.of(controller).worst());
    own.into_iter().chain(partner).max_by_key(|verdict| verdict.weight())
}

/// The mark of a machine with its controller: the worst of both, `Active`
/// while one of them is awaited, `Off` when nothing looks at either.
pub fn mark_of(model: &Model, id: &TargetId) -> Mark {
    match worst_of(model, id) {
        Some(verdict) => Mark::of(verdict),
        None => std::iter::once(id)
            .chain(model.index.controller_of(id))
            .map(|id| Mark::of_verdicts(model.verdicts.of(id)))
            .find(|mark| *mark == Mark::Active)
            .unwrap_or(Mark::Off),
    }
}

/// One line of an elevation before it is worded: a box, or blank units.
struct Slot<'a> {
    target: Option<&'a Target>,
    unit: Option<u16>,
    height: u16,
}

/// The shown rack with its lines in order, worded only where they are wanted:
/// a site without racks is one list of all its hosts.
struct Shelves<'a> {
    number: usize,
    rack: &'a Rack,
    has_units: bool,
    range: Option<(f64, f64)>,
    slots: Vec<Slot<'a>>,
}

fn shelves(model: &Model) -> Option<Shelves<'_>> {
    let state = model.state_of(SPEC.id);
    let filter = Filter::of(&state.filter);
    let (at, rack) = shown_rack(model)?;
    let is_whole = state.filter.is_empty() && !state.problems_only;
    let boxes: Vec<_> = boxes_of(model, rack)
        .filter(|(target, _)| is_kept(model, state.problems_only, &filter, target))
        .collect();
    let unit_of = |place: &Option<&RackPlace>| place.and_then(|place| place.unit);
    let mut slots = Vec::with_capacity(boxes.len());
    let mut lowest_filled: Option<u16> = None;
    let blank = |unit, height| Slot { target: None, unit: Some(unit), height };
    for (target, place) in &boxes {
        let unit = unit_of(place);
        let height = place.map_or(1, |place| place.height.max(1));
        if let (Some(unit), Some(above), true) = (unit, lowest_filled, is_whole) {
            let top = unit.saturating_add(height);
            if top < above {
                slots.push(blank(top, above - top));
            }
        }
        lowest_filled = unit.or(lowest_filled);
        slots.push(Slot { target: Some(target), unit, height });
    }
    if let (Some(lowest), true) = (lowest_filled, is_whole)
        && lowest > 1
        && boxes.iter().all(|(_, place)| unit_of(place).is_some())
    {
        slots.push(blank(1, lowest - 1));
    }
    Some(Shelves {
        number: at + 1,
        rack,
        has_units: boxes.iter().any(|(_, place)| unit_of(place).is_some()),
        range: heat_range(model, state.colour_by, &boxes),
        slots,
    })
}

impl Shelves<'_> {
    fn worded(&self, model: &Model, first: usize, count: usize) -> Elevation {
        let state = model.state_of(SPEC.id);
        let slots = self.slots.iter().skip(first).take(count);
        let lines = slots.map(|slot| match slot.target {
            Some(target) => {
                unit_line(model, target, slot.unit, slot.height, state.colour_by, self.range)
            }
            None => blank(&self.rack.name, slot.unit.unwrap_or(1), slot.height),
        });
        Elevation {
            rack: self.rack.name.clone(),
            number: self.number,
            racks: model.index.racks.len(),
            is_rear: state.is_rear,
            colour_by: state.colour_by,
            has_units: self.has_units,
            lines: lines.collect(),
        }
    }

    fn first_shown(&self, selected: Option<&RowId>, height: usize) -> usize {
        let at = match selected {
            Some(RowId::Target(id)) => self
                .slots
                .iter()
                .position(|slot| slot.target.is_some_and(|target| target.id == *id)),
            _ => None,
        };
        super::super::list::window(at.unwrap_or(0), 0, height, self.slots.len())
    }
}

/// The shown rack; `None` when the site is empty.
pub fn elevation(model: &Model) -> Option<Elevation> {
    Some(shelves(model)?.worded(model, 0, usize::MAX))
}

/// The lines of the shown rack that a window of that height shows, the
/// selected box among them; `None` when the site is empty.
pub fn elevation_in(model: &Model, selected: Option<&RowId>, height: usize) -> Option<Elevation> {
    let shelves = shelves(model)?;
    let first = shelves.first_shown(selected, height);
    Some(shelves.worded(model, first, height))
}

/// The first shown line of an elevation, so that the selected box is in the window.
pub fn window_of(elevation: &Elevation, selected: Option<&RowId>, height: usize) -> usize {
    let at = elevation.lines.iter().position(|line| Some(&line.row) == selected).unwrap_or(0);
    super::super::list::window(at, 0, height, elevation.lines.len())
}

fn blank(rack: &str, unit: u16, height: u16) -> UnitLine {
    UnitLine {
        row: RowId::Blank(rack.to_owned(), unit),
        unit: Some(unit),
        height,
        name: String::new(),
        note: String::new(),
        mark: Mark::Off,
        heat: None,
        target: None,
    }
}

fn unit_line(
    model: &Model,
    target: &Target,
    unit: Option<u16>,
    height: u16,
    colour_by: ColourBy,
    range: Option<(f64, f64)>,
) -> UnitLine {
    let value = measured(model, &target.id, colour_by);
    let note = match (colour_by, value) {
        (ColourBy::State, _) => worst_code(model, &target.id).unwrap_or_default(),
        (ColourBy::Heat, Some(celsius)) => format!("{celsius:.0} C"),
        (ColourBy::Power, Some(watts)) => {
            target::value_words(&Value::Number(watts.round()), Unit::Watts)
        }
        (ColourBy::Heat | ColourBy::Power, None) => "?".to_owned(),
    };
    let heat = value.zip(range).map(|(value, (low, high))| {
        if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 }
    });
    UnitLine {
        row: RowId::Target(target.id.clone()),
        unit,
        height,
        name: target.name.clone(),
        note,
        mark: mark_of(model, &target.id),
        heat,
        target: Some(target.id.clone()),
    }
}

/// What colours a box: a fresh number of its controller or its own; an old one colours nothing.
fn measured(model: &Model, id: &TargetId, colour_by: ColourBy) -> Option<f64> {
    let names = match colour_by {
        ColourBy::State => return None,
        ColourBy::Heat => INLET,
        ColourBy::Power => WATTS,
    };
    let (value, _, line) = fact_of(model, id, names)?;
    match value {
        Value::Number(number) if !line.is_old => Some(number),
        _ => None,
    }
}

fn heat_range(
    model: &Model,
    colour_by: ColourBy,
    boxes: &[(&Target, Option<&RackPlace>)],
) -> Option<(f64, f64)> {
    boxes.iter().filter_map(|(target, _)| measured(model, &target.id, colour_by)).fold(
        None,
        |range: Option<(f64, f64)>, value| {
            Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
        },
    )
}

fn worst_code(model: &Model, id: &TargetId) -> Option<String> {
    findings_of(model, id).first().map(|line| line.code.to_string())
}

/// The findings on a machine and its controller, worst first; those that fold under another are left out.
pub fn findings_of(model: &Model, id: &TargetId) -> Vec<FindingLine> {
    let mut lines: Vec<FindingLine> = std::iter::once(id)
        .chain(model.index.controller_of(id))
        .flat_map(|id| {
            let verdicts = model.verdicts.of(id);
            verdicts
                .judgements
                .iter()
                .filter(|judgement| {
                    judgement.verdict.is_finding()
                        && !verdicts.folded.contains_key(&judgement.check)
                })
                .map(|judgement| RowId::Finding(judgement.check.clone(), id.clone()))
        })
        .filter_map(|row| overview::finding_line(model, &row))
        .collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.verdict.weight()), line.since));
    lines
}

/// The first of these facts that is known of the target or its controller, as
/// value and line.
fn fact_of(model: &Model, id: &TargetId, names: &[&str]) -> Option<(Value, Unit, DetailLine)> {
    let places: Vec<&TargetId> = std::iter::once(id).chain(model.index.controller_of(id)).collect();
    for name in names {
        let Some(info) = keys::find(name) else { continue };
        for place in &places {
            let facts = model.facts.of(place);
            let Some(known) = facts.known.get(*name) else { continue };
            let is_lost = facts.lost.contains_key(*name)
                || facts.probe(info.probe).is_some_and(|probe| probe.trouble.is_some());
            let line = DetailLine {
                label: String::new(),
                text: target::value_words(&known.value, info.unit),
                mark: None,
                seen: Some(known.seen),
                is_old: is_lost,
            };
            return Some((known.value.clone(), info.unit, line));
        }
    }
    None
}

/// Two columns of a table in one line: `md0 [UU], md1 [U_]`.
fn table_line(
    model: &Model,
    id: &TargetId,
    label: &str,
    name: &str,
    columns: [&str; 2],
) -> Option<DetailLine> {
    let (value, _, mut line) = fact_of(model, id, &[name])?;
    let Value::Table(table) = value else { return None };
    let rows: Vec<String> = table
        .rows
        .iter()
        .map(|row| columns.map(|column| table.cell(row, column)).join(" "))
        .collect();
    line.text = rows.join(", ");
    (!rows.is_empty()).then(|| labelled(label, line))
}

fn labelled(label: &str, mut line: DetailLine) -> DetailLine {
    line.label = label.to_owned();
    line
}

/// What the selected box is; `None` when nothing is selected or it is gone.
pub fn details(model: &Model, row: &RowId) -> Option<UnitDetails> {
    let RowId::Target(id) = row else { return None };
    let target = model.index.target(&model.site, id)?;
    Some(UnitDetails {
        target: id.clone(),
        name: target.name.clone(),
        unit: model.index.place_of(&model.site, target).and_then(|place| place.unit),
        serial: target.serial.clone(),
        lines: detail_lines(model, target),
        findings: findings_of(model, id),
    })
}

fn detail_lines(model: &Model, target: &Target) -> Vec<DetailLine> {
    let id = &target.id;
    let mark = mark_of(model, id);
    let mut state = DetailLine::said("State", mark.word());
    state.mark = Some(mark);
    match findings_of(model, id).as_slice() {
        [] if mark == Mark::Off => state.text = "nothing looks here yet".to_owned(),
        [] => {}
        [only] => state.text = format!("{}  {}", mark.word(), only.code),
        [worst, rest @ ..] => {
            state.text = format!("{}  {} and {} more", mark.word(), worst.code, rest.len());
        }
    }
    let mut lines = vec![state];
    lines.push(match fact_of(model, id, POWER_STATE) {
        Some((_, _, mut line)) => {
            let watts = fact_of(model, id, WATTS).map(|(_, _, line)| line);
            for more in supplies(model, id).into_iter().chain(watts) {
                line.text = format!("{}, {}", line.text, more.text);
                line.is_old |= more.is_old;
            }
            labelled("Power", line)
        }
        // Not known is not off.
        None => DetailLine {
            mark: Some(Mark::Unknown),
            ..DetailLine::said("Power", "nothing told whether it is on")
        },
    });
    lines.extend(fact_of(model, id, INLET).map(|(_, _, line)| labelled("Inlet", line)));
    lines.extend(controller_line(model, id));
    if let Some((_, _, mut line)) = fact_of(model, id, &["host.uptime"]) {
        line.text = format!("up {}", line.text);
        if let Some((_, _, system)) = fact_of(model, id, &["host.os"]) {
            line.text = format!("{}, {}", line.text, system.text);
        }
        lines.push(labelled("Host", line));
    }
    let kernel = fact_of(model, id, &["host.kernel"]);
    lines.extend(kernel.map(|(_, _, line)| labelled("Kernel", line)));
    lines.extend(table_line(model, id, "Disks", "host.arrays", ["name", "status"]));
    lines.extend(legs(model, id));
    lines.push(DetailLine::said("Roles", target::kind_word(target)));
    lines
}

/// Address, state and firmware of the controller of a machine.
fn controller_line(model: &Model, id: &TargetId) -> Option<DetailLine> {
    let controller = model.index.controller_of(id)?;
    let mark = Mark::of_verdicts(model.verdicts.of(controller));
    let address = model
        .index
        .target(&model.site, controller)
        .and_then(|bmc| bmc.bmc.as_ref())
        .map_or("", |bmc| bmc.host.as_str());
    let firmware = fact_of(model, id, FIRMWARE).map(|(_, _, line)| format!("fw {}", line.text));
    let parts = [Some(mark.word().to_owned()), firmware, Some(address.to_owned())];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let mut line = DetailLine::said("BMC", parts.join(", "));
    line.mark = Some(mark);
    Some(line)
}

/// How many power supplies of those that are fitted are well.
fn supplies(model: &Model, id: &TargetId) -> Option<DetailLine> {
    let (value, _, mut line) = fact_of(model, id, SUPPLIES)?;
    let Value::Table(table) = value else { return None };
    let cell = |row: &Vec<String>, column| table.cell(row, column).to_owned();
    let fitted: Vec<String> = table
        .rows
        .iter()
        .map(|row| cell(row, "health"))
        .filter(|health| health != "absent")
        .collect();
    let well = fitted.iter().filter(|health| *health == "ok").count();
    line.text = format!("PSU {well} of {}", fitted.len());
    (!fitted.is_empty()).then_some(line)
}

/// How many members of bonds have a link, and which have none.
fn legs(model: &Model, id: &TargetId) -> Option<DetailLine> {
    let (value, _, mut line) = fact_of(model, id, &["host.bond_members"])?;
    let Value::Table(table) = value else { return None };
    let is_up = |row: &&Vec<String>| table.cell(row, "mii") == "up";
    let up = table.rows.iter().filter(is_up).count();
    let down: Vec<&str> =
        table.rows.iter().filter(|row| !is_up(row)).map(|row| table.cell(row, "member")).collect();
    let all = table.rows.len();
    line.text = match down.as_slice() {
        [] => format!("{up} of {all} up"),
        down => format!("{up} of {all}, {} down", down.join(" ")),
    };
    line.mark = Some(if down.is_empty() { Mark::Ok } else { Mark::Warn });
    (all > 0).then(|| labelled("Legs", line))
}

/// How many boxes of the shown rack have which mark.
pub fn tally(model: &Model) -> BTreeMap<Mark, usize> {
    let mut tally = BTreeMap::new();
    let Some((_, rack)) = shown_rack(model) else { return tally };
    for (target, _) in boxes_of(model, rack) {
        *tally.entry(mark_of(model, &target.id)).or_insert(0) += 1;
    }
    tally
}

const fn tally_word(mark: Mark) -> &'static str {
    match mark {
        Mark::Off => "not looked at",
        mark => mark.word(),
    }
}

fn status(model: &Model) -> String {
    if !model.is_loaded {
        return "Reading the inventory".to_owned();
    }
    let Some((_, rack)) = shown_rack(model) else {
        return "The inventory names no machine yet".to_owned();
    };
    let tally = tally(model);
    let all: usize = tally.values().sum();
    let parts: Vec<String> =
        tally.iter().map(|(mark, count)| format!("{count} {}", tally_word(*mark))).collect();
    let hint = if rack.name == UNPLACED {
        "Set rack, rack_unit and height in the inventory to see where they stand"
    } else {
        "Left/Right other rack, R rear"
    };
    let place =
        if rack.name == UNPLACED { UNPLACED.to_owned() } else { format!("in {}", rack.name) };
    format!("{all} {place}: {}. {hint}", parts.join("  "))
}
