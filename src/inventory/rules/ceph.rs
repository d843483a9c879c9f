//! V-DISK and V-CEPH: disks, monitors, copies.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::findings::Findings;
use super::forms;
use super::reading::At;
use super::view::{Server, View, text};

/// Pools that the installer makes: images, volumes, backups, vms (HW-7.4).
const POOLS: i64 = 4;

/// The paths of a list of disks, written plainly or as `path:`.
fn disk_paths(at: Option<At<'_>>) -> Vec<(String, At<'_>)> {
    at.into_iter()
        .flat_map(At::items)
        .filter_map(|item| {
            let path = item.get("path").unwrap_or(item);
            Some((path.text().known()?, path))
        })
        .collect()
}

fn storage_servers<'v>(view: &'v View<'_>) -> Vec<Server<'v>> {
    view.servers().into_iter().filter(|one| one.role.as_deref() == Some("storage")).collect()
}

/// V-DISK-01: the system's mirror has two disks, none of which Ceph takes.
pub fn disks_are_disjoint(view: &View<'_>, out: &mut Findings<'_>) {
    for server in view.servers() {
        let system = server.at.at("storage.disks");
        let paths = disk_paths(system);
        if let Some(at) = system
            && paths.len() != 2
        {
            let sentence =
                format!("{} names {} system disks, a mirror has two", server.name, paths.len());
            out.broken(at.place(), sentence, "name exactly two in storage.disks");
        }
        let named: BTreeSet<&str> = paths.iter().map(|(path, _)| path.as_str()).collect();
        for (path, at) in disk_paths(server.at.at("storage.data_disks")) {
            if named.contains(path.as_str()) {
                let sentence =
                    format!("{path} of {} is a system disk and a data disk", server.name);
                out.broken(
                    at.place(),
                    sentence,
                    "Ceph would erase the system; take it out of one list",
                );
            }
        }
    }
}

/// The monitors as listed: name and place.
fn monitors<'v>(view: &'v View<'_>, out: &mut Findings<'_>) -> Vec<(String, At<'v>)> {
    let mut found = Vec::new();
    for entry in view.site("ceph_mon_hosts").into_iter().flat_map(At::items) {
        found.extend(out.text(Some(entry), "an entry of ceph_mon_hosts").map(|name| (name, entry)));
    }
    found
}

/// V-CEPH-01: an odd number of monitors, at least three.
pub fn monitors_are_odd(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(at) = view.site("ceph_mon_hosts") else { return };
    let count = at.items().count();
    if count < 3 || count % 2 == 0 {
        let sentence =
            format!("ceph_mon_hosts names {count} monitors; an odd number of at least 3 is needed");
        out.broken(at.place(), sentence, "the monitors vote; three survive the loss of one");
    }
}

/// V-CEPH-02: each monitor is a storage node, once.
pub fn monitors_are_storage_nodes(view: &View<'_>, out: &mut Findings<'_>) {
    let servers: BTreeMap<&str, Option<String>> =
        view.servers().into_iter().map(|server| (server.name, server.role)).collect();
    let mut seen = BTreeSet::new();
    for (name, at) in monitors(view, out) {
        match servers.get(name.as_str()) {
            None => {
                let hint = "ceph_mon_hosts uses the names of servers.list";
                out.broken(at.place(), format!("{name} is not in servers.list"), hint);
            }
            Some(role) if role.as_deref() != Some("storage") => {
                let role = role.clone().unwrap_or_else(|| "not set".to_owned());
                let sentence = format!("the role of {name} is {role}, a monitor's is storage");
                out.broken(at.place(), sentence, "name storage nodes only");
            }
            Some(_) => {}
        }
        if !seen.insert(name.clone()) {
            out.broken(at.place(), format!("{name} is listed twice"), "name each monitor once");
        }
    }
}

fn is_edge(net: &IpNet, ip: IpAddr) -> bool {
    matches!(net, IpNet::V4(_))
        && net.prefix_len() < 31
        && (ip == net.network() || ip == net.broadcast())
}

