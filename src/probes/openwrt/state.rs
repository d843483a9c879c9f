//! Clock, services, tunnels, log, mounts of the router VM.

use serde_json::Value;

use super::section;
use crate::domain::Stamp;
use crate::domain::fact::Table;
use crate::domain::keys::openwrt as keys;
use crate::domain::keys::openwrt::survey;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, Trouble};
use crate::probes::hosts::parse::{MOST_ROWS, first_line, json_text, lines, yes_or_no};

pub(super) const CLOCK: Section =
    section("clock", "date", "date +%s", &[keys::CLOCK.info], |answer, report| {
        let seconds = answer.ok()?.trim().parse().map_err(|_| Trouble::Format("a time"))?;
        report.learn(keys::CLOCK, Stamp::from_seconds(seconds));
        Ok(())
    });

pub(super) const SERVICES: Section = section(
    "services",
    "ubus",
    "t ubus call service list",
    &[keys::SERVICES.info],
    |answer, report| {
        let list = answer.json("a list of services")?;
        let services = list.as_object().ok_or(Trouble::Format("a list of services"))?;
        let mut table = Table::new(&["service", "running"]);
        for (name, service) in services.iter().take(MOST_ROWS) {
            let instances = service.get("instances").and_then(Value::as_object);
            let runs = instances.is_some_and(|instances| {
                instances
                    .values()
                    .any(|one| one.get("running").and_then(Value::as_bool) == Some(true))
            });
            table.push(vec![printable(name), yes_or_no(runs).0]);
        }
        report.learn(keys::SERVICES, table);
        Ok(())
    },
);

pub(super) const WIREGUARD: Section = section(
    "wireguard",
    "wg",
    include_str!("../../../assets/probes/openwrt/wireguard.sh"),
    &[keys::TUNNELS.info, keys::PEERS.info],
    |answer, report| {
        let mut tunnels = Vec::new();
        let mut peers = Table::new(&["interface", "key", "endpoint", "handshake"]);
        for line in answer.ok()?.lines() {
            // The second field of an interface is its private key, the third
            // of a peer the preshared one: neither is looked at.
            match line.split('\t').collect::<Vec<_>>().as_slice() {
                [interface, _, _, _, _] => tunnels.push(printable(interface)),
                [interface, key, _, endpoint, _, handshake, ..] if peers.rows.len() < MOST_ROWS => {
                    let cells = [interface, key, endpoint, handshake];
                    peers.push(cells.map(|cell| printable(cell)).to_vec());
                }
                _ => {}
            }
        }
        report.learn(keys::TUNNELS, tunnels);
        report.learn(keys::PEERS, peers);
        Ok(())
    },
);

/// How the log writes its times.
const TIME: &str = "%a %b %d %H:%M:%S %Y";

fn seconds(text: &str) -> Option<i64> {
    let words: Vec<&str> = text.split_whitespace().take(5).collect();
    let at = jiff::civil::DateTime::strptime(TIME, words.join(" ")).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

pub(super) const LOG: Section = section(
    "log",
    "logread",
    "LC_ALL=C date '+%a %b %d %H:%M:%S %Y' && t logread -l 400",
    &[keys::LOG_ERRORS.info, keys::LOG_LAST.info],
    |answer, report| {
        let mut said = answer.ok()?.lines();
        // Both times are of the router's own zone.
        let now = said.next().and_then(seconds).ok_or(Trouble::Format("a time"))?;
        let is_error = |line: &&str| line.contains("daemon.err ") || line.contains("kern.err ");
        let is_recent = |line: &&str| seconds(line).is_some_and(|at| now - at <= 600);
        let errors: Vec<&str> = said.filter(is_error).filter(is_recent).collect();
        let last = errors.iter().skip(errors.len().saturating_sub(3));
        let short = |line: &&str| first_line(line).chars().take(300).collect();
        report.learn(keys::LOG_LAST, last.map(short).collect());
        report.learn(keys::LOG_ERRORS, errors.len() as f64);
        Ok(())
    },
);

pub(super) const SHARE: Section = section(
    "share",
    "ls",
    "grep ' 9p ' /proc/mounts; ls -l /tftp 2>&1; ls -d /tftp/ >/dev/null 2>&1 && echo resolves; true",
    &[survey::SHARE.info, survey::TFTP.info],
    |answer, report| {
        let text = answer.ok()?;
        let all: Vec<String> = lines(text).collect();
        let is_mounted = all.iter().any(|line| line.split(' ').nth(2) == Some("9p"));
        let link = all.iter().find_map(|line| line.split_once("/tftp -> "));
        let resolves = all.iter().any(|line| line == "resolves");
        report.learn(survey::SHARE, yes_or_no(is_mounted));
        let leads = link.map_or(String::new(), |(_, to)| to.to_owned());
        let leads = if leads.is_empty() && resolves { "/tftp".to_owned() } else { leads };
        report.learn(survey::TFTP, leads);
        Ok(())
    },
);

pub(super) const DUMMY: Section =
    section("dummy", "ip", "t ip -j addr show vbgp", &[survey::DUMMY.info], |answer, report| {
        let mut table = Table::new(&["name", "up", "addresses"]);
        if answer.stderr.contains("does not exist") || answer.stderr.contains("an't find device") {
            // That there is none is what it says.
            report.learn(survey::DUMMY, table);
            return Ok(());
        }
        let list = answer.json("an interface")?;
        for link in list.as_array().into_iter().flatten() {
            let flags = link.get("flags").and_then(Value::as_array);
            let is_up = flags.into_iter().flatten().any(|flag| flag.as_str() == Some("UP"));
            let addresses = link.get("addr_info").and_then(Value::as_array);
            let addresses: Vec<String> = addresses
                .into_iter()
                .flatten()
                .map(|one| {
                    format!("{}/{}", json_text(one.get("local")), json_text(one.get("prefixlen")))
                })
                .collect();
            let name = json_text(link.get("ifname"));
            table.push(vec![name, yes_or_no(is_up).0, addresses.join(" ")]);
        }
        report.learn(survey::DUMMY, table);
        Ok(())
    });
