//! Switches, connections, neighbours and tenancy, as the fabric has them and
//! as the inventory declares them.

use super::{SURVEY, ask_controller, of_switch, on_controller, on_switch};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::fabric::survey;
use crate::domain::{Judgement, TargetKind, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "FAB-01", applies: on_controller, probes: SURVEY, judge: switches },
    Rule { id: "FAB-07", applies: on_controller, probes: SURVEY, judge: neighbours },
    Rule { id: "FAB-10", applies: on_switch, probes: SURVEY, judge: connections },
    Rule { id: "FAB-11", applies: on_controller, probes: SURVEY, judge: tenancy },
];

fn switches(case: &Case<'_>) -> Judgement {
    let targets = case.site.targets.iter();
    let declared: Vec<&str> = targets
        .filter(|target| target.kind == TargetKind::Switch && target.roles.is_empty())
        .filter(|target| target.wanted.contains_key(wanted::FABRIC_SWITCH))
        .map(|target| target.name.as_str())
        .collect();
    judging::from(case, survey::SWITCHES, |_, known| {
        let is_known = |name: &str| rows(&known).any(|row| row.get("name") == name);
        let missing: Vec<&str> = declared.iter().copied().filter(|name| !is_known(name)).collect();
        let extra: Vec<&str> = rows(&known)
            .map(|row| row.get("name"))
            .filter(|name| !declared.contains(name))
            .collect();
        if !missing.is_empty() {
            Ruling::fail(format!("the fabric does not know {}", and_list(&missing)))
        } else if !extra.is_empty() {
            Ruling::warn(format!(
                "the fabric knows {}, which the inventory does not have",
                and_list(&extra)
            ))
        } else {
            Ruling::pass(format!(
                "the fabric knows the {} switches of the inventory",
                declared.len()
            ))
        }
        .showing("kubectl get switches", format!("{} switches", known.rows.len()))
    })
}

fn neighbours(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let seen = read.value(survey::LLDP)?;
        let known = read.maybe(survey::SWITCHES)?.unwrap_or_default();
        let is_switch = |name: &str| {
            rows(&known).any(|row| row.get("name") == name)
                || case
                    .site
                    .targets
                    .iter()
                    .any(|target| target.kind == TargetKind::Switch && target.name == name)
        };
        let mut rulings = Vec::new();
        let mut silent = Vec::new();
        for row in rows(&seen) {
            let end = |device: &str, port: &str| format!("{} {}", row.get(device), row.get(port));
            let (expected, actual) = (row.get("expected"), row.get("actual"));
            if expected.is_empty() {
                continue;
            }
            let here = format!("{} {}", row.get("switch"), row.get("port"));
            if actual.is_empty() {
                silent.push(format!("{here} ({expected})"));
                continue;
            }
            if end("expected", "expected_port") == end("actual", "actual_port") {
                continue;
            }
            let sentence = format!(
                "{here} sees {}, declared is {}",
                end("actual", "actual_port"),
                end("expected", "expected_port")
            );
            let reason =
                if expected == actual { "lldp.wrong-port" } else { "lldp.wrong-neighbour" };
            let ruling =
                if is_switch(expected) { Ruling::fail(sentence) } else { Ruling::warn(sentence) };
            rulings.push(ruling.because(reason));
        }
        if !silent.is_empty() {
            let few: Vec<&str> = silent.iter().take(3).map(String::as_str).collect();
            let more = silent.len().saturating_sub(few.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            rulings.push(
                Ruling::warn(format!("no neighbour shows itself at {}{more}", few.join(", ")))
                    .because("lldp.missing"),
            );
        }
        let well = format!("the {} neighbours are those that are declared", seen.rows.len());
        Ok(Ruling::worst(rulings).unwrap_or_else(|| Ruling::pass(well)))
    })
}

fn connections(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        ask_controller(read)?;
        let cables = read.value(survey::CABLES)?;
        let name = read.name();
        let declared: Vec<(&str, &str)> = case
            .target
            .wanted
            .iter()
            .filter_map(|(port, end)| Some((port.strip_prefix(wanted::WIRE)?, end.as_str())))
            .collect();
        let applied = |port: &str| {
            of_switch(&cables, name)
                .find(|row| row.get("port") == port)
                .map(|row| format!("{} {}", row.get("other"), row.get("other_port")))
        };
        let mut wrong = Vec::new();
        for (port, end) in &declared {
            match applied(port) {
                None => wrong.push(format!("{port} to {end} is missing")),
                Some(other) if other != *end => {
                    wrong.push(format!("{port} leads to {other}, declared is {end}"));
                }
                Some(_) => {}
            }
        }
        let extra: Vec<&str> = of_switch(&cables, name)
            .filter(|row| !row.get("other").is_empty())
            .map(|row| row.get("port"))
            .filter(|port| !declared.iter().any(|(declared, _)| declared == port))
            .collect();
        Ok(if !wrong.is_empty() {
            Ruling::fail(format!("connections of {name} are not as declared: {}", wrong.join("; ")))
        } else if !extra.is_empty() {
            Ruling::warn(format!(
                "{name} has connections that nobody declares at {}",
                and_list(&extra)
            ))
        } else {
            Ruling::pass(format!("{name} has the {} connections that are declared", declared.len()))
        })
    })
}

fn tenancy(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let tenancy = read.value(survey::TENANCY)?;
        let vpcs: Vec<&str> = rows(&tenancy)
            .filter(|row| row.get("kind") == "VPC")
            .map(|row| row.get("name"))
            .collect();
        if vpcs.is_empty() {
            return Ok(Ruling::pass("the fabric has no VPC left over"));
        }
        // Which tenants live is known to the console of the cloud alone.
        Err(NotKnown::because(format!(
            "the fabric has {} VPCs ({}); whether each belongs to a live tenant is asked of a person",
            vpcs.len(),
            and_list(&vpcs.iter().take(5).copied().collect::<Vec<_>>())
        )))
    })
}
