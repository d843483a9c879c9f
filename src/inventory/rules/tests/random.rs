//! Nothing that a file may say makes a rule panic.

use proptest::prelude::*;

use super::{EXAMPLE, Surroundings};
use crate::inventory::Inventory;
use std::path::Path;

/// A value in YAML's flow style.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f32>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| n.to_string()),
        "[a-z0-9./: _-]{0,12}".prop_map(|text| format!("{text:?}")),
        prop_oneof![
            Just("\"{{ x }}\""),
            Just("\"{{ servers }}\""),
            Just("\"{{\""),
            Just("\"}}{{ a | b }}\""),
            Just("\"10.0.0.1/0\""),
            Just("\"0.0.0.0/0\""),
            Just("\"255.255.255.255/32\""),
            Just("\"::/0\""),
            Just("\"sha256:é\""),
            Just("\"https://é?se=9999-99-99\""),
            Just("\"é@é\""),
            Just("\"//\""),
            Just("\"proto = \\\"*\""),
            Just("\"udp 1-\""),
            Just("9223372036854775807"),
            Just("-1"),
        ]
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((key(), inner), 0..4).prop_map(|entries| {
                let entries: Vec<String> =
                    entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

/// Keys that rules look for, so that random trees reach them.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "name|ip|mac|interface|start|end|proto|ipaddr|wg_addresses|allowed_ips|links|switch|server|port|role"
            .prop_map(String::from),
        "list|storage|disks|data_disks|path|storage_ip|ranges|from|to|asn|vtep_ip|redundancy|group|leaf|spine"
            .prop_map(String::from),
        "[a-z]{1,4}".prop_map(String::from),
    ]
}

/// Lines of the example that hold a value in flow style or plain text.
fn values_of_the_example() -> Vec<usize> {
    EXAMPLE
        .lines()
        .enumerate()
        .filter(|(_, line)| {
            let text = line.trim_start();
            !text.starts_with('#')
                && text.split_once(": ").is_some_and(|(_, value)| !value.starts_with('!'))
        })
        .map(|(index, _)| index)
        .collect()
}

/// Replaces what stands behind the first colon of some lines.
fn mutated(changes: &[(prop::sample::Index, String)]) -> String {
    let candidates = values_of_the_example();
    let mut lines: Vec<String> = EXAMPLE.lines().map(str::to_owned).collect();
    for (index, value) in changes {
        let line = &mut lines[*index.get(&candidates)];
        let plain = !line.contains('{');
        if plain && let Some((key, _)) = line.clone().split_once(": ") {
            *line = format!("{key}: {value}");
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn random_values_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), value()), 1..12)) {
        let text = mutated(&changes);
        if Inventory::parse(&text, Path::new("inventory.yml")).is_ok() {
            let problems = Surroundings::well().check(&text, None);
            prop_assert!(problems.iter().all(|p| !p.sentence.is_empty()));
        }
    }

    #[test]
    fn random_variables_never_panic(entries in prop::collection::vec((prop::sample::select(roots()), value()), 0..12)) {
        let mut seen = std::collections::BTreeSet::new();
        let vars: String = entries
            .iter()
            .filter(|(name, _)| seen.insert(name.clone()))
            .map(|(name, value)| format!("    {name}: {value}\n"))
            .collect();
        let groups: String = super::FACTORY_GROUPS
            .iter()
            .map(|group| format!("    {group}: {{hosts: {{{group}-1: {{}}}}}}\n"))
            .collect();
        let text = format!("all:\n  vars:\n    x: 1\n{vars}  children:\n{groups}");
        if Inventory::parse(&text, Path::new("inventory.yml")).is_ok() {
            let problems = Surroundings::well().check(&text, None);
            prop_assert!(!problems.is_empty());
        }
    }
}

fn roots() -> Vec<String> {
    super::Catalogue::shipped().unwrap().names().map(str::to_owned).collect()
}
