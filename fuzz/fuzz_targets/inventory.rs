//! The reader of inventories and settings, every rule, and the report.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use shopfloor::domain::Stamp;
use shopfloor::inventory::rules::{Case, LiveFacts, Progress, check_inventory};
use shopfloor::inventory::variables::Catalogue;
use shopfloor::inventory::vault::Vault;
use shopfloor::inventory::{Inventory, Settings, report};

fuzz_target!(|bytes: &[u8]| {
    let file = Path::new("inventory.yml");
    let Ok(text) = shopfloor::inventory::decode::text_of(bytes.to_vec(), file) else { return };
    let settings = Settings::parse(&text, Path::new("shopfloor.yml"));
    let Ok(inventory) = Inventory::parse(&text, file) else { return };
    let variables = Catalogue::shipped().expect("the shipped catalogue");
    let vault = Vault::default();
    let facts = LiveFacts::default();
    let progress = Progress::default();
    let case =
        Case { inventory: &inventory, now: Stamp(0), facts: &facts, progress: &progress, variables, vault: &vault };
    let problems = check_inventory(&case, None);
    let mut sources = report::Sources::new(variables);
    sources.put(file, &text);
    let shown = report::text(&problems, &sources, &report::Colours::default());
    assert!(!shown.contains('\u{1b}'));
    let _ = shopfloor::inventory::site::build_site(&inventory, &settings, &vault);
});
