//! The selected box, opened.

use crate::domain::fact::{Table, Unit, Value};
use crate::domain::keys::power::{ipmi, redfish};
use crate::domain::keys::{Key, KeyInfo, hosts};
use crate::domain::store::Known;
use crate::domain::{Target, TargetId};

use super::super::super::mark::Mark;
use super::super::super::{Model, RowId};
use super::super::overview::FindingLine;
use super::super::target::{self, DetailLine};
use super::{INLET, WATTS, findings_of, mark_of, worst_of};

/// Firmware of the controller.
const FIRMWARE: &[&KeyInfo] = &[redfish::FIRMWARE.info, ipmi::FIRMWARE.info];
/// The power supplies.
const SUPPLIES: &[&KeyInfo] = &[redfish::SUPPLIES.info];
/// Whether the machine is powered.
const POWER_STATE: &[&KeyInfo] = &[redfish::POWER_STATE.info, ipmi::POWER_STATE.info];

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

/// The first of these facts that is known of the target or its controller,
/// with its unit, and whether the last look did not give it.
pub(super) fn known_of<'m>(
    model: &'m Model,
    id: &TargetId,
    keys: &[&KeyInfo],
) -> Option<(&'m Known, Unit, bool)> {
    let places = || std::iter::once(id).chain(model.index.controller_of(id));
    keys.iter().find_map(|info| {
        places().find_map(|place| {
            let facts = model.facts.of(place);
            let known = facts.known.get(info.name)?;
            let is_lost = facts.lost.contains_key(info.name)
                || facts.probe(info.probe.name).is_some_and(|probe| probe.trouble.is_some());
            Some((known, info.unit, is_lost))
        })
    })
}

/// The same as value and line.
fn fact_of(model: &Model, id: &TargetId, keys: &[&KeyInfo]) -> Option<(Value, Unit, DetailLine)> {
    let (known, unit, is_old) = known_of(model, id, keys)?;
    let line = DetailLine {
        label: String::new(),
        text: target::value_words(&known.value, unit),
        mark: None,
        seen: Some(known.seen),
        is_old,
    };
    Some((known.value.clone(), unit, line))
}

/// Two columns of a table in one line: `md0 [UU], md1 [U_]`.
fn table_line(
    model: &Model,
    id: &TargetId,
    label: &str,
    key: Key<Table>,
    columns: [&str; 2],
) -> Option<DetailLine> {
    let (value, _, mut line) = fact_of(model, id, &[key.info])?;
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
        [] if worst_of(model, id).is_some() && mark == Mark::Off => {
            state.text = "no check of it means anything yet".to_owned();
        }
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
    if let Some((_, _, mut line)) = fact_of(model, id, &[hosts::UPTIME.info]) {
        line.text = format!("up {}", line.text);
        if let Some((_, _, system)) = fact_of(model, id, &[hosts::OS.info]) {
            line.text = format!("{}, {}", line.text, system.text);
        }
        lines.push(labelled("Host", line));
    }
    let kernel = fact_of(model, id, &[hosts::KERNEL.info]);
    lines.extend(kernel.map(|(_, _, line)| labelled("Kernel", line)));
    lines.extend(table_line(model, id, "Disks", hosts::ARRAYS, ["name", "status"]));
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
    let (value, _, mut line) = fact_of(model, id, &[hosts::BOND_MEMBERS.info])?;
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
