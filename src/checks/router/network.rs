//! The management bridge, the way out, and remote management.

use super::on_router_box;
use crate::checks::hosts::{
    LOOK, SURVEY, and_list, has_address, has_ipv4, has_role, is_yes, percent, planned_address, rows,
};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::hosts as host;
use crate::domain::{Judgement, Role, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "RBOX-03",
        applies: |_, target| has_role(target, &[Role::Bastion]),
        probes: SURVEY,
        judge: remote_management,
    },
    Rule { id: "RBOX-05", applies: on_router_box, probes: LOOK, judge: bridge },
    Rule {
        id: "RBOX-06",
        applies: |_, target| has_role(target, &[Role::RouterBox, Role::Bastion]),
        probes: LOOK,
        judge: way_out,
    },
];

/// The bridge that carries the management network.
const BRIDGE: &str = "virbr-libvirt";
/// How its locally administered MAC address begins.
const BRIDGE_MAC: &str = "b2:1d:6e";
/// The metric with which a second way out is added by hand.
const HAND_ADDED_METRIC: f64 = 25.0;

fn remote_management(case: &Case<'_>) -> Judgement {
    let address = case.site.wanted.get(wanted::AMT_ADDRESS);
    judging::judge(case, |read| {
        let Some(address) = address else {
            return Ok(Ruling::not_yet("the site does not name the router box's AMT address"));
        };
        let answers = is_yes(&read.value(host::survey::AMT_ANSWERS)?);
        Ok(if answers {
            Ruling::pass(format!("the router box's remote management answers on {address}"))
        } else {
            Ruling::fail(format!(
                "the router box's remote management does not answer on {address}, ports 16993 and 16992"
            ))
        })
    })
}

fn bridge(case: &Case<'_>) -> Judgement {
    let planned = planned_address(case);
    judging::from(case, host::LINKS, |read, links| {
        let name = read.name();
        let Some(bridge) = rows(&links).find(|link| link.get("name") == BRIDGE) else {
            return Ruling::fail(format!("{name} has no bridge {BRIDGE}"));
        };
        let (state, mac, addresses) =
            (bridge.get("state"), bridge.get("mac"), bridge.get("addresses"));
        // The taps of virtual machines are members too; they have a kind.
        let wired = rows(&links).any(|link| {
            link.get("master") == BRIDGE && !["tun", "veth"].contains(&link.get("kind"))
        });
        let mut wrong = Vec::new();
        if state != "UP" {
            wrong.push(format!("is {state}"));
        }
        if !mac.to_ascii_lowercase().starts_with(BRIDGE_MAC) {
            wrong.push(format!("has the MAC {mac}, which does not begin with {BRIDGE_MAC}"));
        }
        match planned {
            _ if !has_ipv4(addresses) => wrong.push("has no address".to_owned()),
            Some(planned) if !has_address(addresses, planned) => {
                wrong.push(format!("has not the planned address {planned}"));
            }
            _ => {}
        }
        if !wired {
            wrong.push("has no physical member".to_owned());
        }
        let ruling = if wrong.is_empty() {
            Ruling::pass(format!("{BRIDGE} of {name} is as planned"))
        } else {
            Ruling::fail(format!("{BRIDGE} of {name} {}", and_list(&wrong)))
        };
        ruling.showing(BRIDGE, format!("{state} {mac} {addresses}"))
    })
}

fn way_out(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let routes = read.value(host::ROUTES)?;
        let name = read.name();
        let shown: Vec<String> = rows(&routes)
            .map(|route| {
                format!(
                    "via {} dev {} metric {}",
                    route.get("gateway"),
                    route.get("device"),
                    route.get("metric")
                )
            })
            .collect();
        if shown.is_empty() {
            return Ok(Ruling::fail(format!("{name} has no default route")));
        }
        let loss = read.value(host::INTERNET_LOSS)?;
        let by_hand = rows(&routes).all(|route| {
            route.number("metric") == Some(HAND_ADDED_METRIC) || route.get("protocol") == "boot"
        });
        let ruling = if loss >= 100.0 {
            Ruling::fail(format!("{name} has a default route and does not reach the Internet"))
        } else if loss > 0.0 {
            Ruling::warn(format!("{name} loses {} of its packets to the Internet", percent(loss)))
        } else if by_hand {
            Ruling::warn(format!(
                "{name} reaches the Internet by a hand-added route only, gone at the next reboot"
            ))
        } else {
            Ruling::pass(format!("{name} reaches the Internet"))
        };
        Ok(ruling
            .showing("default routes", shown.join("; "))
            .showing("ping 1.1.1.1", format!("{} lost", percent(loss))))
    })
}
