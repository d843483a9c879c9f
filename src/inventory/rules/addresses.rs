//! V-IP and V-MAC: who uses which address.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::findings::Findings;
use super::forms;
use super::reading::At;
use super::view::{Named, View, text};
use crate::domain::Place;

/// One use of an address.
struct Use {
    ip: IpAddr,
    owner: String,
    what: String,
    place: Place,
    port: Option<String>,
}

impl Use {
    fn new(ip: IpAddr, owner: &str, what: String, place: &Place) -> Use {
        Use { ip, owner: owner.to_lowercase(), what, place: place.clone(), port: None }
    }
}

fn uses(view: &View<'_>) -> Vec<Use> {
    let mut out = Vec::new();
    let controller_mac = view.controller_mac();
    let controller = view.members("hedgehog_control").first().map(|member| member.name.as_str());
    for lease in view.leases() {
        let (Some(ip), Some(place)) = (lease.ip, lease.at.get("ip").map(|at| at.place())) else {
            continue;
        };
        // The fabric controller's lease is the controller, whatever it is called.
        let is_controller = lease.mac.is_some() && lease.mac == controller_mac.as_deref();
        let owner = controller.filter(|_| is_controller).unwrap_or(lease.name);
        out.push(Use::new(ip, owner, format!("the lease of {}", lease.name), place));
    }
    for host in &view.case.inventory.hosts {
        let Some(vars) = view.case.inventory.host_vars(&host.name) else { continue };
        let said = At::of(&vars, "ansible_host");
        let address = said.and_then(|at| at.ip().known()).or_else(|| host.name.parse().ok());
        let Some(ip) = address else { continue };
        let what = format!("the host {}", host.name);
        let place = said.map_or(&host.declared, |at| at.place());
        let mut one = Use::new(ip, &host.name, what, place);
        one.port = text_of(&vars, "ansible_port");
        out.push(one);
    }
    for server in view.servers() {
        if let Some(at) = server.at.get("storage_ip")
            && let Some(ip) = at.ip().known()
        {
            let what = format!("storage_ip of {}", server.name);
            out.push(Use::new(ip, &what, what.clone(), at.place()));
        }
    }
    for (key, switch) in view.switches() {
        for part in ["ip", "protocol_ip", "vtep_ip"] {
            if let Some(at) = switch.get(part)
                && let Some(ip) = at.ip().known()
            {
                let name = text(switch, "name").unwrap_or_else(|| key.to_owned());
                let what = format!("{part} of {name}");
                out.push(Use::new(ip, &what, what.clone(), at.place()));
            }
        }
    }
    for overrides in view.values("openwrt_routers", "openwrt_dhcp_hostoverrides") {
        for entry in overrides.items() {
            let name = text(entry, "name").unwrap_or_default();
            let is_virtual = name.to_lowercase().contains("vip");
            if let Some(at) = entry.get("ip").filter(|_| is_virtual)
                && let Some(ip) = at.ip().known()
            {
                out.push(Use::new(ip, &name, format!("the virtual address {name}"), at.place()));
            }
        }
    }
    out
}

fn text_of(vars: &crate::inventory::Vars, name: &str) -> Option<String> {
    At::of(vars, name).and_then(|at| at.text().known())
}

fn same_machine(one: &Use, other: &Use) -> bool {
    let label = |name: &str| match name.parse::<IpAddr>() {
        Ok(_) => name.to_owned(),
        Err(_) => name.split('.').next().unwrap_or(name).to_owned(),
    };
    label(&one.owner) == label(&other.owner)
        || (one.port.is_some() && other.port.is_some() && one.port != other.port)
}

