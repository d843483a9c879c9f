//! Judging the switched fabric and its controller. The reference of the
//! fabric's own API (its names of reasons stand beside the codes) goes before
//! the vendor's list where the two differ.

mod agents;
mod controller;
mod credentials;
mod installation;
mod parts;
mod ports;
mod reach;
mod wiring;

use crate::checks::Rule;
use crate::checks::hosts::{Row, has_role, rows};
use crate::checks::judging::{NotKnown, Reading};
use crate::domain::fact::Table;
use crate::domain::keys::fabric as keys;
use crate::domain::{Judgement, Layer, Role, Site, Stamp, Target, TargetKind, Verdict};

/// The rules of this layer, by subject.
pub const RULES: &[&[Rule]] = &[
    reach::RULES,
    installation::RULES,
    controller::RULES,
    credentials::RULES,
    agents::RULES,
    ports::RULES,
    parts::RULES,
    wiring::RULES,
];

const LOOK: &[&str] = &["fabric.look"];
const SURVEY: &[&str] = &["fabric.survey"];
const BOTH: &[&str] = &["fabric.look", "fabric.survey"];
const SWITCHES: &[&str] = &["fabric.switches"];

/// What cannot be told of a switch because it has stopped reporting is one
/// matter with that it has.
pub(crate) fn refer(judgements: &mut [Judgement]) {
    let silence = judgements.iter().find(|judged| {
        let is_silent = ["heartbeat.stale", "agent.never-reported"];
        judged.reason.as_deref().is_some_and(|reason| is_silent.contains(&reason))
    });
    let Some(silence) = silence.map(|judged| judged.check.clone()) else { return };
    for judged in judgements {
        let is_untold = judged.verdict == Verdict::Unknown && judged.cause.is_none();
        if is_untold && judged.layer == Layer::Fabric && judged.check != silence {
            judged.refers = Some(silence.clone());
        }
    }
}

fn on_controller(_: &Site, target: &Target) -> bool {
    has_role(target, &[Role::FabricController])
}

fn on_switch(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Switch
}

/// Makes the reading that of the controller, which tells of the switch.
fn ask_controller(read: &mut Reading<'_>) -> Result<(), NotKnown> {
    match read.case.site.teller_of(read.case.target) {
        Some(teller) => {
            read.ask(teller);
            Ok(())
        }
        None => Err(NotKnown::because(format!(
            "the inventory has no fabric controller that tells of {}",
            read.name()
        ))),
    }
}

/// What the switch of the case said last, and the controller's clock. Reads
/// the agents' table into `agents`, where the row stays.
struct Said<'t> {
    row: Row<'t>,
    clock: Stamp,
}

impl Said<'_> {
    /// How many seconds ago a time of the row was by the controller's clock;
    /// negative when it lies ahead, `None` when there is none.
    fn age(&self, column: &str) -> Option<f64> {
        Some(self.clock.seconds() as f64 - self.row.number(column)?)
    }
}

/// What the switch said last.
fn said<'t>(read: &Reading<'_>, agents: &'t Table, clock: Stamp) -> Option<Said<'t>> {
    let row = of_switch(agents, read.name()).next()?;
    Some(Said { row, clock })
}

/// The rows of a table that are about a switch.
fn of_switch<'t>(table: &'t Table, switch: &str) -> impl Iterator<Item = Row<'t>> {
    rows(table).filter(move |row| row.get("switch") == switch)
}

/// Reads that the switch of the case reports, and reports now: what it said
/// before it fell silent is history, not a state.
fn reports(read: &mut Reading<'_>) -> Result<(), NotKnown> {
    ask_controller(read)?;
    let agents = read.value(keys::AGENTS)?;
    let clock = read.value(keys::CLOCK)?;
    let name = read.name();
    let age = said(read, &agents, clock).and_then(|said| said.age("heartbeat"));
    let Some(age) = age else {
        return Err(NotKnown::because(format!("{name} has never reported to the fabric")));
    };
    // The same limit as FAB-02, which says it.
    if age > 180.0 {
        let ago = crate::domain::Age::seconds(age as i64).long();
        return Err(NotKnown::because(format!("{name} last reported {ago} ago")));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
