//! WireGuard: operators' tunnels and tenants' VPN servers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::services as keys;
use crate::domain::keys::services::{peers, survey, vpn};
use crate::domain::untrusted::printable;
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble, json_text, lines};
use crate::probes::platform::json::{documents, items, text};
use crate::probes::platform::kubernetes::well;

pub(super) fn operator_peers(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    report.learn(peers::OPERATORS, lines(well(answer)?).collect());
    Ok(())
}

/// `wg show all dump` with tabs; keys that are not public are blanked on the
/// host and skipped here, whatever stands there.
pub(super) fn tunnel(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut found = Table::new(&["interface", "peer", "handshake", "received", "sent"]);
    for line in well(answer)?.lines().filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields.as_slice() {
            [interface, peer, _psk, _endpoint, _allowed, handshake, received, sent, _keepalive]
                if found.rows.len() < MOST_ROWS =>
            {
                let row = [interface, peer, handshake, received, sent];
                found.push(row.into_iter().map(|cell| printable(cell)).collect());
            }
            [_, _, _, _, _, _, _, _, _] | [_, _, _, _, _] => {}
            _ => return Err(Trouble::Format("wg's dump")),
        }
    }
    report.learn(keys::OPERATOR_TUNNEL, found);
    Ok(())
}

/// For each size a line `@size HOST BYTES STATUS`, status 0 when it passes.
pub(super) fn path_sizes(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    if answer.status == 127 {
        return Err(Trouble::Status);
    }
    let mut found = Table::new(&["host", "size", "passes"]);
    for line in lines(answer.stdout) {
        let Some(rest) = line.strip_prefix("@size ") else { continue };
        let words: Vec<&str> = rest.split(' ').collect();
        if let [host, size, status] = words.as_slice() {
            let passes = if *status == "0" { "yes" } else { "no" };
            found.push(vec![(*host).to_owned(), (*size).to_owned(), passes.to_owned()]);
        }
    }
    if found.rows.is_empty() {
        return Err(Trouble::Format("sizes of packets"));
    }
    report.learn(survey::PATH_SIZES, found);
    Ok(())
}

/// Addresses come as a mapping of networks, or in old clients as
/// `NET=ADDRESS, ADDRESS; NET=ADDRESS`.
fn addresses(networks: Option<&Value>) -> String {
    let all: Vec<String> = match networks {
        Some(Value::Object(map)) => {
            let lists = map.values().filter_map(Value::as_array).flatten();
            lists.map(|one| json_text(Some(one))).collect()
        }
        Some(Value::String(text)) => text
            .split(';')
            .filter_map(|part| part.split_once('=').map(|(_, list)| list))
            .flat_map(|list| list.split(','))
            .map(|one| printable(one.trim()))
            .collect(),
        _ => Vec::new(),
    };
    all.join(" ")
}

pub(super) fn servers(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = items(well(answer)?, "a list of servers")?;
    let mut found = Table::new(&["id", "name", "status", "project", "addresses"]);
    for one in all.iter().take(MOST_ROWS) {
        let project = match text(one, "Project ID") {
            empty if empty.is_empty() => text(one, "Project"),
            project => project,
        };
        found.push(vec![
            text(one, "ID"),
            text(one, "Name"),
            text(one, "Status"),
            project,
            addresses(one.get("Networks")),
        ]);
    }
    report.learn(vpn::SERVERS, found);
    Ok(())
}

/// For each server a line `@server ADDRESS STATUS` (that of ssh), then what it
/// printed: the agent's state, `env`, and the interface's handshakes.
pub(super) fn agents(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    if answer.status != 0 {
        return Err(Trouble::Status);
    }
    let mut found = Table::new(&["address", "agent", "environment", "peers"]);
    for block in answer.stdout.split("@server ").skip(1).take(MOST_ROWS) {
        let (head, rest) = block.split_once('\n').unwrap_or((block, ""));
        let (address, status) = head.trim().split_once(' ').unwrap_or((head.trim(), "0"));
        let said: Vec<String> = lines(rest).collect();
        let agent = match status {
            "255" => "unreachable".to_owned(),
            _ => said.first().cloned().unwrap_or_default(),
        };
        let environment = said.iter().any(|line| line == "env");
        let peers = said.iter().filter(|line| line.contains("=\t") || line.contains("= ")).count();
        found.push(vec![
            printable(address),
            agent,
            if environment { "yes" } else { "no" }.to_owned(),
            peers.to_string(),
        ]);
    }
    report.learn(vpn::AGENTS, found);
    Ok(())
}

/// The secrets' list, then for each tenant a line `@tenant ID STATUS`, status 0
/// when the object with its users is there.
pub(super) fn tenant_keys(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    const KEY: &str = "vpn-private-key-";
    let text_of = well(answer)?;
    let (secrets, rest) = match text_of.split_once("@tenant ") {
        Some((secrets, rest)) => (secrets, Some(rest)),
        None => (text_of, None),
    };
    let mut tenants: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for document in documents(secrets, "a list of secrets")? {
        let list = document.as_array().ok_or(Trouble::Format("a list of secrets"))?;
        for name in list.iter().map(|one| text(one, "Name")) {
            if let Some(tenant) = name.strip_prefix(KEY) {
                tenants.entry(tenant.to_owned()).or_default().0 += 1;
            }
        }
    }
    for block in rest.into_iter().flat_map(|rest| rest.split("@tenant ")) {
        let line = block.lines().next().unwrap_or_default().trim();
        let (tenant, status) = line.split_once(' ').unwrap_or((line, ""));
        tenants.entry(printable(tenant)).or_default().1 = status == "0";
    }
    let mut found = Table::new(&["tenant", "secrets", "users"]);
    for (tenant, (secrets, users)) in tenants.into_iter().take(MOST_ROWS) {
        let users = if users { "yes" } else { "no" };
        found.push(vec![tenant, secrets.to_string(), users.to_owned()]);
    }
    report.learn(vpn::TENANT_KEYS, found);
    Ok(())
}
