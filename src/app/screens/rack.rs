//! Rack: which box is it, physically, and what hangs on it?

mod shelves;
mod unit;

use crate::domain::finding::standing_of;
use crate::domain::keys::KeyInfo;
use crate::domain::keys::power::{ipmi, redfish};
use crate::domain::{Target, TargetId, Verdict};

use super::super::mark::Mark;
use super::super::site_index::{Rack, UNPLACED};
use super::super::{Model, RowId};
use super::overview::{self, FindingLine};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

pub use shelves::{Elevation, Shelves, UnitLine, elevation_in, shelves};
pub use unit::{UnitDetails, details};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "rack",
    title: "Rack",
    short: "Rack",
    help: "Which box is it, physically, and what hangs on it",
    jump_words: &["racks", "elevation"],
    digit: Some('2'),
    layer: None,
    panels: &[PanelSpec { name: "units", title: "Rack", rows, is_text: false }],
    commands: &["rack.rear", "rack.colour"],
    needs: None,
    is_listed: true,
    status,
};

/// The inlet temperature, in the order in which sources are believed.
const INLET: &[&KeyInfo] = &[redfish::INLET.info, ipmi::INLET.info];
/// The power drawn.
const WATTS: &[&KeyInfo] = &[redfish::WATTS.info, ipmi::WATTS.info];

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

/// The selectable rows of the shown rack: its boxes. Blank units are drawn, not walked.
pub fn rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    shelves::boxes(model, state)
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

/// The findings on a machine and its controller, worst first; those that fold under another are left out.
pub fn findings_of(model: &Model, id: &TargetId) -> Vec<FindingLine> {
    let mut findings: Vec<_> = std::iter::once(id)
        .chain(model.index.controller_of(id))
        .map(|id| model.verdicts.of(id))
        .flat_map(|verdicts| {
            verdicts.judgements.iter().filter(|judgement| {
                judgement.verdict.is_finding() && !verdicts.folded.contains_key(&judgement.check)
            })
        })
        .collect();
    findings.sort_by(|a, b| standing_of(a).cmp(&standing_of(b)));
    findings
        .into_iter()
        .map(|finding| RowId::Finding(finding.check.clone(), finding.target.clone()))
        .filter_map(|row| overview::finding_line(model, &row))
        .collect()
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
    let shelves = shelves(model);
    let tally = shelves.tally();
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
