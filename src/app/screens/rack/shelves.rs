//! The shown rack from the top down: its boxes and the blank units between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::fact::{Unit, Value};
use crate::domain::{Target, TargetId, Verdict};

use super::super::super::filter::Filter;
use super::super::super::kept::Rows;
use super::super::super::mark::Mark;
use super::super::super::site_index::{Rack, Standing};
use super::super::super::{Model, RowId, list};
use super::super::state::{ColourBy, ScreenState};
use super::super::target;
use super::unit::known_of;
use super::{INLET, SPEC, WATTS, findings_of, mark_of, shown_rack, worst_of};

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

/// One line of an elevation before it is worded: a box, or blank units.
#[derive(Debug)]
struct Slot {
    /// The box's place in `site.targets`; `None` for blank units.
    target: Option<usize>,
    unit: Option<u16>,
    height: u16,
}

/// The shown rack with its lines in order, worded only where they are wanted:
/// a site without racks is one list of all its hosts.
#[derive(Debug, Default)]
pub struct Shelves {
    /// Its boxes; blank units are drawn, not walked.
    rows: Rows,
    slots: Vec<Slot>,
    has_units: bool,
    tally: BTreeMap<Mark, usize>,
}

/// The shelves of the shown rack; empty when the site is.
pub fn shelves(model: &Model) -> Arc<Shelves> {
    model.kept_rack.get(model, SPEC.id, fill)
}

fn fill(model: &Model) -> Shelves {
    let state = model.state_of(SPEC.id);
    let Some((_, rack)) = shown_rack(model) else { return Shelves::default() };
    let is_whole = state.filter.is_empty() && !state.problems_only;
    let target = |at: usize| model.site.targets.get(at);
    let mut tally = BTreeMap::new();
    for target in rack.standings.iter().filter_map(|standing| target(standing.at)) {
        *tally.entry(mark_of(model, &target.id)).or_insert(0) += 1;
    }
    let boxes: Vec<(&Standing, &Target)> = kept(model, state, rack).collect();
    let mut slots = Vec::with_capacity(boxes.len());
    let mut lowest_filled: Option<u16> = None;
    let blank = |unit, height| Slot { target: None, unit: Some(unit), height };
    for (standing, _) in &boxes {
        let (unit, height) = (standing.unit, standing.height);
        if let (Some(unit), Some(above), true) = (unit, lowest_filled, is_whole) {
            let top = unit.saturating_add(height);
            if top < above {
                slots.push(blank(top, above - top));
            }
        }
        lowest_filled = unit.or(lowest_filled);
        slots.push(Slot { target: Some(standing.at), unit, height });
    }
    if let (Some(lowest), true) = (lowest_filled, is_whole)
        && lowest > 1
        && boxes.iter().all(|(standing, _)| standing.unit.is_some())
    {
        slots.push(blank(1, lowest - 1));
    }
    let rows = boxes.iter().map(|(_, target)| RowId::Target(target.id.clone())).collect();
    Shelves {
        rows: Arc::new(rows),
        has_units: boxes.iter().any(|(standing, _)| standing.unit.is_some()),
        slots,
        tally,
    }
}

/// The boxes of a rack that the state keeps, from the top down.
fn kept<'a>(
    model: &'a Model,
    state: &'a ScreenState,
    rack: &'a Rack,
) -> impl Iterator<Item = (&'a Standing, &'a Target)> {
    let filter = Filter::of(&state.filter);
    let is_whole = filter.is_empty() && !state.problems_only;
    rack.standings
        .iter()
        .filter_map(|standing| Some((standing, model.site.targets.get(standing.at)?)))
        .filter(move |(_, target)| is_whole || is_kept(model, state.problems_only, &filter, target))
}

/// The boxes of the shown rack that the state keeps, which can be selected.
pub fn boxes(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let Some((_, rack)) = shown_rack(model) else { return Vec::new() };
    kept(model, state, rack).map(|(_, target)| RowId::Target(target.id.clone())).collect()
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

impl Shelves {
    /// The boxes, which can be selected.
    pub fn rows(&self) -> Rows {
        Arc::clone(&self.rows)
    }

    /// How many boxes of the rack have which mark, whatever the list leaves out.
    pub const fn tally(&self) -> &BTreeMap<Mark, usize> {
        &self.tally
    }

    fn worded(&self, model: &Model, first: usize, count: usize) -> Option<Elevation> {
        let state = model.state_of(SPEC.id);
        let (at, rack) = shown_rack(model)?;
        let range = self.heat_range(model, state.colour_by);
        let slots = self.slots.iter().skip(first).take(count);
        let lines = slots.map(|slot| match slot.target.and_then(|at| model.site.targets.get(at)) {
            Some(target) => {
                unit_line(model, target, slot.unit, slot.height, state.colour_by, range)
            }
            None => blank(&rack.name, slot.unit.unwrap_or(1), slot.height),
        });
        Some(Elevation {
            rack: rack.name.clone(),
            number: at + 1,
            racks: model.index.racks.len(),
            is_rear: state.is_rear,
            colour_by: state.colour_by,
            has_units: self.has_units,
            lines: lines.collect(),
        })
    }

    fn first_shown(&self, model: &Model, selected: Option<&RowId>, height: usize) -> usize {
        let at = match selected {
            Some(RowId::Target(id)) => {
                let place = model.index.position(id);
                self.slots.iter().position(|slot| slot.target.is_some() && slot.target == place)
            }
            _ => None,
        };
        list::window(at.unwrap_or(0), 0, height, self.slots.len())
    }

    /// The coolest and the hottest box.
    fn heat_range(&self, model: &Model, colour_by: ColourBy) -> Option<(f64, f64)> {
        if colour_by == ColourBy::State {
            return None;
        }
        let boxes = self.slots.iter().filter_map(|slot| model.site.targets.get(slot.target?));
        boxes.filter_map(|target| measured(model, &target.id, colour_by)).fold(
            None,
            |range: Option<(f64, f64)>, value| {
                Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
            },
        )
    }
}

/// The lines of the shown rack that a window of that height shows, the
/// selected box among them; `None` when the site is empty.
pub fn elevation_in(model: &Model, selected: Option<&RowId>, height: usize) -> Option<Elevation> {
    let shelves = shelves(model);
    let first = shelves.first_shown(model, selected, height);
    shelves.worded(model, first, height)
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
    let (known, _, is_old) = known_of(model, id, names)?;
    match known.value {
        Value::Number(number) if !is_old => Some(number),
        _ => None,
    }
}

fn worst_code(model: &Model, id: &TargetId) -> Option<String> {
    findings_of(model, id).first().map(|line| line.code.to_string())
}
