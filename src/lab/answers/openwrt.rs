//! What the router VM answers, and what the bastion gets from it: all of it
//! made of what the inventory plans.

use super::documented::{Answers, Asked};
use super::{Printed, Scene, ok};
use crate::domain::{Role, wanted};

/// The router VM of the demo site.
pub const ANSWERS: Answers = Answers { section, command: |_, _| None };

fn section(scene: &Scene<'_>, asked: &Asked<'_>) -> Option<Printed> {
    match asked.asks {
        "openwrt.served" if scene.is(Role::Bastion) => served(scene, asked),
        "openwrt.look" | "openwrt.survey" if scene.is(Role::RouterVm) => {
            router(scene, asked.section)
        }
        _ => None,
    }
}

fn words<'s>(scene: &Scene<'s>, name: &str) -> impl Iterator<Item = &'s str> {
    let words = scene.world.fabric.router.get(name).map_or("", String::as_str);
    words.split(' ').filter(|word| !word.is_empty())
}

fn router(scene: &Scene<'_>, section: &str) -> Option<Printed> {
    let now = scene.own_time() as i64;
    match section {
        "clock" => ok(format!("{now}\n")),
        "services" => ok(services()),
        "dhcp" => ok(dhcp(scene)),
        "bound" => ok("udp        0      0 0.0.0.0:67              0.0.0.0:*\n"),
        "leases" => ok(words(scene, wanted::ROUTER_LEASES)
            .filter_map(|word| {
                let mut parts = word.split('=');
                let (name, mac, ip) = (parts.next()?, parts.next()?, parts.next()?);
                Some(format!("{} {mac} {ip} {name} 01:{mac}\n", now + 30_000))
            })
            .collect::<String>()),
        "wireguard" => {
            let mut out = String::new();
            let tunnels: Vec<&str> = words(scene, wanted::ROUTER_TUNNELS).collect();
            for tunnel in &tunnels {
                out.push_str(&format!("{tunnel}\t-\tPUBLIC\t51820\toff\n"));
            }
            let last = tunnels.last().copied().unwrap_or("wg0");
            for key in words(scene, wanted::ROUTER_SITE_PEERS) {
                let shook = now - 40 - now.rem_euclid(60);
                out.push_str(&format!(
                    "{last}\t{key}\t-\t198.51.100.7:24833\t172.19.0.252/32\t{shook}\t1\t2\t25\n"
                ));
            }
            ok(out)
        }
        "protocols" => {
            let sessions = words(scene, wanted::ROUTER_NEIGHBOURS)
                .map(|name| format!("{name} BGP        ---        up     10:15:01.234  Established\n"));
            ok("BIRD 3.1.2 ready.\nName       Proto      Table      State  Since         Info\n"
                .to_owned()
                + &sessions.collect::<String>())
        }
        "routes" => {
            let prefix = words(scene, wanted::ROUTER_PREFIXES).next().unwrap_or("203.0.113.0/24");
            let address = prefix.split('/').next().unwrap_or_default();
            let floating = address.strip_suffix(".0").unwrap_or(address);
            ok(format!(
                "BIRD 3.1.2 ready.\nTable master4:\n{prefix}       blackhole [static1 2026-10-01] * (200)\n{floating}.17/32      unicast [openstack_ctl_01 10:15:01.240] * (100) [i]\n\tvia 10.30.1.11 on bond0.104\n"
            ))
        }
        "log" => ok("Mon Jan 10 10:15:01 2028\nMon Jan 10 10:15:00 2028 daemon.info dnsmasq-dhcp[2101]: DHCPACK(bond0.101) 10.30.1.11\n"),
        "share" => ok("bootshare /mnt/boot 9p rw,relatime,trans=virtio 0 0\nlrwxrwxrwx 1 root root 14 Oct  1 10:00 /tftp -> /mnt/boot/tftp\nresolves\n"),
        "dummy" => {
            let addresses: Vec<String> = words(scene, wanted::ROUTER_PUBLIC)
                .map(|address| format!("{{\"local\":\"{address}\",\"prefixlen\":24}}"))
                .collect();
            ok(format!(
                "[{{\"ifname\":\"vbgp\",\"flags\":[\"BROADCAST\",\"NOARP\",\"UP\",\"LOWER_UP\"],\"addr_info\":[{}]}}]\n",
                addresses.join(",")
            ))
        }
        "banip" => {
            let feeds: Vec<&str> = words(scene, wanted::ROUTER_FEEDS).collect();
            ok(format!(
                "::: banIP runtime information\n  + status            : active (nft: yes, monitor: yes)\n  + element_count     : 48211\n  + active_feeds      : allowlistv4, {}\n",
                feeds.join(", ")
            ))
        }
        "allowed" => ok(["allow_operators", "allow_tenants"]
            .map(|set| {
                format!("{{\"nftables\":[{{\"metainfo\":{{}}}},{{\"set\":{{\"family\":\"inet\",\"name\":\"{set}\",\"table\":\"fw4\",\"elem\":[\"198.51.100.1\"]}}}}]}}\n")
            })
            .concat()),
        "forward-rules" => ok(
            "ip saddr @allow_operators counter accept comment \"!fw4: Operators\"\nip saddr @allow_tenants counter accept comment \"!fw4: Tenants\"\ncounter drop comment \"!fw4: Drop ANY from Internet to BGP\"\n",
        ),
        _ => None,
    }
}

