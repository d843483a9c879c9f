//! Cluster API: its controllers, tenant clusters, machines, worker groups.

use super::{LOOK, age_of, is_management, object, together};
use crate::checks::hosts::{Row, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::platform as keys;
use crate::domain::{Age, Judgement, Stamp};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "CAPI-01", applies: is_management, probes: LOOK, judge: controllers },
    Rule { id: "CAPI-02", applies: is_management, probes: LOOK, judge: clusters },
    Rule { id: "CAPI-03", applies: is_management, probes: LOOK, judge: machines },
    Rule { id: "CAPI-04", applies: is_management, probes: LOOK, judge: workers },
];

/// The namespaces whose controllers must be ready.
const WANTED: [&str; 4] = [
    "capi-system",
    "capi-kubeadm-bootstrap-system",
    "capi-kubeadm-control-plane-system",
    "capo-system",
];

fn controllers(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::CONTROLLERS, |_, found| {
        let rulings = WANTED.into_iter().map(|space| {
            let mut own = rows(&found).filter(|row| row.get("namespace") == space).peekable();
            if own.peek().is_none() {
                return Ruling::fail(format!("{space} has no controller"));
            }
            match own.find(|row| row.number("ready").unwrap_or(0.0) < 1.0) {
                Some(row) => Ruling::fail(format!("{} is not ready", object(row)))
                    .showing(space, row.get("name")),
                None => Ruling::pass(space),
            }
        });
        together(rulings.collect(), "the four controllers of Cluster API are ready")
    })
}

/// What one phase means; `limit` is how long getting there may take.
fn of_phase(now: Stamp, row: Row<'_>, noun: &str, good: &str, limit: Age) -> Ruling {
    let (name, phase) = (object(row), row.get("phase"));
    let age = age_of(now, row.get("created"));
    let so_long = age.map_or_else(String::new, |age| format!(" since {}", age.long()));
    let ruling = match phase {
        _ if phase == good => Ruling::pass(name.as_str()),
        "Failed" => Ruling::fail(format!("the {noun} {name} has failed")),
        "Deleting" | "Deleted" => Ruling::warn(format!("the {noun} {name} is being removed")),
        "Pending" | "Provisioning" | "Provisioned" if age.is_some_and(|age| age < limit) => {
            Ruling::warn(format!("the {noun} {name} is {}{so_long}", phase.to_lowercase()))
        }
        "Pending" | "Provisioning" | "Provisioned" => {
            Ruling::fail(format!("the {noun} {name} is stuck in {phase}{so_long}"))
        }
        "" => Ruling::fail(format!("the {noun} {name} has no phase")),
        _ => Ruling::warn(format!("the {noun} {name} is in the phase {phase}")),
    };
    ruling.showing(name, format!("{phase} {}", row.get("message")).trim())
}

fn clusters(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(keys::CLUSTERS)?;
        let limit = Age::seconds(read.threshold("pending_fail_s") as i64);
        let each = rows(&found).map(|row| of_phase(case.now, row, "cluster", "Provisioned", limit));
        let number = found.rows.len();
        if number == 0 {
            return Ok(Ruling::not_yet("there is no tenant cluster"));
        }
        Ok(together(
            each.collect(),
            format!("{number} of {number} tenant clusters are provisioned"),
        ))
    })
}

fn machines(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(keys::MACHINES)?;
        let limit = Age::seconds(read.threshold("pending_fail_s") as i64);
        let each = rows(&found).map(|row| of_phase(case.now, row, "machine", "Running", limit));
        let number = found.rows.len();
        if number == 0 {
            return Ok(Ruling::not_yet("no tenant cluster has a machine"));
        }
        Ok(together(each.collect(), format!("{number} of {number} machines run")))
    })
}

fn workers(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(keys::WORKER_GROUPS)?;
        let group = Age::seconds(read.threshold("deployment_fail_s") as i64);
        let set = Age::seconds(read.threshold("set_fail_s") as i64);
        let rulings = rows(&found).map(|row| {
            let (name, kind) = (object(row), row.get("kind"));
            let (ready, wanted) =
                (row.number("ready").unwrap_or(0.0), row.number("wanted").unwrap_or(0.0));
            let limit = if kind == "MachineSet" { set } else { group };
            if ready >= wanted {
                return Ruling::pass(name);
            }
            let age = age_of(case.now, row.get("since"));
            let so_long = age.map_or_else(String::new, |age| format!(" since {}", age.long()));
            let said =
                format!("{kind} {name} has {ready:.0} of {wanted:.0} workers ready{so_long}");
            // Where nobody says since when, it counts as long.
            if age.is_some_and(|age| age < limit) { Ruling::warn(said) } else { Ruling::fail(said) }
        });
        let number = found.rows.len();
        if number == 0 {
            return Ok(Ruling::not_yet("there is no worker group"));
        }
        Ok(together(rulings.collect(), format!("{number} of {number} worker groups are whole")))
    })
}
