//! Switches, connections and neighbours as the fabric has them.

use serde_json::Value;

use super::controller::items;
use super::section;
use crate::domain::fact::Table;
use crate::domain::keys::fabric::survey;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, Trouble};
use crate::probes::hosts::parse::{MOST_ROWS, json_text};

/// No more cables are kept than a fabric of a hundred switches has.
const MOST_CABLES: usize = 8_000;

pub(super) const SWITCHES: Section = section(
    "switches",
    "t kubectl get switches -o json",
    &[survey::SWITCHES.info],
    |answer, report| {
        let mut table =
            Table::new(&["name", "role", "profile", "address", "protocol_address", "serial"]);
        for item in items(answer, "a list of switches")?.iter().take(MOST_ROWS) {
            let at = |path: &str| json_text(item.pointer(path));
            table.push(vec![
                at("/metadata/name"),
                at("/spec/role"),
                at("/spec/profile"),
                bare(&at("/spec/ip")),
                bare(&at("/spec/protocolIP")),
                at("/spec/boot/serial"),
            ]);
        }
        report.learn(survey::SWITCHES, table);
        Ok(())
    },
);

/// An address without its prefix length.
fn bare(address: &str) -> String {
    address.split('/').next().unwrap_or_default().to_owned()
}

pub(super) const CONNECTIONS: Section = section(
    "connections",
    "t kubectl get connections.wiring.githedgehog.com -o json",
    &[survey::CABLES.info],
    |answer, report| {
        let mut table = Table::new(&[
            "name",
            "kind",
            "switch",
            "port",
            "address",
            "other",
            "other_port",
            "other_address",
        ]);
        for item in items(answer, "a list of connections")? {
            let name = json_text(item.pointer("/metadata/name"));
            let spec = item.get("spec").and_then(Value::as_object);
            for (kind, connection) in spec.into_iter().flatten() {
                // Removed types still validate and mean nothing; a switch's
                // loop to itself is no cable.
                if ["mclag", "mclagDomain", "vpcLoopback"].contains(&kind.as_str()) {
                    continue;
                }
                let links = connection.get("links").and_then(Value::as_array);
                let links = links.map_or_else(
                    || connection.get("link").into_iter().collect::<Vec<_>>(),
                    |links| links.iter().collect(),
                );
                for link in links {
                    for row in cable(&name, kind, link) {
                        if table.rows.len() < MOST_CABLES {
                            table.push(row);
                        }
                    }
                }
            }
        }
        report.learn(survey::CABLES, table);
        Ok(())
    },
);

/// The rows of one link: one for each of its ends that is a switch.
fn cable(name: &str, kind: &str, link: &Value) -> Vec<Vec<String>> {
    let end = |which: &str| {
        let end = link.get(which)?;
        let port = json_text(end.get("port"));
        let (device, port) = port.split_once('/')?;
        Some((device.to_owned(), port.to_owned(), bare(&json_text(end.get("ip")))))
    };
    let nothing = || (String::new(), String::new(), String::new());
    let row = |one: (String, String, String), other: (String, String, String)| {
        let kind = printable(kind);
        vec![name.to_owned(), kind, one.0, one.1, one.2, other.0, other.1, other.2]
    };
    let both = |one: &str, other: &str| match (end(one), end(other)) {
        (Some(one), Some(other)) => {
            vec![row(one.clone(), other.clone()), row(other, one)]
        }
        _ => Vec::new(),
    };
    match kind {
        "fabric" => both("leaf", "spine"),
        "mesh" => both("leaf1", "leaf2"),
        _ => {
            let other = end("server").or_else(|| end("gateway")).unwrap_or_else(nothing);
            end("switch").map(|switch| row(switch, other)).into_iter().collect()
        }
    }
}

pub(super) const LLDP: Section = section(
    "lldp",
    "t kubectl fabric inspect lldp -o json",
    &[survey::LLDP.info],
    |answer, report| {
        // With --strict or not, what differs may end it with 1 after the whole answer.
        answer.ran()?;
        let list: Value = serde_json::from_str(answer.stdout)
            .map_err(|_| answer.ok().err().unwrap_or(Trouble::Format("neighbours")))?;
        let switches = list.get("neighbors").and_then(Value::as_object);
        let switches = switches.ok_or(Trouble::Format("neighbours"))?;
        let mut table =
            Table::new(&["switch", "port", "expected", "expected_port", "actual", "actual_port"]);
        for (switch, ports) in switches {
            for (port, ends) in ports.as_object().into_iter().flatten() {
                let at = |path: &str| json_text(ends.pointer(path));
                if table.rows.len() < MOST_CABLES {
                    table.push(vec![
                        printable(switch),
                        printable(port),
                        at("/expected/name"),
                        at("/expected/port"),
                        at("/actual/name"),
                        at("/actual/port"),
                    ]);
                }
            }
        }
        report.learn(survey::LLDP, table);
        Ok(())
    },
);

pub(super) const INSPECT: Section = section(
    "inspect",
    "t kubectl fabric inspect fabric -o json",
    &[survey::INSPECTED.info],
    |answer, report| {
        let list = answer.json("a summary of the fabric")?;
        let switches = list.get("switches").and_then(Value::as_array);
        let mut table = Table::new(&["switch", "summary"]);
        for switch in switches.ok_or(Trouble::Format("a summary of the fabric"))? {
            let summary = json_text(switch.pointer("/state/summary"));
            table.push(vec![json_text(switch.get("name")), summary]);
        }
        report.learn(survey::INSPECTED, table);
        Ok(())
    },
);

pub(super) const TENANCY: Section = section(
    "tenancy",
    "t kubectl get vpc,vpcattachment -A -o json",
    &[survey::TENANCY.info],
    |answer, report| {
        let mut table = Table::new(&["kind", "name"]);
        for item in items(answer, "a list of VPCs")?.iter().take(MOST_ROWS) {
            let name = json_text(item.pointer("/metadata/name"));
            table.push(vec![json_text(item.get("kind")), name]);
        }
        report.learn(survey::TENANCY, table);
        Ok(())
    },
);