/// V-IP-01: addresses are unique, and each is an address of a host in its network.
pub fn addresses_are_unique(view: &View<'_>, out: &mut Findings<'_>) {
    let mut by_ip: BTreeMap<IpAddr, Use> = BTreeMap::new();
    for one in uses(view) {
        // Loopback itself is everybody's own.
        if one.ip == IpAddr::V4(Ipv4Addr::LOCALHOST) || one.ip.to_string() == "::1" {
            continue;
        }
        match by_ip.get(&one.ip) {
            Some(first) if !same_machine(first, &one) => {
                let sentence = format!("{} belongs to {} and to {}", one.ip, first.what, one.what);
                let hint = format!(
                    "the other one is at {}; give one of them another address",
                    first.place
                );
                out.broken(&one.place, sentence, &hint);
            }
            Some(_) => {}
            None => {
                by_ip.insert(one.ip, one);
            }
        }
    }
    judge_storage(view, out);
    judge_edges(view, out);
}

/// storage_ip of every server lies in the storage network.
fn judge_storage(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(at) = view.site("ceph.public_network") else { return };
    let Some(net) = out.read(at, at.net(), "ceph.public_network") else { return };
    for server in view.servers() {
        // Those of monitors are V-CEPH-03's.
        if server.role.as_deref() == Some("storage") {
            continue;
        }
        if let Some(at) = server.at.get("storage_ip")
            && let Some(ip) = at.ip().known()
            && !net.contains(&ip)
        {
            let sentence =
                format!("storage_ip of {} is {ip}, outside ceph.public_network {net}", server.name);
            out.broken(at.place(), sentence, "give it an address of the storage network");
        }
    }
}

/// No lease has the address of a network itself or its broadcast address.
fn judge_edges(view: &View<'_>, out: &mut Findings<'_>) {
    let mut edges: BTreeMap<IpAddr, IpNet> = BTreeMap::new();
    for (_, interface) in view.interfaces() {
        for (net, _) in View::interface_networks(interface) {
            if matches!(net, IpNet::V4(_)) && net.prefix_len() < 31 {
                edges.insert(net.network(), net.trunc());
                edges.insert(net.broadcast(), net.trunc());
            }
        }
    }
    for lease in view.leases() {
        if let (Some(ip), Some(at)) = (lease.ip, lease.at.get("ip"))
            && let Some(net) = edges.get(&ip)
        {
            let sentence = format!("{ip} of {} is no host's address in {net}", lease.name);
            out.broken(at.place(), sentence, "network and broadcast addresses belong to nobody");
        }
    }
}

/// V-IP-02: static addresses lie outside the dynamic pool of their interface.
pub fn static_addresses_lie_outside_pools(view: &View<'_>, out: &mut Findings<'_>) {
    let interfaces: BTreeMap<&str, At<'_>> = view.interfaces().into_iter().collect();
    let mut ranges: Vec<(u32, u32, String)> = Vec::new();
    for pool in
        view.values("openwrt_routers", "openwrt_dhcp_poolshost").into_iter().flat_map(At::items)
    {
        let flag = |key: &str, usual: &str| text(pool, key).unwrap_or_else(|| usual.to_owned());
        if flag("ignore", "0") == "1" || flag("dynamicdhcp", "1") == "0" {
            continue;
        }
        let Some(name) = text(pool, "interface") else { continue };
        let start = pool.get("start").and_then(|at| at.int().known());
        let end = pool.get("end").and_then(|at| at.int().known());
        let (Some(start), Some(end)) = (start, end) else { continue };
        let Some(interface) = interfaces.get(name.as_str()) else {
            let sentence = format!(
                "the network of the pool on {name} is not in this file, so its range is not known"
            );
            let hint = "add the interface with its address to openwrt_network_interfaceshost to have it judged";
            out.unknown(
                pool.place(),
                crate::domain::CauseWord::from_word("not-said"),
                sentence,
                hint,
            );
            continue;
        };
        for (net, _) in View::interface_networks(*interface) {
            if let IpNet::V4(net) = net {
                let base = i64::from(u32::from(net.network()));
                if let (Ok(low), Ok(high)) =
                    (u32::try_from(base + start), u32::try_from(base + end))
                {
                    ranges.push((low, high, name.clone()));
                }
            }
        }
    }
    for one in uses(view) {
        let IpAddr::V4(ip) = one.ip else { continue };
        let number = u32::from(ip);
        if let Some((low, high, name)) =
            ranges.iter().find(|(low, high, _)| (*low..=*high).contains(&number))
        {
            let sentence = format!(
                "{ip} of {} lies in the dynamic pool of {name}, {} to {}",
                one.what,
                Ipv4Addr::from(*low),
                Ipv4Addr::from(*high)
            );
            out.broken(&one.place, sentence, "move it out of the pool, or the pool away from it");
        }
    }
}

