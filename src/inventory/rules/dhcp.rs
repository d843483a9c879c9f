//! V-LEASE, V-DHCP and V-VLAN: who gets an address, and on which network.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::findings::Findings;
use super::reading::{At, Reading};
use super::view::{View, list_or_one, text};
use crate::domain::CauseWord;

/// The VLANs of a site: frontend, provisioning, external (V-VLAN-01).
const AGREED: [(&str, i64); 3] = [("frontend", 101), ("provisioning", 102), ("external", 104)];

/// V-LEASE-01: every machine that needs an address has one.
pub fn every_machine_has_an_address(view: &View<'_>, out: &mut Findings<'_>) {
    const HINT: &str = "add a line to openwrt_dhcp_leases";
    let published: BTreeMap<&str, bool> =
        view.leases().map(|lease| (lease.name, lease.published)).collect();
    let hosts: BTreeSet<String> =
        view.case.inventory.hosts.iter().map(|host| host.name.to_lowercase()).collect();
    for server in view.servers() {
        let name = server.name.to_lowercase();
        if !published.contains_key(name.as_str()) && !hosts.contains(&name) {
            let sentence = format!("{} has neither a lease nor a static address", server.name);
            out.broken(server.at.place(), sentence, HINT);
        }
    }
    let mut overridden = BTreeSet::new();
    for list in view.values("openwrt_routers", "openwrt_dhcp_hostoverrides") {
        overridden
            .extend(list.items().filter_map(|entry| text(entry, "name")).map(|n| n.to_lowercase()));
    }
    let domain = view.internal_domain();
    for list in ["ipmi_targets", "snmp_targets"] {
        for target in view.site(list).into_iter().flat_map(At::items) {
            let Some(at) = target.get("host") else { continue };
            let Some(host) = out.text(Some(at), &format!("a host of {list}")) else { continue };
            let host = host.trim().to_lowercase();
            if host.parse::<IpAddr>().is_ok() || overridden.contains(&host) {
                continue;
            }
            let Some(label) = label_of(&host, domain.as_deref()) else {
                let sentence = format!(
                    "{host} is not a name of the internal domain, so its address is not in this file"
                );
                let hint = "whether it resolves shows only on the bastion";
                out.unknown(at.place(), CauseWord::from_word("not-asked"), sentence, hint);
                continue;
            };
            match published.get(label) {
                Some(true) => {}
                Some(false) => {
                    let sentence = format!("the lease of {label} does not publish its name");
                    out.broken(at.place(), sentence, "write dns: \"1\" in the lease");
                }
                None if overridden.contains(label) => {}
                None => {
                    let sentence = format!("{host} has neither a lease nor a static address");
                    out.broken(at.place(), sentence, HINT);
                }
            }
        }
    }
    let mac = view.controller_mac();
    let has_lease = view.leases().any(|lease| lease.mac.is_some() && lease.mac == mac.as_deref());
    let controllers = view.members("hedgehog_control");
    if !has_lease && !controllers.is_empty() && view.controller_addresses().is_empty() {
        let place = controllers.first().map_or_else(|| view.file(), |one| one.declared.clone());
        out.broken(
            &place,
            "the fabric controller VM has neither a lease nor a static address",
            HINT,
        );
    }
}

/// The lease's name behind a host name: the name itself, or what stands before the internal domain.
fn label_of<'h>(host: &'h str, domain: Option<&str>) -> Option<&'h str> {
    if !host.contains('.') {
        return Some(host);
    }
    host.strip_suffix(domain?)?.strip_suffix('.')
}

