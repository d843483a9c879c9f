//! Serial lines to the switches.

use super::on_router_box;
use crate::checks::hosts::{SURVEY, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::router::survey;
use crate::domain::{Judgement, TargetKind, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "RBOX-13", applies: on_router_box, probes: SURVEY, judge: adapters },
    Rule { id: "RBOX-14", applies: on_router_box, probes: SURVEY, judge: holders },
];

fn adapters(case: &Case<'_>) -> Judgement {
    let switches =
        case.site.targets.iter().filter(|target| target.kind == TargetKind::Switch).count();
    let mapped: Vec<&str> = case
        .site
        .wanted
        .get(wanted::SERIAL_LINES)
        .map(|ids| ids.split_whitespace().collect())
        .unwrap_or_default();
    judging::from(case, survey::SERIAL_ADAPTERS, |read, adapters| {
        let name = read.name();
        let count = adapters.rows.len();
        let present = |id: &str| rows(&adapters).any(|adapter| adapter.get("id").contains(id));
        let missing: Vec<&str> = mapped.iter().copied().filter(|id| !present(id)).collect();
        let ruling = if count == 0 {
            Ruling::fail(format!("{name} has no USB serial adapter"))
        } else if mapped.is_empty() {
            Ruling::not_yet(format!(
                "shopfloor.yml maps none of the {count} serial lines of {name}"
            ))
        } else if let Some(first) = missing.first() {
            Ruling::warn(format!(
                "{name} lacks {} of its {} mapped serial adapters, {first} first",
                missing.len(),
                mapped.len()
            ))
        } else if mapped.len() < switches {
            Ruling::warn(format!(
                "{} of {switches} switches have a serial line of {name}",
                mapped.len()
            ))
        } else {
            Ruling::pass(format!("{name} has a serial line to every switch"))
        };
        rows(&adapters).fold(ruling, |ruling, adapter| {
            let id = adapter.get("id");
            ruling.showing(adapter.get("port"), if id.is_empty() { "without an id" } else { id })
        })
    })
}

fn holders(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::SERIAL_USERS, |read, users| {
        let name = read.name();
        match rows(&users).next() {
            None => Ruling::pass(format!("nobody holds a serial line of {name}")),
            Some(user) => Ruling::warn(format!(
                "{} of {name} is held by {} of {} (pid {})",
                user.get("port"),
                user.get("command"),
                user.get("user"),
                user.get("pid")
            )),
        }
    })
}