fn services() -> String {
    let services = ["banip", "bird", "dnsmasq", "uhttpd"]
        .map(|name| format!("\"{name}\":{{\"instances\":{{\"instance1\":{{\"running\":true}}}}}}"));
    format!("{{{},\"network\":{{}}}}\n", services.join(","))
}

fn dhcp(scene: &Scene<'_>) -> String {
    let mut out = "dhcp.@dnsmasq[0]=dnsmasq\n".to_owned();
    let zone = &scene.world.fabric.zone;
    let forwards = ["console", "grafana", "loki", "prometheus"]
        .map(|name| format!("'/_acme-challenge.{name}.{zone}/1.1.1.1'"));
    out.push_str(&format!("dhcp.@dnsmasq[0].server={}\n", forwards.join(" ")));
    for pool in words(scene, wanted::ROUTER_POOLS) {
        let parts: Vec<&str> = pool.split('=').collect();
        let [name, interface, dynamic, force] = parts.as_slice() else { continue };
        out.push_str(&format!("dhcp.{name}=dhcp\ndhcp.{name}.interface='{interface}'\n"));
        for (option, value) in [("dynamicdhcp", dynamic), ("force", force)] {
            if !value.is_empty() {
                out.push_str(&format!("dhcp.{name}.{option}='{value}'\n"));
            }
        }
    }
    for (at, lease) in words(scene, wanted::ROUTER_LEASES).enumerate() {
        let parts: Vec<&str> = lease.split('=').collect();
        let [name, mac, ip] = parts.as_slice() else { continue };
        let mac = mac.to_uppercase();
        out.push_str(&format!(
            "dhcp.@host[{at}]=host\ndhcp.@host[{at}].name='{name}'\ndhcp.@host[{at}].mac='{mac}'\ndhcp.@host[{at}].ip='{ip}'\n"
        ));
    }
    out
}

fn served(scene: &Scene<'_>, asked: &Asked<'_>) -> Option<Printed> {
    let router = scene.world.machines.values().find(|machine| machine.role == Role::RouterVm);
    let answers = router.is_some_and(|router| router.powered);
    match asked.section {
        "served-names" => {
            let known: Vec<(&str, &str)> = words(scene, wanted::ROUTER_NAMES)
                .filter_map(|word| word.split_once('='))
                .collect();
            ok((asked.given)("NAMES")
                .split(' ')
                .map(|name| {
                    let known = known.iter().find(|(known, _)| *known == name);
                    let address = known.filter(|_| answers).map_or("-", |(_, address)| address);
                    format!("{name} {address}\n")
                })
                .collect::<String>())
        }
        "served-public" => ok(if answers { "192.0.2.44\n1\n" } else { "0\n" }),
        "served-tftp" => ok(if answers { "955656\n" } else { "0\n" }),
        "served-boot" => ok(if answers { "200\n" } else { "000\n" }),
        "served-firmware" => ok(if answers { "HTTP/1.1 200 OK\n" } else { "" }),
        _ => None,
    }
}
