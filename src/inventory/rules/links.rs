//! V-FAB-05 to 09: connections and their links.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::findings::Findings;
use super::reading::At;
use super::view::{View, text};
use crate::domain::Place;

/// The kinds of connections.
pub const KINDS: [&str; 5] = [
    "hedgehog_unbundled_connections",
    "hedgehog_bundled_connections",
    "hedgehog_eslag_connections",
    "hedgehog_fabric_connections",
    "hedgehog_mesh_connections",
];

/// Connections of one kind, by a list or by keys.
fn connections<'v>(view: &'v View<'_>, kind: &str) -> Vec<At<'v>> {
    view.values("hedgehog_control", kind).into_iter().flat_map(At::each).collect()
}

fn name_of(connection: At<'_>) -> String {
    text(connection, "name").unwrap_or_else(|| "a connection".to_owned())
}

fn links(connection: At<'_>) -> impl Iterator<Item = At<'_>> {
    connection.get("links").into_iter().flat_map(At::items)
}

/// V-FAB-05: a bundle stays on one switch.
pub fn bundles_stay_on_one_switch(view: &View<'_>, out: &mut Findings<'_>) {
    for connection in connections(view, "hedgehog_bundled_connections") {
        let mut first: Option<String> = None;
        for link in links(connection) {
            let Some(at) = link.get("switch") else { continue };
            let Some(switch) = out.text(Some(at), "a link's switch") else { continue };
            match &first {
                Some(other) if *other != switch => {
                    let sentence =
                        format!("{} has links on {other} and on {switch}", name_of(connection));
                    out.broken(
                        at.place(),
                        sentence,
                        "a bundle stays on one switch; across two it is an ESLAG connection",
                    );
                }
                Some(_) => {}
                None => first = Some(switch),
            }
        }
    }
}

/// V-FAB-06: an ESLAG connection has 2 to 4 links on different switches of one eslag group.
pub fn eslag_spans_its_group(view: &View<'_>, out: &mut Findings<'_>) {
    let mut groups: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (key, switch) in view.switches() {
        let name = text(switch, "name").unwrap_or_else(|| key.to_owned());
        let redundancy = switch.get("redundancy");
        let is_eslag = redundancy.is_some_and(|at| text(at, "type").as_deref() == Some("eslag"));
        let group = redundancy.filter(|_| is_eslag).and_then(|at| text(at, "group"));
        groups.insert(name, group);
    }
    for connection in connections(view, "hedgehog_eslag_connections") {
        let name = name_of(connection);
        let count = links(connection).count();
        if !(2..=4).contains(&count) {
            out.broken(
                connection.place(),
                format!("{name} has {count} links, 2 to 4 are possible"),
                "one on each switch of the group",
            );
        }
        let mut used = BTreeSet::new();
        let mut group: Option<String> = None;
        for link in links(connection) {
            let Some(at) = link.get("switch") else { continue };
            let Some(switch) = out.text(Some(at), "a link's switch") else { continue };
            if !used.insert(switch.clone()) {
                let sentence = format!("{name} has two links on {switch}");
                out.broken(at.place(), sentence, "each link is on another switch of the group");
                continue;
            }
            // A switch that does not exist is V-REF-01's business.
            let Some(own) = groups.get(&switch) else { continue };
            match (&group, own) {
                (_, None) => {
                    let sentence = format!("{switch} of {name} is in no eslag group");
                    out.broken(
                        at.place(),
                        sentence,
                        "set redundancy.group and type eslag of the switch",
                    );
                }
                (Some(first), Some(own)) if first != own => {
                    let sentence = format!("{name} spans the groups {first} and {own}");
                    out.broken(at.place(), sentence, "keep to the switches of one group");
                }
                (None, Some(own)) => group = Some(own.clone()),
                _ => {}
            }
        }
    }
}

/// Both ends of each fabric and mesh link.
fn pairs<'v>(view: &'v View<'_>) -> Vec<(String, At<'v>, At<'v>)> {
    let kinds = [
        ("hedgehog_fabric_connections", "leaf", "spine"),
        ("hedgehog_mesh_connections", "leaf1", "leaf2"),
    ];
    let mut out = Vec::new();
    for (kind, one, other) in kinds {
        for connection in connections(view, kind) {
            for link in links(connection) {
                if let (Some(one), Some(other)) = (link.get(one), link.get(other)) {
                    out.push((name_of(connection), one, other));
                }
            }
        }
    }
    out
}

