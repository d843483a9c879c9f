//! Interfaces, VLANs, addresses and the default route.

use super::{LOOK, and_list, has_address, has_ipv4, has_role, planned_address, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::hosts as keys;
use crate::domain::{Judgement, Role, Site, Target, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "HOST-10", applies: on_control, probes: LOOK, judge: vlans },
    Rule { id: "HOST-11", applies: on_control, probes: LOOK, judge: default_route },
    Rule { id: "HOST-56", applies: on_control, probes: LOOK, judge: front_end_address },
];

/// The trunk port of a control node.
const TRUNK: &str = "physical0";

fn on_control(_: &Site, target: &Target) -> bool {
    has_role(target, &[Role::Control])
}

fn vlans(case: &Case<'_>) -> Judgement {
    let id = |name: &str, usual: &str| {
        case.site.wanted.get(name).cloned().unwrap_or_else(|| usual.to_owned())
    };
    let wanted = [
        ("frontend0", id(wanted::FRONTEND_VLAN, "101")),
        ("provisioning0", id(wanted::PROVISIONING_VLAN, "102")),
    ];
    judging::from(case, keys::LINKS, |read, links| {
        let find = |name: &str| rows(&links).find(|link| link.get("name") == name);
        let mut wrong = Vec::new();
        match find(TRUNK) {
            None => wrong.push(format!("{TRUNK} is missing")),
            Some(link) if link.get("state") != "UP" => {
                wrong.push(format!("{TRUNK} is {}", link.get("state")));
            }
            Some(_) => {}
        }
        for (name, id) in &wanted {
            let Some(link) = find(name) else {
                wrong.push(format!("{name} is missing"));
                continue;
            };
            let (vlan, parent, state) = (link.get("vlan"), link.get("parent"), link.get("state"));
            if link.get("kind") != "vlan" {
                wrong.push(format!("{name} is no VLAN interface"));
            } else if vlan != id {
                wrong.push(format!("{name} has VLAN {vlan}, not {id}"));
            } else if parent != TRUNK {
                wrong.push(format!("{name} lies on {parent}, not on {TRUNK}"));
            } else if state != "UP" {
                wrong.push(format!("{name} is {state}"));
            }
        }
        let mut ruling = if wrong.is_empty() {
            Ruling::pass(format!("{} has its trunk and its VLANs", read.name()))
        } else {
            Ruling::fail(format!("on {} {}", read.name(), and_list(&wrong)))
        };
        for name in [TRUNK, "frontend0", "provisioning0"] {
            if let Some(link) = find(name) {
                let vlan = link.get("vlan");
                let shown = if vlan.is_empty() {
                    link.get("state").to_owned()
                } else {
                    format!("{} vlan {vlan} on {}", link.get("state"), link.get("parent"))
                };
                ruling = ruling.showing(name, shown);
            }
        }
        ruling
    })
}

fn default_route(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::ROUTES, |read, routes| {
        let name = read.name();
        let best = rows(&routes).min_by(|a, b| {
            let metric = |row: super::Row<'_>| row.number("metric").unwrap_or(0.0);
            metric(*a).total_cmp(&metric(*b))
        });
        match best {
            None => Ruling::fail(format!("{name} has no default route")),
            Some(route) => {
                let device = route.get("device");
                let ruling = if device == "frontend0" {
                    Ruling::pass(format!("{name} goes out through frontend0"))
                } else {
                    Ruling::fail(format!("{name} goes out through {device}, not frontend0"))
                };
                ruling.showing(
                    "default route",
                    format!(
                        "via {} dev {device} metric {}",
                        route.get("gateway"),
                        route.get("metric")
                    ),
                )
            }
        }
    })
}

fn front_end_address(case: &Case<'_>) -> Judgement {
    let planned = planned_address(case);
    judging::from(case, keys::LINKS, |read, links| {
        let name = read.name();
        let Some(link) = rows(&links).find(|link| link.get("name") == "frontend0") else {
            return Ruling::fail(format!("{name} has no frontend0, so no address there"));
        };
        let addresses = link.get("addresses");
        let ruling = match planned {
            _ if !has_ipv4(addresses) => {
                Ruling::fail(format!("frontend0 of {name} has no address"))
            }
            Some(planned) if !has_address(addresses, planned) => {
                Ruling::fail(format!("frontend0 of {name} has not the planned address {planned}"))
            }
            _ => Ruling::pass(format!("frontend0 of {name} has its address")),
        };
        ruling.showing("frontend0", addresses)
    })
}
