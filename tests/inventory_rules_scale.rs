//! Ten thousand machines: the work grows with them, not with their square.

#[path = "inventory/grown.rs"]
mod grown;

use std::path::Path;

use shopfloor::domain::{Stamp, Verdict};
use shopfloor::inventory::Inventory;
use shopfloor::inventory::rules::{Case, LiveFacts, Progress, check_inventory};
use shopfloor::inventory::variables::Catalogue;
use shopfloor::inventory::vault::Vault;

/// How long one check takes, in nanoseconds.
fn cost(count: usize) -> u128 {
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
    let cost = begun.elapsed().as_nanos();
    // The many new machines are well: what is left was not asked.
    let wrong = problems.iter().find(|p| p.verdict != Verdict::Unknown);
    assert!(wrong.is_none(), "{wrong:?}");
    println!("{count} machines: {} ms", cost / 1_000_000);
    cost
}

#[test]
fn the_work_grows_with_the_machines_and_not_with_their_square() {
    let least = |count| (0..3).map(|_| cost(count)).min().expect("three runs");
    let small = least(1_000);
    let large = least(8_000);
    // Eight times the machines; their square would be 64 times the work.
    assert!(large < small * 32, "{small} ns for 1,000, {large} ns for 8,000");
}

#[test]
fn hosts_that_only_have_an_address_and_a_place_are_well() {
    let inventory =
        Inventory::parse(&grown::hosts(300), Path::new("inventory.yml")).expect("it parses");
    assert!(inventory.hosts.iter().any(|host| host.name == "host-299"));
    assert_eq!(inventory.problems, Vec::new());
}
