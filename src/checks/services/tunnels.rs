//! VPN: operators' tunnels, tenants' servers.

use std::collections::BTreeSet;

use super::{LOOK, SURVEY, is_cloud, on_bastion};
use crate::checks::hosts::{has_role, is_yes, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::platform::{is_management, together};
use crate::checks::{Case, Rule};
use crate::domain::keys::Word;
use crate::domain::keys::services::{OPERATOR_TUNNEL, agents, peers, survey, vpn};
use crate::domain::{CauseWord, Judgement, Role, Site, Stamp, Target, wanted};

/// What the cloud is asked.
const CLOUD: &[&str] = &["vpn.survey"];

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "VPN-01", applies: on_bastion, probes: LOOK, judge: tunnel },
    Rule { id: "VPN-02", applies: on_router, probes: &["wireguard.survey"], judge: operators },
    Rule { id: "VPN-03", applies: on_router, probes: &[], judge: free },
    Rule { id: "VPN-04", applies: is_cloud, probes: CLOUD, judge: servers },
    Rule { id: "VPN-05", applies: is_cloud, probes: CLOUD, judge: agent },
    Rule { id: "VPN-06", applies: is_management, probes: &["observing.look"], judge: errors },
    Rule { id: "VPN-07", applies: is_cloud, probes: CLOUD, judge: tenant_keys },
    Rule { id: "VPN-08", applies: on_bastion, probes: SURVEY, judge: path },
];

fn on_router(_: &Site, target: &Target) -> bool {
    has_role(target, &[Role::RouterVm])
}

fn tunnel(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let name = read.name();
        let none = format!("{name} has no tunnel of its own: it stands inside the site");
        if read.lost(OPERATOR_TUNNEL).is_some_and(|cause| cause.word == CauseWord::CommandMissing) {
            return Ok(Ruling::not_yet(none));
        }
        let peers = read.value(OPERATOR_TUNNEL)?;
        let limit = read.threshold("handshake_warn_s") as i64;
        let rulings = rows(&peers).map(|row| {
            let interface = row.get("interface");
            let handshake: i64 = row.get("handshake").parse().unwrap_or(0);
            let received: f64 = row.number("received").unwrap_or(0.0);
            let age = case.now.since(Stamp::from_seconds(handshake));
            let ruling = if handshake == 0 && received == 0.0 {
                Ruling::fail(format!(
                    "the tunnel {interface} never came up: the keys of its ends do not match"
                ))
            } else if handshake == 0 || age.as_seconds() >= limit {
                Ruling::warn(format!("the tunnel {interface} is idle since {}", age.long()))
            } else {
                Ruling::pass(interface)
            };
            ruling.showing(interface, format!("{received:.0} bytes received"))
        });
        let rulings: Vec<Ruling> = rulings.collect();
        if rulings.is_empty() {
            return Ok(Ruling::not_yet(none));
        }
        Ok(together(rulings, format!("the tunnels of {name} are up")))
    })
}

fn operators(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found: BTreeSet<String> = read.value(peers::OPERATORS)?.into_iter().collect();
        let Some(planned) = case.site.wanted.get(wanted::OPERATOR_PEERS) else {
            return Ok(Ruling::not_yet("the inventory lists no operator's peer"));
        };
        let planned: BTreeSet<String> =
            planned.split(' ').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        let left: Vec<&str> = found.difference(&planned).map(String::as_str).collect();
        let lacks: Vec<&str> = planned.difference(&found).map(String::as_str).collect();
        let number = found.len();
        Ok(match (left.len(), lacks.len()) {
            (0, 0) => Ruling::pass(format!("the router has the {number} operators' peers")),
            (0, some) => Ruling::warn(format!("the router lacks {some} of the operators' peers"))
                .showing("missing", lacks.join(", ")),
            (some, _) => Ruling::fail(format!(
                "the router lets {some} peers in that the inventory does not have"
            ))
            .showing("left over", left.join(", ")),
        })
    })
}

fn free(case: &Case<'_>) -> Judgement {
    judging::judge(case, |_| {
        let range = case.site.wanted.get(wanted::OPERATOR_RANGE);
        let mut numbers = range.into_iter().flat_map(|text| text.split(' ')).flat_map(str::parse);
        let (Some(used), Some(size)) = (numbers.next(), numbers.next()) else {
            return Ok(Ruling::not_yet("the inventory has no range for operators"));
        };
        let (used, size): (u32, u32) = (used, size);
        let said = format!("used {used} of {size}");
        Ok(if used < size {
            let left = size - used;
            Ruling::pass(format!("{left} addresses are free for operators"))
        } else {
            Ruling::fail("no address is left for another operator")
        }
        .showing("addresses", said))
    })
}

