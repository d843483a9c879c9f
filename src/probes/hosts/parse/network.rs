//! Interfaces, routes, bonds, and what answers from there.

use serde_json::Value;

use super::{MOST_ROWS, Reader, Trouble, json_text, lines};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::hosts as keys;
use crate::domain::untrusted::printable;
use crate::probes::hosts::frames::Frame;

pub(crate) const READERS: &[Reader] = &[
    Reader { section: "links", program: "ip", keys: &[keys::LINKS.info], read: links },
    Reader { section: "routes", program: "ip", keys: &[keys::ROUTES.info], read: routes },
    Reader {
        section: "bonds",
        program: "/proc/net/bonding",
        keys: &[keys::BONDS.info, keys::BOND_MEMBERS.info],
        read: bonds,
    },
    Reader {
        section: "names",
        program: "getent",
        keys: &[keys::RESOLVED.info],
        read: |frame, report| {
            let mut table = Table::new(&["name", "address"]);
            for line in lines(frame.text) {
                let (name, address) = line.split_once(' ').unwrap_or((&line, "-"));
                table.push(vec![name.to_owned(), address.trim().to_owned()]);
            }
            if table.rows.is_empty() {
                return Err(Trouble::Format("a list of names"));
            }
            report.learn(keys::RESOLVED, table);
            Ok(())
        },
    },
    Reader {
        section: "ping",
        program: "ping",
        keys: &[keys::INTERNET_LOSS.info],
        read: |frame, report| loss(frame).map(|loss| report.learn(keys::INTERNET_LOSS, loss)),
    },
    Reader {
        section: "gateway",
        program: "ping",
        keys: &[keys::GATEWAY_LOSS.info],
        read: |frame, report| loss(frame).map(|loss| report.learn(keys::GATEWAY_LOSS, loss)),
    },
];

/// The array that `ip -j` prints; nothing at all is an empty one.
fn array(frame: &Frame<'_>) -> Result<Vec<Value>, Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    if frame.text.trim().is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(frame.text).map_err(|_| Trouble::Format("JSON"))
}

fn links(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table = Table::new(&[
        "name",
        "state",
        "kind",
        "vlan",
        "parent",
        "master",
        "mac",
        "addresses",
        "dynamic",
    ]);
    for link in array(frame)?.iter().take(MOST_ROWS) {
        let name = json_text(link.get("ifname"));
        if name.is_empty() {
            continue;
        }
        let info = link.get("linkinfo");
        let kind = json_text(info.and_then(|info| info.get("info_kind")));
        let vlan = match kind.as_str() {
            "vlan" => json_text(info.and_then(|info| info.get("info_data")?.get("id"))),
            _ => String::new(),
        };
        let addresses: Vec<&Value> =
            link.get("addr_info").and_then(Value::as_array).into_iter().flatten().collect();
        let dynamic = addresses.iter().any(|address| {
            json_text(address.get("family")) == "inet"
                && address.get("dynamic").and_then(Value::as_bool) == Some(true)
        });
        let written: Vec<String> = addresses
            .iter()
            .map(|address| {
                let local = json_text(address.get("local"));
                format!("{local}/{}", json_text(address.get("prefixlen")))
            })
            .collect();
        table.push(vec![
            name,
            json_text(link.get("operstate")),
            kind,
            vlan,
            json_text(link.get("link")),
            json_text(link.get("master")),
            json_text(link.get("address")),
            written.join(" "),
            if dynamic { "yes" } else { "no" }.to_owned(),
        ]);
    }
    report.learn(keys::LINKS, table);
    Ok(())
}

fn routes(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table = Table::new(&["gateway", "device", "metric", "protocol"]);
    for route in array(frame)?.iter().take(MOST_ROWS) {
        let metric = json_text(route.get("metric"));
        table.push(vec![
            json_text(route.get("gateway")),
            json_text(route.get("dev")),
            if metric.is_empty() { "0".to_owned() } else { metric },
            json_text(route.get("protocol")),
        ]);
    }
    report.learn(keys::ROUTES, table);
    Ok(())
}

/// What one member of a bond is known to be while its lines are read.
#[derive(Default)]
struct Member {
    name: String,
    mii: String,
    aggregator: String,
    actor: String,
    partner: String,
}

fn bonds(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut bonds = Table::new(&["name", "mode", "mii", "partner"]);
    let mut members = Table::new(&["bond", "member", "mii", "aggregator", "actor", "partner"]);
    for part in frame.text.split("\nBond: ").take(MOST_ROWS) {
        let part = part.strip_prefix("Bond: ").unwrap_or(part);
        let mut all = part.lines();
        let name = printable(all.next().unwrap_or_default());
        if name.is_empty() {
            continue;
        }
        let (mut mode, mut mii, mut partner) = (String::new(), String::new(), String::new());
        let mut found: Vec<Member> = Vec::new();
        for line in all {
            let Some((label, value)) = line.split_once(':') else { continue };
            let value = printable(value);
            match (label.trim(), found.last_mut()) {
                ("Slave Interface", _) => {
                    found.push(Member { name: value, ..Member::default() });
                }
                ("Bonding Mode", None) => mode = value,
                ("MII Status", None) => mii = value,
                ("Partner Mac Address", None) => partner = value.to_ascii_lowercase(),
                ("MII Status", Some(member)) => member.mii = value,
                ("Aggregator ID", Some(member)) => member.aggregator = value,
                ("Actor Churn State", Some(member)) => member.actor = value,
                ("Partner Churn State", Some(member)) => member.partner = value,
                _ => {}
            }
        }
        if mode.is_empty() {
            return Err(Trouble::Format("the state of a bond"));
        }
        for Member { name: member, mii, aggregator, actor, partner } in found {
            members.push(vec![name.clone(), member, mii, aggregator, actor, partner]);
        }
        bonds.push(vec![name, mode, mii, partner]);
    }
    report.learn(keys::BONDS, bonds);
    report.learn(keys::BOND_MEMBERS, members);
    Ok(())
}

/// Lost packets in percent. No way out at all is a loss of all of them.
fn loss(frame: &Frame<'_>) -> Result<f64, Trouble> {
    if matches!(frame.status, 126 | 127) {
        return Err(Trouble::Status);
    }
    let told = frame.text.lines().find_map(|line| {
        let before = line.split("% packet loss").next().filter(|before| before.len() < line.len());
        before?.rsplit([' ', ',']).next()?.parse::<f64>().ok().filter(|loss| loss.is_finite())
    });
    match told {
        Some(loss) => Ok(loss),
        None if frame.text.contains("unreachable") => Ok(100.0),
        None if frame.status != 0 => Err(Trouble::Status),
        None => Err(Trouble::Format("ping's summary")),
    }
}
