//! Interfaces, addresses, routes and bonds as the tools show them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Scene;
use crate::lab::world::Leg;

fn state(up: bool) -> &'static str {
    if up { "UP" } else { "DOWN" }
}

fn address(addresses: Option<(std::net::Ipv4Addr, u8)>, label: &str) -> Value {
    match addresses {
        None => json!([]),
        Some((local, prefix)) => json!([{
            "family": "inet", "local": local.to_string(), "prefixlen": prefix,
            "scope": "global", "dynamic": false, "label": label,
            "valid_life_time": 4_294_967_295u32, "preferred_life_time": 4_294_967_295u32,
        }]),
    }
}

/// Every interface with details and addresses: what `ip -j -d addr show` says.
fn interfaces(scene: &Scene<'_>) -> Vec<Value> {
    let (world, machine) = (scene.world, scene.machine);
    let mut list = vec![json!({
        "ifindex": 1, "ifname": "lo", "flags": ["LOOPBACK", "UP", "LOWER_UP"], "mtu": 65_536,
        "operstate": "UNKNOWN", "link_type": "loopback", "address": "00:00:00:00:00:00",
        "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host"}],
    })];
    let mut add = |mut one: Value| {
        if let Some(fields) = one.as_object_mut() {
            fields.insert("ifindex".into(), json!(list.len() + 1));
            fields.insert("link_type".into(), json!("ether"));
            let up = fields.get("operstate") == Some(&json!("UP"));
            let flags: &[&str] = if up {
                &["BROADCAST", "UP", "LOWER_UP"]
            } else {
                &["NO-CARRIER", "BROADCAST", "UP"]
            };
            fields.insert("flags".into(), json!(flags));
        }
        list.push(one);
    };
    for leg in &machine.trunk.legs {
        let mut one = json!({
            "ifname": leg.interface, "mtu": 9_000, "address": leg.mac,
            "operstate": state(world.leg_is_up(machine, leg)), "addr_info": [],
        });
        if machine.is_bonded()
            && let Some(fields) = one.as_object_mut()
        {
            fields.insert("master".into(), json!(machine.trunk.name));
            fields.insert("linkinfo".into(), json!({"info_slave_kind": "bond"}));
        }
        add(one);
    }
    if machine.is_bonded() {
        add(json!({
            "ifname": machine.trunk.name, "mtu": 9_000, "address": first_mac(scene),
            "operstate": state(world.trunk_is_up(machine)), "addr_info": [],
            "linkinfo": {"info_kind": "bond", "info_data": {"mode": "802.3ad", "miimon": 100}},
        }));
    }
    for vlan in &machine.vlans {
        add(json!({
            "ifname": vlan.name, "link": machine.trunk.name, "mtu": 9_000,
            "address": first_mac(scene), "operstate": state(world.trunk_is_up(machine)),
            "linkinfo": {"info_kind": "vlan",
                         "info_data": {"protocol": "802.1Q", "id": vlan.id, "flags": ["REORDER_HDR"]}},
            "addr_info": address(vlan.address, &vlan.name),
        }));
    }
    for plain in &machine.plain {
        let mut one = json!({
            "ifname": plain.name, "mtu": 1_500, "address": plain.mac, "operstate": "UP",
            "addr_info": address(plain.address, &plain.name),
        });
        if let Some(fields) = one.as_object_mut() {
            if let Some(master) = &plain.master {
                fields.insert("master".into(), json!(master));
                fields.insert("linkinfo".into(), json!({"info_slave_kind": "bridge"}));
            } else if plain.name.contains("br") {
                fields.insert("linkinfo".into(), json!({"info_kind": "bridge"}));
            }
        }
        add(one);
    }
    list
}

/// What `ip -j -d addr show` says.
pub fn addresses(scene: &Scene<'_>) -> String {
    Value::from(interfaces(scene)).to_string() + "\n"
}

/// What `ip -j route show default` says.
pub fn default_route(scene: &Scene<'_>) -> String {
    let (gateway, device) = &scene.machine.gateway;
    json!([{
        "dst": "default", "gateway": gateway.to_string(), "dev": device, "protocol": "static",
        "metric": 100, "flags": [],
    }])
    .to_string()
        + "\n"
}

fn first_mac<'a>(scene: &Scene<'a>) -> &'a str {
    scene.machine.trunk.legs.first().map_or("02:00:00:00:00:01", |leg| leg.mac.as_str())
}