/// V-IP-03: the site's networks do not overlap.
///
/// The networks of the fabric may lie in one another; the public network may be
/// on an interface of the router.
pub fn networks_do_not_overlap(view: &View<'_>, out: &mut Findings<'_>) {
    let mut networks = view.networks();
    networks.sort_by_key(|named| (named.net.network(), named.net.prefix_len()));
    let mut widest: Option<Named> = None;
    for named in networks {
        if let Some(before) = &widest {
            let is_one = before.name == named.name
                || (before.net == named.net && (before.name == "public" || named.name == "public"));
            if before.net.contains(&named.net.network()) && !is_one {
                let sentence = format!(
                    "the {} network {} overlaps the {} network {}",
                    named.name, named.net, before.name, before.net
                );
                let hint = format!("the other one is at {}", before.place);
                out.broken(&named.place, sentence, &hint);
            }
            if before.net.broadcast() >= named.net.broadcast()
                && before.net.network().is_ipv4() == named.net.network().is_ipv4()
            {
                continue;
            }
        }
        widest = Some(named);
    }
}

/// V-MAC-01: hardware addresses are well-formed, unicast and unique.
pub fn hardware_addresses_are_unique(view: &View<'_>, out: &mut Findings<'_>) {
    let mut found: Vec<(String, At<'_>)> = Vec::new();
    for lease in view.leases() {
        found.extend(lease.at.get("mac").map(|at| (format!("the lease of {}", lease.name), at)));
    }
    for (key, switch) in view.switches() {
        found.extend(switch.at("boot.mac").map(|at| (format!("the switch {key}"), at)));
    }
    let from_lease = found.len();
    for at in view.values("hedgehog_host", "hedgehog.vm_mac") {
        found.push(("hedgehog.vm_mac".to_owned(), at));
    }
    for networks in view.values("hedgehog_host", "hedgehog.networks") {
        for network in networks.items() {
            found.extend(network.at("mac.address").map(|at| ("hedgehog.networks".to_owned(), at)));
        }
    }
    let mut by_mac: BTreeMap<[u8; 6], (String, &Place)> = BTreeMap::new();
    for (index, (owner, at)) in found.iter().enumerate() {
        let Some(said) = out.read(*at, at.text(), owner) else { continue };
        let Some(octets) = forms::mac(said.trim()) else {
            let sentence = format!("{said:?} of {owner} is not a MAC address");
            out.broken(
                at.place(),
                sentence,
                "write six octets in hexadecimal with colons, in quotes",
            );
            continue;
        };
        if octets[0] & 1 == 1 {
            let sentence = format!("{said} of {owner} is a multicast address");
            out.broken(at.place(), sentence, "the first octet of a machine's address is even");
        }
        // The controller's address stands in its lease as well (V-HH-01).
        let is_controller = index >= from_lease;
        match by_mac.get(&octets) {
            Some((first, place)) if !(is_controller && first.starts_with("the lease")) => {
                let sentence = format!("{said} belongs to {first} and to {owner}");
                out.broken(at.place(), sentence, &format!("the other one is at {place}"));
            }
            Some(_) => {}
            None => {
                by_mac.insert(octets, (owner.clone(), at.place()));
            }
        }
    }
}
