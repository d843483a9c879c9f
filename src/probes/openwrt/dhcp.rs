//! DHCP and names of the router VM.

use std::collections::BTreeMap;

use super::section;
use crate::domain::fact::Table;
use crate::domain::keys::openwrt as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, Trouble};
use crate::probes::hosts::parse::{MOST_ROWS, yes_or_no};

pub(super) const CONFIGURATION: Section = section(
    "dhcp",
    "uci",
    "t uci -q show dhcp",
    &[keys::POOLS.info, keys::RESERVATIONS.info, keys::FORWARDS.info],
    |answer, report| {
        // In the order of the file; a section's own line names its type.
        let mut sections: Vec<(String, String, BTreeMap<String, String>)> = Vec::new();
        for line in answer.ok()?.lines() {
            let Some((path, value)) = line.strip_prefix("dhcp.").and_then(|l| l.split_once('='))
            else {
                continue;
            };
            match path.rsplit_once('.') {
                Some((section, option)) => {
                    let found = sections.iter_mut().rev().find(|(name, ..)| name == section);
                    if let Some((.., options)) = found {
                        options.insert(option.to_owned(), printable(&bare(value)));
                    }
                }
                None => sections.push((path.to_owned(), printable(&bare(value)), BTreeMap::new())),
            }
        }
        if sections.is_empty() {
            return Err(Trouble::Format("the configuration of DHCP"));
        }
        let mut pools = Table::new(&["pool", "interface", "ignore", "dynamicdhcp", "force"]);
        let mut reservations = Table::new(&["name", "mac", "ip"]);
        let mut forwards = Vec::new();
        for (name, kind, options) in &sections {
            let get = |option: &str| options.get(option).cloned().unwrap_or_default();
            match kind.as_str() {
                "dhcp" if pools.rows.len() < MOST_ROWS => pools.push(vec![
                    printable(name),
                    get("interface"),
                    get("ignore"),
                    get("dynamicdhcp"),
                    get("force"),
                ]),
                "host" if reservations.rows.len() < 4 * MOST_ROWS => {
                    reservations.push(vec![get("name"), get("mac").to_lowercase(), get("ip")]);
                }
                "dnsmasq" => {
                    forwards.extend(
                        get("server").split(' ').filter(|s| !s.is_empty()).map(str::to_owned),
                    );
                }
                _ => {}
            }
        }
        report.learn(keys::POOLS, pools);
        report.learn(keys::RESERVATIONS, reservations);
        report.learn(keys::FORWARDS, forwards);
        Ok(())
    },
);

/// A value without its quotes; several are parted by spaces.
fn bare(value: &str) -> String {
    value.trim().replace('\'', "")
}

pub(super) const BOUND: Section =
    section("bound", "netstat", "t netstat -lnu", &[keys::DHCP_BOUND.info], |answer, report| {
        let bound = answer
            .ok()?
            .lines()
            .any(|line| line.split_whitespace().nth(3).is_some_and(|local| local.ends_with(":67")));
        report.learn(keys::DHCP_BOUND, yes_or_no(bound));
        Ok(())
    });

pub(super) const LEASES: Section = section(
    "leases",
    "cat",
    "[ ! -e /tmp/dhcp.leases ] || f /tmp/dhcp.leases",
    &[keys::LEASES.info],
    |answer, report| {
        let mut table = Table::new(&["mac", "address", "name", "expires"]);
        for line in answer.ok()?.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [expires, mac, address, name, ..] = words.as_slice()
                && mac.contains(':')
                && address.contains('.')
                && table.rows.len() < 4 * MOST_ROWS
            {
                table
                    .push([&mac.to_lowercase(), *address, *name, *expires].map(printable).to_vec());
            }
        }
        report.learn(keys::LEASES, table);
        Ok(())
    },
);