/// Every file of `/proc/net/bonding`, each after a line with its name.
pub fn bonds(scene: &Scene<'_>) -> String {
    if !scene.machine.is_bonded() {
        return String::new();
    }
    format!("Bond: {}\n{}", scene.machine.trunk.name, bonding(scene))
}

/// What `ping -q` says of an address that answers: iputils, or BusyBox on the router VM.
pub fn ping(scene: &Scene<'_>, gateway: &str, outside: bool) -> String {
    let (whom, count) = if outside { ("1.1.1.1", 2) } else { (gateway, 3) };
    let millis = if outside { 8.0 } else { 0.4 } * (1.0 + 0.2 * scene.wave("ping"));
    format!(
        "PING {whom} ({whom}) 56(84) bytes of data.\n\n--- {whom} ping statistics ---\n{count} packets transmitted, {count} packets received, 0% packet loss\nround-trip min/avg/max = {:.3}/{millis:.3}/{:.3} ms\n",
        millis * 0.9,
        millis * 1.1,
    )
}

/// What `/proc/net/bonding/NAME` says of the trunk, in the kernel's own words
/// (drivers/net/bonding/bond_procfs.c).
pub fn bonding(scene: &Scene<'_>) -> String {
    let (world, machine) = (scene.world, scene.machine);
    let up = world.trunk_is_up(machine);
    let legs = &machine.trunk.legs;
    let own = first_mac(scene);
    // All legs that are up join one aggregator; a leg that is down is alone in its own.
    let first_up = legs.iter().position(|leg| world.leg_is_up(machine, leg)).unwrap_or(0);
    let active = first_up + 1;
    let ports = legs.iter().filter(|leg| world.leg_is_up(machine, leg)).count();
    let partner = |leg: Option<&Leg>| match leg {
        Some(leg) if world.leg_is_up(machine, leg) => {
            world.switches.get(&leg.switch).map_or(NOBODY, |switch| switch.system_mac.as_str())
        }
        _ => NOBODY,
    };
    let mut out = format!(
        "Ethernet Channel Bonding Driver: v{}\n\nBonding Mode: IEEE 802.3ad Dynamic link aggregation\nTransmit Hash Policy: layer3+4 (1)\nMII Status: {}\nMII Polling Interval (ms): 100\nUp Delay (ms): 0\nDown Delay (ms): 0\nPeer Notification Delay (ms): 0\n\n802.3ad info\nLACP active: on\nLACP rate: fast\nMin links: 0\nAggregator selection policy (ad_select): stable\nSystem priority: 65535\nSystem MAC address: {own}\nActive Aggregator Info:\n\tAggregator ID: {active}\n\tNumber of ports: {}\n\tActor Key: 21\n\tPartner Key: 15\n\tPartner Mac Address: {}\n",
        machine.kernel,
        mii(up),
        ports.max(1),
        partner(legs.get(first_up)),
    );
    for (at, leg) in legs.iter().enumerate() {
        let up = world.leg_is_up(machine, leg);
        let (aggregator, speed, duplex) =
            if up { (active, "100000 Mbps", "full") } else { (at + 1, "Unknown", "Unknown") };
        // When the first leg is down, its own id must not be that of the active one.
        let aggregator = if !up && aggregator == active { legs.len() + 1 } else { aggregator };
        let churn = if up { "none" } else { "churned" };
        let _ = write!(
            out,
            "\nSlave Interface: {}\nMII Status: {}\nSpeed: {speed}\nDuplex: {duplex}\nLink Failure Count: {}\nPermanent HW addr: {}\nSlave queue ID: 0\nAggregator ID: {aggregator}\nActor Churn State: {churn}\nPartner Churn State: {churn}\nActor Churned Count: {}\nPartner Churned Count: {}\ndetails actor lacp pdu:\n    system priority: 65535\n    system mac address: {own}\n    port key: {}\n    port priority: 255\n    port number: {}\n    port state: {}\ndetails partner lacp pdu:\n    system priority: 32768\n    system mac address: {}\n    oper key: 15\n    port priority: 32768\n    port number: {}\n    port state: {}\n",
            leg.interface,
            mii(up),
            u8::from(!up),
            leg.mac,
            u8::from(!up),
            u8::from(!up),
            if up { 21 } else { 0 },
            at + 1,
            if up { 63 } else { 71 },
            partner(Some(leg)),
            at + 1,
            if up { 63 } else { 1 },
        );
    }
    out
}

/// What a partner address looks like when nobody speaks LACP.
const NOBODY: &str = "00:00:00:00:00:00";

fn mii(up: bool) -> &'static str {
    if up { "up" } else { "down" }
}
