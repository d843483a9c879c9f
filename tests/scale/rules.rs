//! The rules of inventories on large sites.

use std::path::Path;

use shopfloor::domain::{Stamp, Verdict};
use shopfloor::inventory::Inventory;
use shopfloor::inventory::rules::{Case, LiveFacts, Progress, check_inventory};
use shopfloor::inventory::variables::Catalogue;
use shopfloor::inventory::vault::Vault;

use crate::grown;

/// Checks the example with so many more machines, and prints how long it took.
fn check(count: usize) {
    let text = grown::machines(count);
    let inventory = Inventory::parse(&text, Path::new("inventory.yml")).expect("it parses");
    let (facts, progress, vault) = (LiveFacts::default(), Progress::default(), Vault::default());
    let case = Case {
        inventory: &inventory,
        now: Stamp::parse("2026-11-21T12:00:00Z").expect("a time"),
        facts: &facts,
        progress: &progress,
        variables: Catalogue::shipped().expect("it parses"),
        vault: &vault,
    };
    let begun = std::time::Instant::now();
    let problems = check_inventory(&case, None);
    let took = begun.elapsed();
    // The many new machines are well: what is left was not asked.
    let wrong = problems.iter().find(|p| p.verdict != Verdict::Unknown);
    assert!(wrong.is_none(), "{wrong:?}");
    println!("{count} machines: {} ms", took.as_millis());
}

#[test]
fn eight_thousand_more_machines_are_judged_like_one_thousand() {
    check(1_000);
    check(8_000);
}

#[test]
fn hosts_that_only_have_an_address_and_a_place_are_well() {
    let inventory =
        Inventory::parse(&grown::hosts(300), Path::new("inventory.yml")).expect("it parses");
    assert!(inventory.hosts.iter().any(|host| host.name == "host-299"));
    assert_eq!(inventory.problems, Vec::new());
}
