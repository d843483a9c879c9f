//! V-BGP: public addresses and who announces them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::findings::Findings;
use super::reading::At;
use super::view::{View, list_or_one, text};

const CIDR: &str = "bgp.public_subnet.cidr";
const SHARED: &str = "bgp.public_subnet.shared_services_pool";
const TENANTS: &str = "bgp.public_subnet.tenant1_fip_pool";
const START: &str = "bgp.public_subnet.allocation_pool.start";
const END: &str = "bgp.public_subnet.allocation_pool.end";

fn net<'v>(view: &'v View<'_>, path: &str, out: &mut Findings<'_>) -> Option<(IpNet, At<'v>)> {
    let at = view.site(path)?;
    out.read(at, at.net(), path).map(|net| (net, at))
}

fn ip<'v>(view: &'v View<'_>, path: &str, out: &mut Findings<'_>) -> Option<(IpAddr, At<'v>)> {
    let at = view.site(path)?;
    out.read(at, at.ip(), path).map(|ip| (ip, at))
}

/// V-BGP-01: pools lie in the public network and apart, the allocation pool in the tenants'.
pub fn pools_fit(view: &View<'_>, out: &mut Findings<'_>) {
    let cidr = net(view, CIDR, out);
    let shared = net(view, SHARED, out);
    let tenants = net(view, TENANTS, out);
    if let Some((cidr, _)) = cidr {
        for (name, pool) in [(SHARED, shared), (TENANTS, tenants)] {
            if let Some((pool, at)) = pool
                && !cidr.contains(&pool)
            {
                out.broken(
                    at.place(),
                    format!("{name} {pool} is not inside {cidr}"),
                    "cut it from the public network",
                );
            }
        }
    }
    if let (Some((shared, _)), Some((tenants, at))) = (shared, tenants)
        && (shared.contains(&tenants.network()) || tenants.contains(&shared.network()))
    {
        let sentence =
            format!("the tenants' pool {tenants} overlaps the shared services' pool {shared}");
        out.broken(at.place(), sentence, "OpenStack must not use the shared addresses");
    }
    let start = ip(view, START, out);
    let end = ip(view, END, out);
    for (name, bound) in [(START, start), (END, end)] {
        if let (Some((ip, at)), Some((tenants, _))) = (bound, tenants)
            && !tenants.contains(&ip)
        {
            let sentence = format!("{name} {ip} is not inside the tenants' pool {tenants}");
            out.broken(at.place(), sentence, "keep the allocation pool inside tenant1_fip_pool");
        }
    }
    if let (Some((start, at)), Some((end, _))) = (start, end)
        && start > end
    {
        out.broken(
            at.place(),
            format!("the allocation pool begins at {start}, after its end {end}"),
            "swap them",
        );
    }
}

/// V-BGP-02: the services' public address is one of the shared ones.
pub fn service_address_is_shared(view: &View<'_>, out: &mut Findings<'_>) {
    let address = ip(view, "management_cluster.public", out);
    let shared = net(view, SHARED, out);
    if let (Some((ip, at)), Some((shared, _))) = (address, shared)
        && !shared.contains(&ip)
    {
        let sentence =
            format!("management_cluster.public {ip} is not in shared_services_pool {shared}");
        out.broken(at.place(), sentence, "OpenStack would hand it out to a tenant");
    }
}

/// V-BGP-03: the public network is announced, and every control node is a neighbour.
pub fn prefix_is_announced(view: &View<'_>, out: &mut Findings<'_>) {
    let Some((cidr, cidr_at)) = net(view, CIDR, out) else { return };
    for router in view.members("openwrt_routers") {
        if router.at("bird_bgp_router_id").is_none() {
            out.broken(
                cidr_at.place(),
                format!("{cidr} is to be public and {} speaks no BGP", router.name),
                "set bird_bgp_router_id and what belongs to it",
            );
            continue;
        }
        let announced = router.at("bird_bgp_announced_prefixes");
        let listed =
            announced.into_iter().flat_map(At::items).any(|at| at.net().known() == Some(cidr));
        if !listed {
            let place = announced.map_or(cidr_at.place(), |at| at.place());
            let sentence = format!("{cidr} is not among bird_bgp_announced_prefixes");
            out.broken(place, sentence, "add it, or nobody outside finds the way");
        }
        let local = router.at("bird_bgp_local_as");
        let local = local.and_then(|at| out.read(at, at.int(), "bird_bgp_local_as"));
        let local = local.unwrap_or(65_000);
        let list = router.at("bird_bgp_neighbors");
        let place = list.map_or(&router.declared, |at| at.place());
        let mut speakers = BTreeSet::new();
        let mut named = 0;
        for neighbour in list.into_iter().flat_map(At::items) {
            let name = text(neighbour, "name").unwrap_or_default();
            let address = neighbour.get("ip").and_then(|at| at.ip().known());
            speakers.extend(address);
            if !name.starts_with("openstack_") {
                continue;
            }
            named += 1;
            if let Some(at) = neighbour.get("remote_as")
                && let Some(remote) = out.read(at, at.int(), "remote_as")
                && remote != local
            {
                let sentence =
                    format!("remote_as of {name} is {remote}, bird_bgp_local_as is {local}");
                out.broken(
                    at.place(),
                    sentence,
                    "OpenStack's speakers have the router's own number",
                );
            }
        }
        let mut controls = 0;
        for server in view.servers().iter().filter(|s| s.role.as_deref() == Some("control")) {
            controls += 1;
            let name = server.name.to_lowercase();
            let ip = view.leases().find(|lease| lease.name == name).and_then(|lease| lease.ip);
            if let Some(ip) = ip
                && !speakers.contains(&ip)
            {
                let sentence =
                    format!("the control node {} at {ip} is no BGP neighbour", server.name);
                out.broken(place, sentence, "add it to bird_bgp_neighbors");
            }
        }
        if named < controls {
            let sentence = format!(
                "{named} neighbours are named openstack_*, there are {controls} control nodes"
            );
            out.broken(place, sentence, "one for each control node");
        }
    }
}

/// V-BGP-04: `=` compares literally, a pattern needs `~`.
pub fn patterns_use_a_tilde(view: &View<'_>, out: &mut Findings<'_>) {
    for neighbours in view.values("openwrt_routers", "bird_bgp_neighbors") {
        for neighbour in neighbours.items() {
            for key in ["import", "export"] {
                for filter in neighbour.get(key).into_iter().flat_map(list_or_one) {
                    let Some(text) = out.text(Some(filter), "a filter") else { continue };
                    if compares_a_pattern(&text) {
                        let sentence = format!("the filter {text} compares a pattern literally");
                        out.broken(filter.place(), sentence, "write ~ in place of =");
                    }
                }
            }
        }
    }
}

/// Whether a filter has `= "...*..."`.
fn compares_a_pattern(filter: &str) -> bool {
    filter.split('=').skip(1).any(|rest| {
        let mut parts = rest.trim_start().split('"');
        parts.next() == Some("") && parts.next().is_some_and(|inside| inside.contains('*'))
    })
}
