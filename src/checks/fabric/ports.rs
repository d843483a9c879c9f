//! Ports that carry a declared connection, and the BGP sessions over them.

use super::{BOTH, of_switch, on_switch, reports};
use crate::checks::hosts::{Row, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::Judgement;
use crate::domain::fact::Table;
use crate::domain::keys::fabric as keys;
use crate::domain::keys::fabric::survey;

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "FAB-05", applies: on_switch, probes: BOTH, judge: sessions },
    Rule { id: "FAB-06", applies: on_switch, probes: BOTH, judge: ports },
];

/// Whether a connection is one between the fabric's own devices.
fn is_fabric(kind: &str) -> bool {
    ["fabric", "mesh", "gateway"].contains(&kind)
}

/// The row of a port: as the connection has it, or its first part where the
/// port can be broken out.
fn port_row<'t>(ports: &'t Table, switch: &str, port: &str) -> Option<Row<'t>> {
    let first = format!("{port}/1");
    of_switch(ports, switch).find(|row| row.get("port") == port || row.get("port") == first)
}

fn ports(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        reports(read)?;
        let cables = read.value(survey::CABLES)?;
        let ports = read.value(keys::PORTS)?;
        let name = read.name();
        let mut count = 0;
        let mut rulings = Vec::new();
        for cable in of_switch(&cables, name) {
            count += 1;
            let (port, other) = (cable.get("port"), cable.get("other"));
            let to = if other.is_empty() { String::new() } else { format!(" to {other}") };
            let Some(row) = port_row(&ports, name, port) else {
                rulings.push(
                    Ruling::warn(format!(
                        "{port} of {name}{to} is switched off or not reported: look at the wiring, not at the cable"
                    ))
                    .because("link.admin-down"),
                );
                continue;
            };
            let (admin, oper) = (row.get("admin"), row.get("oper"));
            let ruling = if row.get("error") == "yes" {
                Ruling::fail(format!("{port} of {name}{to} was shut by an error"))
                    .because("link.err-disabled")
            } else if admin != "up" {
                Ruling::warn(format!("{port} of {name}{to} is switched off"))
                    .because("link.admin-down")
            } else if oper != "up" {
                let sentence = format!("{port} of {name}{to} is {}", words(oper));
                let down = if is_fabric(cable.get("kind")) {
                    Ruling::fail(sentence)
                } else {
                    Ruling::warn(sentence)
                };
                down.because("link.down")
            } else {
                continue;
            };
            rulings.push(ruling.showing(port.to_owned(), format!("admin {admin}, oper {oper}")));
        }
        let well = format!("the {count} wired ports of {name} are up");
        Ok(Ruling::worst(rulings).unwrap_or_else(|| Ruling::pass(well)))
    })
}

/// A state of a port as a sentence has it: `lowerLayerDown` is `down` to people.
fn words(oper: &str) -> &str {
    if oper.is_empty() || oper == "lowerLayerDown" { "down" } else { oper }
}

fn sessions(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        reports(read)?;
        let sessions = read.value(keys::SESSIONS)?;
        let cables = read.maybe(survey::CABLES)?.unwrap_or_default();
        let switches = read.maybe(survey::SWITCHES)?.unwrap_or_default();
        let name = read.name();
        let overlay =
            |address: &str| rows(&switches).any(|row| row.get("protocol_address") == address);
        let mut rulings = Vec::new();
        let mut expected = Vec::new();
        for cable in of_switch(&cables, name).filter(|cable| is_fabric(cable.get("kind"))) {
            let address = cable.get("other_address");
            if address.is_empty() {
                continue;
            }
            expected.push(address.to_owned());
            let is_there = of_switch(&sessions, name)
                .any(|row| row.get("vrf") == "default" && row.get("neighbour") == address);
            if !is_there {
                rulings.push(
                    Ruling::fail(format!(
                        "{name} has no BGP session with {} at {address}",
                        cable.get("other")
                    ))
                    .because("bgp.missing"),
                );
            }
        }
        let mut count = 0;
        for row in of_switch(&sessions, name) {
            let (vrf, address, state) = (row.get("vrf"), row.get("neighbour"), row.get("state"));
            let is_external = vrf.starts_with("VrfE");
            let is_expected = is_external
                || expected.is_empty()
                || expected.iter().any(|one| one == address)
                || overlay(address);
            if !is_expected {
                rulings.push(
                    Ruling::warn(format!(
                        "{name} has a BGP session with {address}, which nobody expects"
                    ))
                    .because("bgp.unexpected"),
                );
                continue;
            }
            count += 1;
            if row.get("enabled") != "yes" || state.eq_ignore_ascii_case("established") {
                continue;
            }
            let state = if state.is_empty() { "in no state" } else { state };
            let sentence = format!("the BGP session of {name} with {address} is {state}");
            let down = if is_external { Ruling::warn(sentence) } else { Ruling::fail(sentence) };
            rulings.push(
                down.because("bgp.not-established").showing(format!("{vrf} {address}"), state),
            );
        }
        let well = format!("the {count} BGP sessions of {name} are established");
        Ok(Ruling::worst(rulings).unwrap_or_else(|| Ruling::pass(well)))
    })
}