/// V-CEPH-03: the monitors' addresses, in the order of the monitors.
pub fn monitor_addresses_match(view: &View<'_>, out: &mut Findings<'_>) {
    const HINT: &str = "ceph_mon_ips gives storage_ip of each of ceph_mon_hosts, in the same order";
    let Some(list) = view.site("ceph_mon_ips") else { return };
    let addresses: Vec<At<'_>> = list.items().collect();
    let names = monitors(view, out);
    if addresses.len() != names.len() {
        let sentence =
            format!("ceph_mon_ips has {} addresses for {} monitors", addresses.len(), names.len());
        out.broken(list.place(), sentence, HINT);
    }
    let net = view.site("ceph.public_network").and_then(|at| at.net().known());
    let servers: BTreeMap<&str, At<'_>> =
        view.servers().into_iter().map(|server| (server.name, server.at)).collect();
    let mut seen = BTreeSet::new();
    for (at, (name, _)) in addresses.iter().zip(&names) {
        let Some(ip) = out.read(*at, at.ip(), "an address of ceph_mon_ips") else { continue };
        let storage = servers.get(name.as_str()).and_then(|server| server.get("storage_ip"));
        if let Some(said) = storage.and_then(|at| at.ip().known())
            && said != ip
        {
            out.broken(
                at.place(),
                format!("{ip} is given for {name}, its storage_ip is {said}"),
                HINT,
            );
        } else if !seen.insert(ip) {
            out.broken(at.place(), format!("{ip} is listed twice"), HINT);
        } else if let Some(net) = net
            && (!net.contains(&ip) || is_edge(&net, ip))
        {
            let sentence =
                format!("{ip} of {name} is no host's address in ceph.public_network {net}");
            out.broken(at.place(), sentence, "give the monitor an address of the storage network");
        }
    }
    judge_others(view, &names, net, out);
}

