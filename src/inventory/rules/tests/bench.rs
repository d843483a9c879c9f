//! Ten thousand machines: the work grows with them, not with their square.

use std::fmt::Write as _;

use super::{EXAMPLE, Surroundings};
use crate::inventory::Inventory;
use std::path::Path;

/// The example with `count` more GPU nodes, each with lease, BMC and connection.
pub fn grown(count: usize) -> String {
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
    let with = |text: String, marker: &str, more: &str| {
        assert_eq!(text.matches(marker).count(), 1, "{marker}");
        text.replace(marker, &format!("{marker}{more}"))
    };
    let text = with(EXAMPLE.to_owned(), "        # GPU nodes\n", &servers);
    let text = with(text, "        openwrt_dhcp_leases:\n", &leases);
    let text = with(text, "    ipmi_targets:\n", &targets);
    let text = with(text, "        hedgehog_servers:\n", &named);
    let text = with(text, "        hedgehog_eslag_connections:\n", &links);
    with(text, "  children:\n", &format!("    nodes:\n      hosts:\n{hosts}"))
}

/// How long one check takes, in nanoseconds.
fn cost(count: usize) -> u128 {
    let text = grown(count);
    let inventory = Inventory::parse(&text, Path::new("inventory.yml")).expect("it parses");
    let around = Surroundings::well();
    let case = super::Case {
        inventory: &inventory,
        now: around.now,
        facts: &around.facts,
        progress: &around.progress,
        variables: super::Catalogue::shipped().unwrap(),
        vault: &around.vault,
    };
    let begun = std::time::Instant::now();
    let problems = super::check_inventory(&case, None);
    let cost = begun.elapsed().as_nanos();
    let first = super::shown(problems.get(..3.min(problems.len())).unwrap());
    assert!(
        problems.iter().all(|p| p.verdict == super::Verdict::Unknown || p.rule == "V-IP-03"),
        "{first}"
    );
    println!("{count} machines: {} ms", cost / 1_000_000);
    cost
}

#[test]
fn the_work_grows_with_the_machines_and_not_with_their_square() {
    let small = cost(1_000).min(cost(1_000));
    let large = cost(8_000).min(cost(8_000));
    // Eight times the machines; their square would be 64 times the work.
    assert!(large < small * 32, "{small} ns for 1,000, {large} ns for 8,000");
}
