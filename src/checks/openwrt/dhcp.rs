//! Addresses: pools, reservations, leases; where names are forwarded.

use super::{LOOK, on_router, words};
use crate::checks::hosts::{and_list, is_yes, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::openwrt as keys;
use crate::domain::{Judgement, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "WRT-03", applies: on_router, probes: LOOK, judge: pools },
    Rule { id: "WRT-04", applies: on_router, probes: LOOK, judge: reservations },
    Rule { id: "WRT-05", applies: on_router, probes: LOOK, judge: leases },
    Rule { id: "WRT-08", applies: on_router, probes: LOOK, judge: forwards },
];

/// At most so many names stand in a sentence.
fn few(all: &[String]) -> String {
    let (first, rest) = all.split_at(all.len().min(3));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{more}", first.join("; "))
}

fn pools(case: &Case<'_>) -> Judgement {
    let planned = words(case, wanted::ROUTER_POOLS);
    judging::judge(case, |read| {
        let pools = read.value(keys::POOLS)?;
        let is_bound = is_yes(&read.value(keys::DHCP_BOUND)?);
        let name = read.name();
        let mut wrong = Vec::new();
        for plan in &planned {
            let parts: Vec<&str> = plan.split('=').collect();
            let [pool, interface, dynamic, force] = parts.as_slice() else { continue };
            let Some(row) = rows(&pools)
                .find(|row| row.get("pool") == *pool || row.get("interface") == *interface)
            else {
                wrong.push(format!("pool {pool} is missing"));
                continue;
            };
            if row.get("ignore") == "1" {
                wrong.push(format!("pool {pool} is switched off"));
            }
            // What the plan leaves out is the router's own default.
            for (flag, wanted) in [("dynamicdhcp", dynamic), ("force", force)] {
                if !wanted.is_empty() && row.get(flag) != *wanted {
                    let is = if row.get(flag).is_empty() { "not set" } else { row.get(flag) };
                    wrong.push(format!("{flag} of pool {pool} is {is}, planned is {wanted}"));
                }
            }
        }
        if !is_bound {
            wrong.push("nothing listens on UDP 67".to_owned());
        }
        Ok(if wrong.is_empty() {
            Ruling::pass(format!("{name} serves addresses in its {} pools", planned.len()))
        } else {
            Ruling::fail(format!("DHCP of {name}: {}", few(&wrong)))
        })
    })
}

fn reservations(case: &Case<'_>) -> Judgement {
    let planned = words(case, wanted::ROUTER_LEASES);
    judging::from(case, keys::RESERVATIONS, |read, there| {
        let name = read.name();
        let mut wrong = Vec::new();
        let mut names = Vec::new();
        for plan in &planned {
            let parts: Vec<&str> = plan.split('=').collect();
            let [host, mac, ip] = parts.as_slice() else { continue };
            names.push(*host);
            match rows(&there).find(|row| row.get("name") == *host) {
                None => wrong.push(format!("{host} is missing")),
                Some(row) => {
                    let is_ip = row.get("ip").split('/').next() == Some(*ip);
                    if row.get("mac") != *mac || !is_ip {
                        wrong.push(format!(
                            "{host} is {} {}, planned is {mac} {ip}",
                            row.get("mac"),
                            row.get("ip")
                        ));
                    }
                }
            }
        }
        let extra: Vec<&str> =
            rows(&there).map(|row| row.get("name")).filter(|host| !names.contains(host)).collect();
        if !wrong.is_empty() {
            Ruling::fail(format!("fixed addresses of {name}: {}", few(&wrong)))
        } else if !extra.is_empty() {
            let extra: Vec<String> = extra.into_iter().map(str::to_owned).collect();
            Ruling::warn(format!(
                "{name} has fixed addresses that nobody declares: {}",
                few(&extra)
            ))
        } else {
            Ruling::pass(format!("{name} has the {} fixed addresses of the inventory", names.len()))
        }
    })
}

fn leases(case: &Case<'_>) -> Judgement {
    let planned = words(case, wanted::ROUTER_LEASES);
    judging::from(case, keys::LEASES, |read, leases| {
        let name = read.name();
        let (mut wrong, mut strangers) = (Vec::new(), Vec::new());
        for row in rows(&leases) {
            let (mac, address) = (row.get("mac"), row.get("address"));
            let plan = planned.iter().map(|plan| plan.split('=').collect::<Vec<_>>());
            let plan = plan.into_iter().find(|plan| plan.get(1) == Some(&mac));
            match plan.as_deref() {
                None => strangers.push(format!("{mac} ({address}, {})", row.get("name"))),
                Some([host, _, ip]) if *ip != address => {
                    wrong.push(format!("{host} has {address}, planned is {ip}"));
                }
                Some(_) => {}
            }
        }
        if !wrong.is_empty() {
            Ruling::fail(format!("leases of {name}: {}", few(&wrong)))
        } else if !strangers.is_empty() {
            Ruling::warn(format!(
                "{name} gave addresses to machines that nobody declares: {}",
                few(&strangers)
            ))
        } else {
            Ruling::pass(format!(
                "the {} leases of {name} are those that are planned",
                leases.rows.len()
            ))
        }
    })
}

fn forwards(case: &Case<'_>) -> Judgement {
    let console = case.site.wanted.get(wanted::CONSOLE_NAME).map(String::as_str);
    judging::judge(case, |read| {
        let forwards = read.value(keys::FORWARDS)?;
        let Some(zone) = console.and_then(|name| name.split_once('.')).map(|(_, zone)| zone) else {
            return Err(NotKnown::because("the inventory does not name the site's public zone"));
        };
        let missing: Vec<&str> = ["console", "grafana", "loki", "prometheus"]
            .into_iter()
            .filter(|service| {
                let wanted = format!("/_acme-challenge.{service}.{zone}/");
                !forwards.iter().any(|forward| forward.starts_with(&wanted))
            })
            .collect();
        let name = read.name();
        Ok(if missing.is_empty() {
            Ruling::pass(format!("{name} asks a public resolver for certificate challenges"))
        } else {
            Ruling::fail(format!(
                "{name} keeps the certificate challenges of {} to itself: orders stay pending",
                and_list(&missing)
            ))
        })
    })
}
