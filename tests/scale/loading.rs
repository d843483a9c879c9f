//! Inventories of many hosts.

use std::fmt::Write as _;
use std::time::Instant;

use shopfloor::inventory::Inventory;
use shopfloor::inventory::settings::Settings;
use shopfloor::inventory::site::build_site;
use shopfloor::inventory::vault::Vault;

/// 10,000 hosts in 250 racks, each with an address, a place and a serial number.
fn ten_thousand_hosts() -> String {
    let mut text = String::from("all:\n  vars:\n");
    for n in 0..60 {
        writeln!(text, "    site_variable_{n}: {{a: [1, 2, 3], b: text {n}}}").unwrap();
    }
    text.push_str("  children:\n");
    for rack in 0..250 {
        writeln!(text, "    rack_{rack}:\n      vars: {{rack: r{rack}}}\n      hosts:").unwrap();
        for unit in 0..40 {
            let host = rack * 40 + unit;
            writeln!(
                text,
                "        node-{host:05}: {{ansible_host: 10.{}.{}.{}, unit: {}, serial: S{host:07}, \
                 boot_mac: \"02:00:00:00:{:02x}:{:02x}\"}}",
                host / 10_000,
                host / 200 % 250,
                host % 200 + 1,
                unit + 1,
                host / 256,
                host % 256
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn ten_thousand_hosts_load_resolve_and_become_targets() {
    let directory = tempfile::tempdir().unwrap();
    let text = ten_thousand_hosts();
    std::fs::write(directory.path().join("inventory.yml"), &text).unwrap();
    std::fs::create_dir(directory.path().join("host_vars")).unwrap();
    std::fs::write(directory.path().join("host_vars/node-00007.yml"), "own: 1\n").unwrap();

    let started = Instant::now();
    let inventory = Inventory::load(directory.path()).unwrap();
    let loaded = started.elapsed();
    assert_eq!(inventory.hosts.len(), 10_000);

    let started = Instant::now();
    let mut variables = 0;
    for host in &inventory.hosts {
        variables += inventory.host_vars(&host.name).unwrap().len();
    }
    let resolved = started.elapsed();
    assert_eq!(variables, 10_000 * (60 + 1 + 4) + 1);

    let started = Instant::now();
    let built = build_site(&inventory, &Settings::default(), &Vault::default());
    let targets = started.elapsed();
    assert_eq!(built.site.targets.len(), 10_000);
    assert_eq!(built.site.problems, Vec::<String>::new());
    println!(
        "10,000 hosts, {} kB: loaded in {} ms, {variables} variables resolved in {} ms, site in {} ms",
        text.len() / 1000,
        loaded.as_millis(),
        resolved.as_millis(),
        targets.as_millis()
    );
}

#[test]
fn ten_thousand_controllers_find_their_machines() {
    let text = crate::grown::machines(10_000);
    let inventory = Inventory::parse(&text, std::path::Path::new("inventory.yml")).unwrap();
    let started = Instant::now();
    let built = build_site(&inventory, &Settings::default(), &Vault::default());
    let took = started.elapsed();
    let grown = |target: &&shopfloor::domain::Target| target.name.starts_with("more-");
    let controllers = built.site.targets.iter().filter(grown).filter(|target| target.bmc.is_some());
    let mut count = 0;
    for controller in controllers {
        let machine = controller.machine.as_ref().map(|machine| machine.as_str());
        assert_eq!(machine, controller.name.strip_suffix("-ipmi"), "{}", controller.name);
        count += 1;
    }
    assert_eq!(count, 10_000);
    println!("10,000 machines and their controllers: site in {} ms", took.as_millis());
}
