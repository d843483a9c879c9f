//! banIP, allow lists, the order of rules.

use super::{SURVEY, on_router, words};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::openwrt::survey as keys;
use crate::domain::{Judgement, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "WRT-16", applies: on_router, probes: SURVEY, judge: banip },
    Rule { id: "WRT-18", applies: on_router, probes: SURVEY, judge: allowed },
    Rule { id: "WRT-19", applies: on_router, probes: SURVEY, judge: order },
];

fn banip(case: &Case<'_>) -> Judgement {
    let planned = words(case, wanted::ROUTER_FEEDS);
    judging::judge(case, |read| {
        let name = read.name();
        if planned.is_empty() {
            return Ok(Ruling::not_yet(format!("the inventory gives {name} no feeds of banIP")));
        }
        let status = read.value(keys::BANIP)?;
        let feeds = read.value(keys::FEEDS)?;
        // A feed of both families is listed as NAMEv4 and NAMEv6.
        let is_active = |feed: &str| {
            feeds.iter().any(|active| {
                active == feed
                    || active.strip_prefix(feed).is_some_and(|rest| rest.starts_with('v'))
            })
        };
        let missing: Vec<&str> = planned.iter().copied().filter(|feed| !is_active(feed)).collect();
        let ruling = if !status.starts_with("active") {
            Ruling::fail(format!("banIP of {name} is {status}"))
        } else if !missing.is_empty() {
            Ruling::warn(format!("banIP of {name} lacks {}", and_list(&missing)))
        } else {
            Ruling::pass(format!("banIP of {name} is active with its feeds"))
        };
        Ok(ruling.showing("active feeds", feeds.join(", ")))
    })
}

fn allowed(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::ALLOWED, |read, sets| {
        let name = read.name();
        let mut wrong = Vec::new();
        for set in ["allow_operators", "allow_tenants"] {
            match rows(&sets).find(|row| row.get("set") == set) {
                None => wrong.push(format!("{set} is missing")),
                Some(row) if row.number("elements") == Some(0.0) => {
                    wrong.push(format!("{set} is empty"));
                }
                Some(_) => {}
            }
        }
        if wrong.is_empty() {
            Ruling::pass(format!("the allow lists of {name} are loaded"))
        } else {
            Ruling::fail(format!("allow lists of {name}: {}", wrong.join("; ")))
        }
    })
}

fn order(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let rules = read.value(keys::FORWARD_RULES)?;
        let name = read.name();
        let Some(drop) = rules.iter().position(|rule| rule.contains("to BGP")) else {
            return Err(NotKnown::because(format!(
                "{name} has no rule that drops what comes from the Internet to the public prefix"
            )));
        };
        let later = rules.iter().skip(drop).find(|rule| rule.contains("@allow_"));
        Ok(match later {
            Some(rule) => Ruling::fail(format!(
                "{name} drops what comes to the public prefix before it looks at the allow lists"
            ))
            .showing("rule behind it", rule.clone()),
            None => Ruling::pass(format!("{name} looks at its allow lists before it drops")),
        })
    })
}
