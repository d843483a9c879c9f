//! What the inventory expects and checks compare with, under the names of
//! `domain::wanted`. Every name is filled in here and nowhere else.

use std::collections::BTreeMap;

use super::site_reading::Reading;
use super::{Kind, Node, Settings, Vars, reference};
use crate::domain::wanted as names;

/// What is expected of the whole site.
pub(super) fn of_site(reading: &Reading<'_>, settings: &Settings) -> BTreeMap<String, String> {
    let mut wanted = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            wanted.insert(name.to_owned(), value);
        }
    };
    let cluster = reading.text("cluster_name");
    let domain = reading.text("cluster_public_domain");
    let public = cluster.zip(domain).map(|(cluster, domain)| format!("{cluster}.{domain}"));
    let console = reading.text("iaas_console_host");
    put(
        names::CONSOLE_NAME,
        console.or_else(|| public.as_ref().map(|public| format!("console.{public}"))),
    );
    put(names::FABRIC_DOMAIN, reading.text_at("hedgehog", "vm_name"));
    put(names::MANAGEMENT_NIC, management_nic(reading));
    for (name, value) in super::wanted_services::of_site(reading, public.as_deref()) {
        put(name, value);
    }
    let serial: Vec<&str> = settings.serial.keys().map(String::as_str).collect();
    put(names::SERIAL_LINES, Some(serial.join(" ")));
    for (name, value) in &settings.expect {
        put(name, Some(value.clone()));
    }
    wanted
}

/// `hedgehog.mgmt_nic_pci`, or what later releases call it.
fn management_nic(reading: &Reading<'_>) -> Option<String> {
    reading
        .text_at("hedgehog", "mgmt_nic_pci")
        .or_else(|| reading.text_at("hedgehog", "hostdev.name"))
}

/// What is expected of one machine: from its variables and its entry in `servers.list`.
pub(super) fn of_machine(
    address: &str,
    vars: &Vars,
    entry: Option<&Node>,
) -> BTreeMap<String, String> {
    let mut wanted = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            wanted.insert(name.to_owned(), value);
        }
    };
    if address.parse::<std::net::IpAddr>().is_ok() {
        put(names::ADDRESS, Some(address.to_owned()));
    }
    let own = |path: &str| -> Option<&Node> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(n, r)| (n, Some(r)));
        let value = vars.get(name).map(|node| &**node);
        let value = rest.map_or(value, |rest| value.and_then(|node| node.at(rest)));
        entry.and_then(|entry| entry.at(path)).or(value)
    };
    let text = |path: &str| own(path).and_then(|node| reference::text(node, vars));
    put(names::SYSTEM_DISKS, own("storage.disks").map(|node| paths(node, vars)));
    put(names::DATA_DISKS, own("storage.data_disks").map(|node| paths(node, vars)));
    put(names::MANAGEMENT_NIC, text("hedgehog.mgmt_nic_pci").map(|text| text.into_owned()));
    put(names::FABRIC_DOMAIN, text("hedgehog.vm_name").map(|text| text.into_owned()));
    wanted.extend(super::wanted_router::of_router(vars));
    wanted
}

/// The cables of a machine, under the names of their ports.
pub(super) fn cables(cables: &[(String, String)]) -> impl Iterator<Item = (String, String)> {
    cables.iter().map(|(port, end)| (format!("{}{port}", names::CABLE), end.clone()))
}

/// The cables of a switch, under the names of its ports.
pub(super) fn wires(wires: &[(String, String)]) -> impl Iterator<Item = (String, String)> {
    wires.iter().map(|(port, end)| (format!("{}{port}", names::WIRE), end.clone()))
}

/// The paths of a list of disks, each a text or a mapping with `path`, separated by spaces.
fn paths(node: &Node, vars: &Vars) -> String {
    let mut found = Vec::new();
    for item in node.items() {
        let path = match &item.kind {
            Kind::Map(_) => item.get("path"),
            _ => Some(item),
        };
        if let Some(path) = path.and_then(|path| reference::text(path, vars)) {
            found.push(path.into_owned());
        }
    }
    found.join(" ")
}
