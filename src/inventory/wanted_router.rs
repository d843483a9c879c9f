//! What the inventory expects of the router VM, as words for the checks that
//! compare: names, leases, pools, tunnels, BGP neighbours. Never a key of ours.

use std::collections::BTreeMap;

use super::{Node, Vars, reference};
use crate::domain::wanted as names;

/// The dummy device that carries the public prefix.
const DUMMY: &str = "vbgp";

/// What is expected of a host with the router's variables; nothing of any other.
pub(super) fn of_router(vars: &Vars) -> BTreeMap<String, String> {
    let mut wanted = BTreeMap::new();
    let node = |name: &str| vars.get(name).map(|node| &**node);
    let list = |name: &str| node(name).map(Node::items).unwrap_or_default();
    let entries = |name: &str| node(name).map(Node::entries).unwrap_or_default();
    let text = |of: &Node, name: &str| -> String {
        let text = of.get(name).and_then(|value| reference::text(value, vars));
        text.map_or_else(String::new, |text| text.replace([' ', '='], ""))
    };
    let bare = |address: String| address.split('/').next().unwrap_or_default().to_owned();
    let mut put = |name: &str, words: Vec<String>| {
        if !words.is_empty() {
            wanted.insert(name.to_owned(), words.join(" "));
        }
    };

    let leases = list("openwrt_dhcp_leases");
    let overrides = list("openwrt_dhcp_hostoverrides");
    let with_name = leases.iter().filter(|lease| text(lease, "dns") == "1").chain(overrides);
    let name_of = |of: &Node| format!("{}={}", text(of, "name"), bare(text(of, "ip")));
    put(names::ROUTER_NAMES, with_name.map(name_of).collect());
    let lease_of = |of: &Node| {
        let mac = text(of, "mac").to_lowercase();
        format!("{}={mac}={}", text(of, "name"), bare(text(of, "ip")))
    };
    put(names::ROUTER_LEASES, leases.iter().map(lease_of).collect());
    let serves = |pool: &&Node| text(pool, "ignore") != "1";
    let pool_of = |pool: &Node| {
        ["name", "interface", "dynamicdhcp", "force"].map(|name| text(pool, name)).join("=")
    };
    let pools = list("openwrt_dhcp_poolshost").iter();
    put(names::ROUTER_POOLS, pools.filter(serves).map(pool_of).collect());

    let interfaces = entries("openwrt_network_interfaceshost");
    let tunnels = interfaces.iter().filter(|entry| text(&entry.value, "proto") == "wireguard");
    put(names::ROUTER_TUNNELS, tunnels.map(|entry| entry.key.clone()).collect());
    let public = interfaces.iter().filter(|entry| text(&entry.value, "device") == DUMMY);
    let addresses = public.flat_map(|entry| {
        let addresses = entry.value.get("ipaddr").map(Node::items).unwrap_or_default();
        addresses.iter().filter_map(|one| Some(bare(reference::text(one, vars)?.into_owned())))
    });
    put(names::ROUTER_PUBLIC, addresses.collect());
    let peers = entries("openwrt_network_wireguardpeers").iter();
    let sites = peers.filter(|entry| !text(&entry.value, "endpoint_host").is_empty());
    // The key has = in it, which here is no separator.
    let key = |of: &Node| of.get("public_key").and_then(Node::as_str).map(str::to_owned);
    put(names::ROUTER_SITE_PEERS, sites.filter_map(|entry| key(&entry.value)).collect());

    let neighbours = list("bird_bgp_neighbors").iter();
    put(names::ROUTER_NEIGHBOURS, neighbours.map(|one| text(one, "name")).collect());
    let words = |name: &str| -> Vec<String> {
        let items = list(name).iter().filter_map(|one| reference::text(one, vars));
        items.map(|text| text.into_owned()).collect()
    };
    put(names::ROUTER_PREFIXES, words("bird_bgp_announced_prefixes"));
    put(names::ROUTER_FEEDS, words("banip_feeds"));
    wanted
}
