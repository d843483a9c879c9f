//! Tunnels, BGP, routes, the public prefix.

use super::{LOOK, SURVEY, on_router, words};
use crate::checks::hosts::{and_list, has_address, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::openwrt as keys;
use crate::domain::keys::openwrt::survey;
use crate::domain::{Age, Judgement, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "WRT-12", applies: on_router, probes: LOOK, judge: tunnels },
    Rule { id: "WRT-13", applies: on_router, probes: LOOK, judge: sessions },
    Rule { id: "WRT-14", applies: on_router, probes: LOOK, judge: routes },
    Rule { id: "WRT-15", applies: on_router, probes: SURVEY, judge: dummy },
];

fn tunnels(case: &Case<'_>) -> Judgement {
    let planned = words(case, wanted::ROUTER_TUNNELS);
    let sites = words(case, wanted::ROUTER_SITE_PEERS);
    judging::judge(case, |read| {
        let tunnels = read.value(keys::TUNNELS)?;
        let peers = read.value(keys::PEERS)?;
        let clock = read.value(keys::CLOCK)?.seconds() as f64;
        let name = read.name();
        let (warn, fail) = (read.threshold("warn_s"), read.threshold("fail_s"));
        let missing: Vec<&str> = planned
            .iter()
            .copied()
            .filter(|tunnel| !tunnels.iter().any(|there| there == tunnel))
            .collect();
        let mut rulings = Vec::new();
        if !missing.is_empty() {
            rulings.push(Ruling::fail(format!("{name} has no tunnel {}", and_list(&missing))));
        }
        for site in &sites {
            let row = rows(&peers).find(|row| row.get("key") == *site);
            let Some(row) = row else {
                rulings.push(Ruling::fail(format!("{name} does not know the other site's peer")));
                continue;
            };
            let tunnel = row.get("interface");
            let age = match row.number("handshake") {
                Some(at) if at > 0.0 => clock - at,
                _ => {
                    rulings.push(Ruling::fail(format!(
                        "the tunnel {tunnel} of {name} to the other site was never up"
                    )));
                    continue;
                }
            };
            let ago = Age::seconds(age as i64).long();
            let sentence = format!("the tunnel {tunnel} of {name} last shook hands {ago} ago");
            if age > fail {
                rulings.push(Ruling::fail(sentence));
            } else if age >= warn {
                rulings.push(Ruling::warn(sentence));
            }
        }
        let well = format!("the {} tunnels of {name} are up", planned.len());
        Ok(Ruling::worst(rulings).unwrap_or_else(|| Ruling::pass(well)))
    })
}

/// Whether a neighbour is a speaker of the cloud, by the name it is given.
fn is_cloud(name: &str) -> bool {
    name.starts_with("openstack")
}

fn sessions(case: &Case<'_>) -> Judgement {
    let planned = words(case, wanted::ROUTER_NEIGHBOURS);
    judging::judge(case, |read| {
        let name = read.name();
        if planned.is_empty() {
            return Ok(Ruling::not_yet(format!("the inventory gives {name} no BGP neighbours")));
        }
        let protocols = read.value(keys::PROTOCOLS)?;
        let is_up = |neighbour: &str| {
            rows(&protocols).any(|row| {
                row.get("name") == neighbour
                    && row.get("state") == "up"
                    && row.get("info").starts_with("Established")
            })
        };
        let (cloud, upstream): (Vec<&str>, Vec<&str>) =
            planned.iter().copied().partition(|neighbour| is_cloud(neighbour));
        let down = |all: &[&str]| -> Vec<String> {
            all.iter().filter(|one| !is_up(one)).map(|one| (*one).to_owned()).collect()
        };
        let (cloud_down, upstream_down) = (down(&cloud), down(&upstream));
        let ruling = if !upstream_down.is_empty() {
            Ruling::fail(format!("{name} has no BGP session with {}", and_list(&upstream_down)))
        } else if !cloud.is_empty() && cloud_down.len() == cloud.len() {
            Ruling::fail(format!("{name} has no BGP session with any speaker of the cloud"))
        } else if !cloud_down.is_empty() {
            Ruling::warn(format!("{name} has no BGP session with {}", and_list(&cloud_down)))
        } else {
            Ruling::pass(format!("the {} BGP sessions of {name} are established", planned.len()))
        };
        let shown = rows(&protocols)
            .map(|row| format!("{} {} {}", row.get("name"), row.get("state"), row.get("info")));
        Ok(ruling.showing("birdc show protocols", shown.collect::<Vec<_>>().join("; ")))
    })
}

fn routes(case: &Case<'_>) -> Judgement {
    let prefixes = words(case, wanted::ROUTER_PREFIXES);
    let prefixes: Vec<ipnet::IpNet> =
        prefixes.iter().filter_map(|prefix| prefix.parse().ok()).collect();
    judging::judge(case, |read| {
        let name = read.name();
        if prefixes.is_empty() {
            return Ok(Ruling::not_yet(format!("the inventory gives {name} no public prefix")));
        }
        let routes = read.value(keys::ROUTES)?;
        let inside = |net: &str| {
            let net: Option<ipnet::IpNet> = net.parse().ok();
            net.is_some_and(|net| {
                net.prefix_len() == 32 && prefixes.iter().any(|p| p.contains(&net))
            })
        };
        let single: Vec<_> = rows(&routes).filter(|row| inside(row.get("net"))).collect();
        let lost: Vec<&str> = single
            .iter()
            .filter(|row| row.get("kind") == "blackhole")
            .map(|row| row.get("net"))
            .collect();
        Ok(if lost.is_empty() {
            Ruling::pass(format!("the {} floating addresses lead to a next hop", single.len()))
        } else {
            let few: Vec<&str> = lost.iter().take(3).copied().collect();
            Ruling::fail(format!("{name} drops what goes to {}", and_list(&few)))
        })
    })
}

fn dummy(case: &Case<'_>) -> Judgement {
    let planned = words(case, wanted::ROUTER_PUBLIC);
    judging::judge(case, |read| {
        let name = read.name();
        if planned.is_empty() {
            return Ok(Ruling::not_yet(format!("the inventory gives {name} no interface for BGP")));
        }
        let interface = read.value(survey::DUMMY)?;
        let Some(row) = rows(&interface).find(|row| row.get("name") == "vbgp") else {
            return Ok(Ruling::fail(format!(
                "{name} has no interface vbgp: its image may lack the dummy module"
            )));
        };
        let addresses = row.get("addresses").to_owned();
        let lacks: Vec<&str> =
            planned.iter().copied().filter(|address| !has_address(&addresses, address)).collect();
        let ruling = if row.get("up") != "yes" {
            Ruling::fail(format!("vbgp of {name} is down"))
        } else if !lacks.is_empty() {
            Ruling::fail(format!("vbgp of {name} has not the address {}", and_list(&lacks)))
        } else {
            Ruling::pass(format!("vbgp of {name} is up with the public address"))
        };
        Ok(ruling.showing("vbgp", addresses))
    })
}
