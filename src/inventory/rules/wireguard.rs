//! V-WG, V-BAN and V-IPL: who may come in.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::findings::Findings;
use super::reading::At;
use super::view::{Member, View, list_or_one, text};
use crate::domain::Place;

fn tunnels(router: &Member) -> BTreeMap<&str, At<'_>> {
    router
        .at("openwrt_network_interfaceshost")
        .into_iter()
        .flat_map(At::entries)
        .filter(|(_, interface)| text(*interface, "proto").as_deref() == Some("wireguard"))
        .collect()
}

/// V-WG-01: each peer belongs to a WireGuard interface.
pub fn peers_have_an_interface(view: &View<'_>, out: &mut Findings<'_>) {
    for router in view.members("openwrt_routers") {
        let tunnels = tunnels(router);
        for (peer, entry) in
            router.at("openwrt_network_wireguardpeers").into_iter().flat_map(At::entries)
        {
            let Some(at) = entry.get("interface") else { continue };
            let Some(name) = out.text(Some(at), "a peer's interface") else { continue };
            if !tunnels.contains_key(name.as_str()) {
                let sentence =
                    format!("the peer {peer} is on {name}, which is no WireGuard interface");
                out.broken(at.place(), sentence, "name an interface with proto: wireguard");
            }
        }
    }
}

/// V-WG-02: peers of one interface do not share addresses; operators have one in the tunnel's network.
pub fn peers_do_not_overlap(view: &View<'_>, out: &mut Findings<'_>) {
    for router in view.members("openwrt_routers") {
        let tunnels = tunnels(router);
        let mut by_interface: BTreeMap<String, Vec<(IpNet, String, &Place)>> = BTreeMap::new();
        for (peer, entry) in
            router.at("openwrt_network_wireguardpeers").into_iter().flat_map(At::entries)
        {
            let Some(name) = text(entry, "interface") else { continue };
            let is_operator = entry.get("endpoint_host").is_none_or(At::is_empty);
            let own = tunnels
                .get(name.as_str())
                .map(|at| View::interface_networks(*at))
                .unwrap_or_default();
            for at in entry.get("allowed_ips").into_iter().flat_map(list_or_one) {
                let Some(net) = out.read(at, at.net(), "an address of allowed_ips") else {
                    continue;
                };
                let used = by_interface.entry(name.clone()).or_default();
                used.push((net.trunc(), peer.to_owned(), at.place()));
                if is_operator {
                    judge_operator(peer, net, &own, at, out);
                }
            }
        }
        for nets in by_interface.values_mut() {
            judge_overlap(nets, out);
        }
    }
}

fn judge_operator(
    peer: &str,
    net: IpNet,
    own: &[(IpNet, Place)],
    at: At<'_>,
    out: &mut Findings<'_>,
) {
    let Some((network, _)) = own.first() else { return };
    if !own.iter().any(|(tunnel, _)| tunnel.contains(&net)) {
        let sentence =
            format!("{net} of {peer} is outside the tunnel's network {}", network.trunc());
        out.broken(
            at.place(),
            sentence,
            "give the operator a free address of the tunnel's network",
        );
    } else if own.iter().any(|(tunnel, _)| net.contains(&tunnel.addr())) {
        let sentence = format!("{net} of {peer} holds the router's own address");
        out.broken(at.place(), sentence, "give the operator another address");
    }
}

fn judge_overlap(nets: &mut [(IpNet, String, &Place)], out: &mut Findings<'_>) {
    nets.sort_by_key(|(net, _, place)| {
        (net.network(), net.prefix_len(), (place.line, place.column))
    });
    let mut widest: Option<&(IpNet, String, &Place)> = None;
    for entry in nets.iter() {
        if let Some(before) = widest
            && before.0.contains(&entry.0.network())
        {
            if before.1 != entry.1 {
                let (later, earlier) =
                    if entry.2 > before.2 { (entry, before) } else { (before, entry) };
                let sentence =
                    format!("{} of {} overlaps {} of {}", later.0, later.1, earlier.0, earlier.1);
                out.broken(
                    later.2,
                    sentence,
                    "packets find one peer only; give each its own addresses",
                );
            }
            continue;
        }
        widest = Some(entry);
    }
}