/// Storage nodes that are no monitors lie in the storage network as well.
fn judge_others(
    view: &View<'_>,
    names: &[(String, At<'_>)],
    net: Option<IpNet>,
    out: &mut Findings<'_>,
) {
    let monitors: BTreeSet<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    for server in storage_servers(view) {
        if let Some(at) = server.at.get("storage_ip")
            && !monitors.contains(server.name)
            && let (Some(ip), Some(net)) = (at.ip().known(), net)
            && (!net.contains(&ip) || is_edge(&net, ip))
        {
            let sentence = format!(
                "{ip} of {} is no host's address in ceph.public_network {net}",
                server.name
            );
            out.broken(at.place(), sentence, "give it an address of the storage network");
        }
    }
}

/// V-CEPH-04: every storage node is a monitor.
pub fn storage_nodes_are_monitors(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(list) = view.site("ceph_mon_hosts") else { return };
    let names: BTreeSet<String> = monitors(view, out).into_iter().map(|(name, _)| name).collect();
    for server in storage_servers(view) {
        if !names.contains(server.name) {
            let sentence = format!("the storage node {} is not in ceph_mon_hosts", server.name);
            out.broken(
                list.place(),
                sentence,
                "the installer takes the same nodes as monitors and for disks",
            );
        }
    }
}

/// V-CEPH-05: the cluster's id is one, and the running cluster's where one answers.
pub fn fsid_is_the_clusters(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(at) = view.site("ceph_fsid") else { return };
    let Some(fsid) = out.text(Some(at), "ceph_fsid") else { return };
    if !forms::is_uuid(fsid.trim()) {
        out.broken(
            at.place(),
            "ceph_fsid is not a UUID",
            "make one with uuidgen, once, before HW-7.4",
        );
        return;
    }
    if fsid.bytes().all(|b| b == b'0' || b == b'-') {
        out.broken(
            at.place(),
            "ceph_fsid is all zeros",
            "make one with uuidgen, once, before HW-7.4",
        );
        return;
    }
    match view.case.facts.ceph_fsid.get() {
        Ok(Some(live)) if !live.eq_ignore_ascii_case(fsid.trim()) => {
            let live = crate::domain::untrusted::printable(live);
            let sentence = format!("ceph_fsid is {fsid}, the running cluster is {live}");
            out.broken(at.place(), sentence, "write the running cluster's id; it never changes");
        }
        Ok(_) => {}
        Err(cause) => out.unknown(
            at.place(),
            cause,
            "whether ceph_fsid is the running cluster's is not known",
            "compare with `ceph fsid` on a monitor, if a cluster runs",
        ),
    }
}

fn osd_count(view: &View<'_>) -> i64 {
    let disks = storage_servers(view)
        .iter()
        .map(|server| disk_paths(server.at.at("storage.data_disks")).len())
        .sum::<usize>();
    i64::try_from(disks).unwrap_or(i64::MAX)
}

/// V-CEPH-06: no more copies than storage hosts; three need three disks; two on three hosts is thin.
pub fn copies_fit_the_hosts(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(at) = view.site("ceph.osd_replication") else { return };
    let Some(copies) = out.read(at, at.int(), "ceph.osd_replication") else { return };
    let hosts = i64::try_from(storage_servers(view).len()).unwrap_or(i64::MAX);
    let disks = osd_count(view);
    if copies > hosts {
        let sentence = format!("ceph.osd_replication is {copies}, there are {hosts} storage nodes");
        out.broken(at.place(), sentence, "a copy needs a node of its own");
    } else if copies == 3 && disks < 3 {
        let sentence = format!("ceph.osd_replication is 3, there are {disks} data disks");
        out.broken(at.place(), sentence, "three copies need at least three disks");
    } else if copies == 2 && hosts == 3 {
        out.warn(
            at.place(),
            "two copies on three nodes leave one copy while a node is in maintenance",
            "use 3 unless space forbids it",
        );
    }
}

/// V-CEPH-07: erasing disks is confirmed, and switched off again.
pub fn zapping_is_confirmed(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(at) = view.site("provision_zap_disks") else { return };
    if out.read(at, at.bool(), "provision_zap_disks") != Some(true) {
        return;
    }
    let progress = view.case.progress;
    match progress.is_done("HW-7.6") {
        Ok(true) => {
            out.broken(
                at.place(),
                "provision_zap_disks is still true after HW-7.6; the next --provision-ceph would erase the data disks",
                "set it to false now",
            );
        }
        _ if progress.confirmed.contains("IL-07") => {}
        Ok(false) => {
            out.broken(
                at.place(),
                "provision_zap_disks erases the data disks, and nobody has confirmed them",
                "compare the disks (HW-7.2) and confirm host and disk list (IL-07)",
            );
        }
        Err(cause) => out.unknown(
            at.place(),
            cause,
            "provision_zap_disks erases the data disks; whether they were confirmed (IL-07) is not known",
            "compare the disks (HW-7.2) first; set it to false once the cluster is healthy (HW-7.6)",
        ),
    }
}

/// V-CEPH-08: devices named for Ceph belong to monitors and are no system disks.
pub fn named_devices_are_data_disks(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(devices) = view.site("ceph_osd_devices") else { return };
    let names: BTreeSet<String> = monitors(view, out).into_iter().map(|(name, _)| name).collect();
    let servers: BTreeMap<&str, At<'_>> =
        view.servers().into_iter().map(|server| (server.name, server.at)).collect();
    for (host, list) in devices.entries() {
        if !names.contains(host) {
            let sentence = format!("ceph_osd_devices names {host}, which is not in ceph_mon_hosts");
            out.broken(list.place(), sentence, "name hosts of ceph_mon_hosts only");
        }
        let system = servers.get(host).and_then(|server| server.at("storage.disks"));
        let system: BTreeSet<String> =
            disk_paths(system).into_iter().map(|(path, _)| path).collect();
        for (path, at) in disk_paths(Some(list)) {
            if system.contains(&path) {
                let sentence = format!(
                    "ceph_osd_devices gives {path} of {host} to Ceph, which is a system disk"
                );
                out.broken(at.place(), sentence, "Ceph would erase the system; take it out");
            }
        }
    }
}

/// V-CEPH-09: a number of placement groups that suits the disks.
pub fn placement_groups_fit(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(at) = view.site("ceph.pg_count") else { return };
    let Some(count) = out.read(at, at.int(), "ceph.pg_count") else { return };
    if count < 1 || count.count_ones() != 1 {
        let sentence = format!("ceph.pg_count is {count}, which is no power of two");
        out.broken(at.place(), sentence, "leave it out to have it computed");
        return;
    }
    let copies = view.site("ceph.osd_replication").and_then(|at| at.int().known()).unwrap_or(2);
    let disks = osd_count(view);
    if disks == 0 {
        return;
    }
    let each = count.saturating_mul(POOLS).saturating_mul(copies) / disks;
    if !(50..=200).contains(&each) {
        let sentence = format!(
            "ceph.pg_count {count} gives {each} placement groups for each of {disks} disks; 50 to 200 are usual"
        );
        out.broken(at.place(), sentence, "leave it out to have it computed");
    }
}

/// Storage nodes by name with their storage address, for the gateway's rules.
pub fn storage_addresses(view: &View<'_>) -> BTreeMap<String, Option<String>> {
    storage_servers(view)
        .into_iter()
        .map(|server| (server.name.to_owned(), text(server.at, "storage_ip")))
        .collect()
}