/// V-DHCP-01: every interface that carries leases has a pool that is not ignored.
pub fn interfaces_with_leases_have_a_pool(view: &View<'_>, out: &mut Findings<'_>) {
    let lists = view.values("openwrt_routers", "openwrt_dhcp_poolshost");
    let mut served = BTreeSet::new();
    for pool in lists.iter().copied().flat_map(At::items) {
        if text(pool, "ignore").as_deref() != Some("1")
            && let Some(interface) = text(pool, "interface")
        {
            served.insert(interface);
        }
    }
    if lists.is_empty() {
        served.insert("frontend".to_owned());
    }
    if view.members("openwrt_routers").is_empty() {
        return;
    }
    let place =
        lists.first().map_or_else(|| view.group_place("openwrt_routers"), |at| at.place().clone());
    if !served.contains("provisioning") {
        out.broken(
            &place,
            "provisioning has no DHCP pool that is switched on",
            "add a pool with interface: provisioning; network installation needs it",
        );
    }
    let mut networks = Vec::new();
    for (name, interface) in view.interfaces() {
        networks
            .extend(View::interface_networks(interface).into_iter().map(|(net, _)| (net, name)));
    }
    let mut reported = BTreeSet::new();
    for lease in view.leases() {
        let Some(ip) = lease.ip else { continue };
        let home = networks
            .iter()
            .filter(|(net, _)| net.contains(&ip))
            .max_by_key(|(net, _)| net.prefix_len());
        if let Some((_, name)) = home
            && *name != "provisioning"
            && !served.contains(*name)
            && reported.insert(*name)
        {
            let sentence = format!(
                "{name} carries the lease of {} and has no DHCP pool that is switched on",
                lease.name
            );
            out.broken(
                lease.at.place(),
                sentence,
                "add a pool for that interface, or set ignore to \"0\"",
            );
        }
    }
}

/// V-DHCP-02: the range that ONIE receives has a route to the firmware server.
pub fn onie_reaches_its_firmware(view: &View<'_>, out: &mut Findings<'_>) {
    let lists = view.values("openwrt_routers", "openwrt_dhcp_poolshost");
    let place =
        lists.first().map_or_else(|| view.group_place("openwrt_routers"), |at| at.place().clone());
    match view.case.facts.onie_route.get() {
        Ok(true) => {}
        Ok(false) => {
            out.broken(
                &place,
                "switches in ONIE get an address without a route to the firmware server",
                "serve the firmware from a network that the pool reaches",
            );
        }
        Err(cause) => out.unknown(
            &place,
            cause,
            "whether ONIE's range has a route to the firmware server shows only on site",
            "look at the router's pools and routes before HW-6.4.4",
        ),
    }
}

/// V-VLAN-01: the agreed VLANs, ids in range and unique, none of them given to tenants.
pub fn vlans_are_the_agreed_ones(view: &View<'_>, out: &mut Findings<'_>) {
    let mut used: BTreeMap<(String, i64), &str> = BTreeMap::new();
    for (name, interface) in view.interfaces() {
        let Some(at) = interface.get("device") else { continue };
        let Some(device) = out.text(Some(at), "a device") else { continue };
        let Some((parent, id)) = device.rsplit_once('.') else { continue };
        let Ok(id) = id.parse::<i64>() else { continue };
        if !(1..=4094).contains(&id) {
            out.broken(
                at.place(),
                format!("{id} of {name} is no VLAN id"),
                "ids go from 1 to 4094",
            );
        }
        if let Some((_, agreed)) = AGREED.iter().find(|(agreed, _)| *agreed == name)
            && *agreed != id
        {
            let sentence = format!("{name} is on VLAN {id}, agreed is {agreed}");
            out.broken(at.place(), sentence, &format!("write {parent}.{agreed}"));
        } else if let Some(first) = used.insert((parent.to_owned(), id), name) {
            let sentence = format!("VLAN {id} of {parent} belongs to {first} and to {name}");
            out.broken(at.place(), sentence, "give each network an id of its own");
        }
    }
    for (name, range, low, high) in namespace_ranges(view) {
        for (vlan, id) in AGREED {
            if (low..=high).contains(&id) {
                let sentence =
                    format!("the namespace {name} gives away VLAN {id}, which is {vlan}");
                out.broken(range.place(), sentence, "leave 101, 102 and 104 out of the ranges");
            }
        }
    }
}

/// Ranges of the fabric's VLAN namespaces: name, place, from, to.
pub fn namespace_ranges<'v>(view: &'v View<'_>) -> Vec<(String, At<'v>, i64, i64)> {
    let mut out = Vec::new();
    for namespaces in view.values("hedgehog_control", "hedgehog_vlan_namespaces") {
        for (key, namespace) in namespaces.entries() {
            let name = text(namespace, "name").unwrap_or_else(|| key.to_owned());
            for range in namespace.get("ranges").into_iter().flat_map(list_or_one) {
                let bound = |key: &str| range.get(key).map(At::int);
                if let (Some(Reading::Known(low)), Some(Reading::Known(high))) =
                    (bound("from"), bound("to"))
                {
                    out.push((name.clone(), range, low, high));
                }
            }
        }
    }
    out
}
