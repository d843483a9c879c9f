//! Tests of the rules.
use super::*;
use std::path::Path;

#[test]
fn look() {
    for f in [
        "inventory.example.yml",
        "tests/fixtures/reference/inventory.sample.yml",
        "tests/fixtures/reference/icn.yml",
        "tests/fixtures/reference/infra-cloud.yml",
        "tests/fixtures/reference/vcluster.yml",
    ] {
        let inv = Inventory::parse(&std::fs::read_to_string(f).unwrap(), Path::new(f)).unwrap();
        let facts = LiveFacts::default();
        let progress = Progress::default();
        let vault = Vault::default();
        let case = Case {
            inventory: &inv,
            now: Stamp::parse("2026-11-21T12:00:00Z").unwrap(),
            facts: &facts,
            progress: &progress,
            variables: Catalogue::shipped().unwrap(),
            vault: &vault,
        };
        let t = std::time::Instant::now();
        let p = check_inventory(&case, None);
        println!("== {f} {:?}", t.elapsed());
        for p in p {
            println!(
                "{} {} {:?} {} | {}",
                p.rule,
                p.verdict,
                p.cause.map(|c| c.word().to_owned()),
                p.place,
                p.sentence
            );
        }
    }
}
