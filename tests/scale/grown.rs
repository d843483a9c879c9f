//! The example inventory, grown to the size of a large site.

use std::fmt::Write as _;

const EXAMPLE: &str = include_str!("../../inventory.example.yml");

/// The example with `count` more GPU nodes, each with lease, BMC and connection.
pub fn machines(count: usize) -> String {
    let (mut servers, mut leases, mut targets, mut named, mut links, mut hosts) =
        (String::new(), String::new(), String::new(), String::new(), String::new(), String::new());
    for n in 0..count {
        let (high, low) = (n / 250, n % 250 + 1);
        let _ = writeln!(
            servers,
            "        more-{n}: {{role: compute, storage: {{disks: [/dev/sda, /dev/sdb]}}}}"
        );
        for (kind, net) in [("", 10 + 100), ("-ipmi", 10 + 150)] {
            let mac = format!("02:{:02x}:{:02x}:{:02x}:00:{:02x}", net, n >> 8 & 255, n & 255, 7);
            let ip = format!("10.30.{}.{low}", high + if kind.is_empty() { 10 } else { 100 });
            let _ = writeln!(
                leases,
                "          - {{name: more-{n}{kind}, dns: \"1\", mac: \"{mac}\", ip: {ip}}}"
            );
        }
        let _ = writeln!(
            targets,
            "      - {{name: more-{n}-ipmi, host: more-{n}-ipmi.harbour, module: default}}"
        );
        let _ = writeln!(named, "          more_{n}: {{name: more-{n}}}");
        let _ = writeln!(
            links,
            "          more_{n}: {{name: more-{n}, fallback: true, links: [{{server: more-{n}, server_port: e0, switch: leaf-01, switch_port: E1/{0}}}, {{server: more-{n}, server_port: e1, switch: leaf-02, switch_port: E1/{0}}}]}}",
            n + 100
        );
        let _ = writeln!(hosts, "        host-{n}: {{ansible_host: 10.29.{high}.{low}}}");
    }
    let text = with(EXAMPLE.to_owned(), "        # GPU nodes\n", &servers);
    let text = with(text, "        openwrt_dhcp_leases:\n", &leases);
    let text = with(text, "    ipmi_targets:\n", &targets);
    let text = with(text, "        hedgehog_servers:\n", &named);
    let text = with(text, "        hedgehog_eslag_connections:\n", &links);
    with(text, "  children:\n", &format!("    nodes:\n      hosts:\n{hosts}"))
}

/// The example with `count` more hosts, each with an address and a place.
pub fn hosts(count: usize) -> String {
    let mut hosts = String::new();
    for n in 0..count {
        let _ = writeln!(
            hosts,
            "        host-{n}: {{ansible_host: 10.29.{}.{}, rack: r{}, unit: {}, serial: S{n:07}}}",
            n / 250,
            n % 250 + 1,
            n / 40 + 1,
            n % 40 + 1
        );
    }
    with(EXAMPLE.to_owned(), "  children:\n", &format!("    nodes:\n      hosts:\n{hosts}"))
}

fn with(text: String, marker: &str, more: &str) -> String {
    assert_eq!(text.matches(marker).count(), 1, "{marker}");
    text.replace(marker, &format!("{marker}{more}"))
}