/// V-FAB-07: the ends of a link are the two addresses of one /31, used once.
pub fn link_addresses_pair(view: &View<'_>, out: &mut Findings<'_>) {
    const HINT: &str = "take a free /31: the even address for one end, the next for the other";
    let mut used: BTreeMap<IpNet, &Place> = BTreeMap::new();
    for (name, one, other) in pairs(view) {
        let (Some(at), Some(far)) = (one.get("ip"), other.get("ip")) else {
            out.broken(one.place(), format!("a link of {name} lacks an address"), HINT);
            continue;
        };
        let near_net = out.read(at, at.net(), "a link's address");
        let far_net = out.read(far, far.net(), "a link's address");
        let (Some(near_net), Some(far_net)) = (near_net, far_net) else { continue };
        if near_net.prefix_len() != 31
            || near_net.trunc() != far_net.trunc()
            || near_net.addr() == far_net.addr()
        {
            let sentence =
                format!("{near_net} and {far_net} of {name} are not the two addresses of one /31");
            out.broken(far.place(), sentence, HINT);
        } else if let Some(first) = used.insert(near_net.trunc(), at.place()) {
            let sentence = format!("{} of {name} is used by another link", near_net.trunc());
            out.broken(at.place(), sentence, &format!("the other one is at {first}"));
        }
    }
}

/// V-FAB-08: a port carries one connection; names are unique over all kinds.
pub fn ports_are_used_once(view: &View<'_>, out: &mut Findings<'_>) {
    let mut names: BTreeMap<String, &Place> = BTreeMap::new();
    let mut ports: BTreeMap<(String, String), (String, &Place)> = BTreeMap::new();
    for kind in KINDS {
        for connection in connections(view, kind) {
            let name = name_of(connection);
            if let Some(at) = connection.get("name")
                && let Some(first) = names.insert(name.clone(), at.place())
            {
                let sentence = format!("two connections are called {name}");
                out.broken(at.place(), sentence, &format!("the other one is at {first}"));
            }
            let mut ends: Vec<At<'_>> = Vec::new();
            if connection.get("switch").is_some() {
                ends.push(connection);
            }
            for link in links(connection) {
                ends.push(link);
                ends.extend(
                    ["leaf", "spine", "leaf1", "leaf2"].into_iter().filter_map(|end| link.get(end)),
                );
            }
            for end in ends {
                let port = end.get("switch_port").or_else(|| end.get("port"));
                let (Some(switch), Some(at)) = (text(end, "switch"), port) else { continue };
                let Some(port) = out.text(Some(at), "a port") else { continue };
                let key = (switch.clone(), port.clone());
                match ports.get(&key) {
                    Some((first, place)) => {
                        let sentence =
                            format!("{port} of {switch} is used by {first} and by {name}");
                        out.broken(at.place(), sentence, &format!("the other one is at {place}"));
                    }
                    None => {
                        ports.insert(key, (name.clone(), at.place()));
                    }
                }
            }
        }
    }
}

/// V-FAB-09: every server is connected, and network boot finds a leg that works alone.
pub fn every_server_is_connected(view: &View<'_>, out: &mut Findings<'_>) {
    if view.members("hedgehog_control").is_empty() {
        return;
    }
    let mut connected = BTreeSet::new();
    for kind in [
        "hedgehog_unbundled_connections",
        "hedgehog_bundled_connections",
        "hedgehog_eslag_connections",
    ] {
        for connection in connections(view, kind) {
            connected.extend(text(connection, "server"));
            connected.extend(links(connection).filter_map(|link| text(link, "server")));
            if let Some(at) = connection.get("fallback")
                && out.read(at, at.bool(), "fallback") == Some(false)
            {
                let sentence = format!("fallback of {} is off", name_of(connection));
                out.broken(at.place(), sentence, "network boot does not speak LACP; leave it on for machines that are installed so");
            }
        }
    }
    for server in view.servers() {
        if !connected.contains(server.name) {
            let sentence = format!("{} appears in no connection", server.name);
            out.broken(server.at.place(), sentence, "add its legs, if it has a card in the fabric");
        }
    }
}