fn servers(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(vpn::SERVERS)?;
        let tenants = read.maybe(vpn::TENANT_KEYS)?.unwrap_or_default();
        let mut rulings: Vec<Ruling> = rows(&found)
            .map(|row| {
                let (status, addresses) = (row.get("status"), row.get("addresses"));
                let who = match row.get("project") {
                    "" => row.get("id"),
                    project => project,
                };
                let ruling = if status != "ACTIVE" {
                    Ruling::fail(format!("the VPN server of {who} is {status}"))
                } else if addresses.split(' ').count() < 2 {
                    Ruling::fail(format!("the VPN server of {who} has no floating address"))
                } else {
                    Ruling::pass(who)
                };
                ruling.showing(who, format!("{status} {addresses}").trim())
            })
            .collect();
        let (servers, wanted) = (found.rows.len(), tenants.rows.len());
        if wanted > servers {
            let lacks = wanted - servers;
            rulings.push(Ruling::fail(format!("{lacks} of {wanted} tenants have no VPN server")));
        }
        if rulings.is_empty() {
            return Ok(Ruling::not_yet("there is no tenant with a VPN server yet"));
        }
        Ok(together(rulings, format!("{servers} VPN servers of tenants run")))
    })
}

fn agent(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(vpn::AGENTS)?;
        let mut unseen = Vec::new();
        let mut rulings = Vec::new();
        for row in rows(&found) {
            let address = row.get("address");
            rulings.push(match (row.get("agent"), row.get("environment")) {
                ("unreachable", _) => {
                    unseen.push(address);
                    continue;
                }
                ("active", "yes") => Ruling::pass(address),
                ("active", _) => Ruling::fail(format!(
                    "the VPN server {address} has no settings: its tenant is not whole"
                )),
                (state, _) => Ruling::fail(format!(
                    "the agent of the VPN server {address} is {}",
                    if state.is_empty() { "not there" } else { state }
                )),
            });
        }
        if rulings.is_empty() {
            return match unseen.first() {
                Some(address) => Err(NotKnown::because(format!(
                    "the VPN server {address} does not let us in over SSH"
                ))),
                None => Ok(Ruling::not_yet("there is no tenant with a VPN server yet")),
            };
        }
        Ok(together(rulings, "the agents of the VPN servers run"))
    })
}

fn errors(case: &Case<'_>) -> Judgement {
    judging::from(case, agents::RECONCILIATION, |_, found| {
        let rulings = rows(&found).map(|row| {
            let tenant = row.get("tenant");
            if row.number("value").unwrap_or(0.0) > 0.0 {
                Ruling::fail(format!("the VPN agent of the tenant {tenant} cannot reconcile"))
                    .showing(tenant, row.get("value"))
            } else {
                Ruling::pass(tenant)
            }
        });
        together(rulings.collect(), "no VPN agent has reconciliation errors")
    })
}

fn tenant_keys(case: &Case<'_>) -> Judgement {
    judging::from(case, vpn::TENANT_KEYS, |_, found| {
        let rulings = rows(&found).map(|row| {
            let tenant = row.get("tenant");
            let secrets = row.number("secrets").unwrap_or(0.0);
            let has_users = is_yes(&Word(row.get("users").to_owned()));
            if secrets == 0.0 {
                Ruling::fail(format!("the tenant {tenant} has no VPN key"))
            } else if secrets > 1.0 {
                Ruling::fail(format!("the tenant {tenant} has {secrets:.0} VPN keys"))
            } else if !has_users {
                Ruling::fail(format!("the tenant {tenant} has no file of VPN users"))
            } else {
                Ruling::pass(tenant)
            }
        });
        let number = found.rows.len();
        if number == 0 {
            return Ruling::not_yet("there is no tenant with a VPN key yet");
        }
        together(rulings.collect(), format!("{number} tenants have their VPN key and users"))
    })
}

fn path(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(survey::PATH_SIZES)?;
        let whole = read.threshold("payload_bytes");
        let sizes = || rows(&found).filter(|row| row.get("passes") == "yes");
        let largest = sizes().filter_map(|row| row.number("size")).reduce(f64::max);
        let host = rows(&found).next().map_or("", |row| row.get("host"));
        match largest {
            Some(largest) if largest >= whole => {
                Ok(Ruling::pass(format!("packets of {largest:.0} bytes reach {host} in one piece")))
            }
            Some(largest) => Ok(Ruling::warn(format!(
                "packets of no more than {largest:.0} bytes reach {host} in one piece"
            ))),
            None => Err(NotKnown::because(format!("{host} does not answer a ping of any size"))),
        }
    })
}