/// V-WG-03: the firewall's blocking lets every tunnel's port through.
pub fn ports_are_allowed(view: &View<'_>, out: &mut Findings<'_>) {
    for router in view.members("openwrt_routers") {
        if router.at("banip_feeds").is_none() {
            continue;
        }
        let flag = router.at("banip_allowflag");
        let said = match flag {
            Some(at) => match out.text(Some(at), "banip_allowflag") {
                Some(said) => said,
                None => continue,
            },
            None => "udp 51820".to_owned(),
        };
        for (name, tunnel) in tunnels(router) {
            let Some(at) = tunnel.get("wg_listen_port") else { continue };
            let Some(port) = out.read(at, at.int(), "wg_listen_port") else { continue };
            if !allows_udp(&said, port) {
                let sentence = format!("banip_allowflag does not name port {port} of {name}");
                let hint =
                    format!("write udp {port} into it, or a blocked country shuts the tunnel");
                out.broken(flag.unwrap_or(at).place(), sentence, &hint);
            }
        }
    }
}

/// Whether `tcp 80 443 udp 51820-51830` allows a UDP port.
fn allows_udp(flag: &str, port: i64) -> bool {
    let mut is_udp = false;
    flag.split(|c: char| c.is_whitespace() || c == ',').any(|word| {
        if word.chars().all(|c| c.is_ascii_alphabetic()) && !word.is_empty() {
            is_udp = word.eq_ignore_ascii_case("udp");
            return false;
        }
        let (low, high) = word.split_once('-').unwrap_or((word, word));
        match (low.parse::<i64>(), high.parse::<i64>()) {
            (Ok(low), Ok(high)) => is_udp && (low..=high).contains(&port),
            _ => false,
        }
    })
}

/// V-BAN-01: the allow-list covers every internal network.
pub fn internal_networks_are_allowed(view: &View<'_>, out: &mut Findings<'_>) {
    for router in view.members("openwrt_routers") {
        if router.at("banip_feeds").is_none() {
            continue;
        }
        let list = router.at("banip_allowlist_networks");
        let mut allowed: Vec<IpNet> = Vec::new();
        match list {
            Some(list) => {
                for at in list.items() {
                    allowed.extend(out.read(at, at.net(), "a network of banip_allowlist_networks"));
                }
            }
            None => allowed.extend(
                ["192.168.0.0/16", "10.0.0.0/8"].iter().filter_map(|net| net.parse::<IpNet>().ok()),
            ),
        }
        let place = list.map_or(&router.declared, |at| at.place());
        let mut missing: BTreeMap<String, String> = BTreeMap::new();
        for named in view.networks() {
            let covered = allowed.iter().any(|net| net.contains(&named.net));
            if is_private(&named.net) && !covered {
                missing.entry(named.name).or_insert_with(|| named.net.to_string());
            }
        }
        for (name, net) in missing {
            let sentence =
                format!("banip_allowlist_networks does not cover the {name} network {net}");
            out.broken(place, sentence, "add it; 172.16.0.0/12 is not in the default");
        }
    }
}

/// RFC 1918.
fn is_private(net: &IpNet) -> bool {
    matches!(net, IpNet::V4(net) if net.network().is_private())
}

/// V-IPL-01: some network is let in, and not all of them.
pub fn operators_may_come_in(view: &View<'_>, out: &mut Findings<'_>) {
    const FILE: &str = "iplists/operators";
    let Some(public) = view.site("bgp.public_subnet") else { return };
    let text = match view.case.facts.files.get(FILE) {
        Ok(Some(text)) => text,
        Ok(None) => {
            let sentence = format!("{FILE} is not there, so everything inbound is dropped");
            out.broken(public.place(), sentence, "write one network per line into it");
            return;
        }
        Err(cause) => {
            let sentence = format!("whether {FILE} lets anybody in is not known");
            out.unknown(
                public.place(),
                cause,
                sentence,
                "it belongs beside the inventory, one network per line",
            );
            return;
        }
    };
    let file = view.case.inventory.directory.join(FILE);
    let mut count = 0;
    for (index, line) in text.lines().enumerate() {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if entry.is_empty() {
            continue;
        }
        count += 1;
        let place =
            Place { file: file.clone(), line: u32::try_from(index + 1).unwrap_or(0), column: 1 };
        let net = entry
            .parse::<IpNet>()
            .ok()
            .or_else(|| entry.parse::<std::net::IpAddr>().ok().map(IpNet::from));
        match net {
            None => {
                let shown = crate::domain::untrusted::printable(entry);
                out.broken(
                    &place,
                    format!("{shown:?} is not a network"),
                    "write one network per line",
                );
            }
            Some(net) if net.prefix_len() == 0 => {
                out.broken(
                    &place,
                    format!("{net} lets everybody in"),
                    "name the networks of your operators",
                );
            }
            Some(_) => {}
        }
    }
    if count == 0 {
        let place = Place { file, line: 0, column: 0 };
        let sentence = format!("{FILE} names no network, so everything inbound is dropped");
        out.broken(&place, sentence, "write one network per line");
    }
}
