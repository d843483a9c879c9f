//! The acceptance that the vendor leaves undocumented: it looks first, lists what it
//! makes, makes it, and removes it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::condition;
use super::records::{self, list, text};
use super::shipped::{self, kind};

fn steps() -> Vec<Value> {
    shipped::file("acceptance.yml")["steps"].as_array().expect("steps").clone()
}

/// The part of the plan that a step is in.
fn part(step: &Value) -> u32 {
    let id = text(step, "id");
    let part = id.strip_prefix("ACC-").and_then(|rest| rest.split('.').next());
    part.and_then(|part| part.parse().ok()).unwrap_or_else(|| panic!("{id}"))
}

/// Everything that a step waits for, directly or through others.
fn before(id: &str, steps: &BTreeMap<String, Value>, found: &mut BTreeSet<String>) {
    let needs = steps[id].get("needs").unwrap_or(&Value::Null);
    for name in condition::mentioned(needs).0 {
        if steps.contains_key(&name) && found.insert(name.clone()) {
            before(&name, steps, found);
        }
    }
}

#[test]
fn it_only_looks_until_the_list_is_agreed_to() {
    let steps = steps();
    let by_id: BTreeMap<String, Value> =
        steps.iter().map(|step| (text(step, "id"), step.clone())).collect();
    for step in &steps {
        let id = text(step, "id");
        match part(step) {
            0 => {
                assert_eq!(text(step, "risk"), "looks", "{id}");
                assert!(step.get("needs").is_none(), "{id}: a look waits for nothing");
                assert!(["verify", "run"].contains(&kind(step)), "{id}");
            }
            1 => {
                assert_eq!(text(&step["gate"], "approve"), "typed");
                assert_eq!(text(step, "object"), "<TEST_NAME>");
            }
            _ => {
                let mut all = BTreeSet::new();
                before(&id, &by_id, &mut all);
                assert!(all.contains("ACC-1.1"), "{id} can run before the list is agreed to");
            }
        }
    }
    let mut all = BTreeSet::new();
    before("ACC-1.1", &by_id, &mut all);
    let looks = steps.iter().filter(|step| part(step) == 0).count();
    assert_eq!(all.len(), looks, "every look stands before the list");
}

#[test]
fn whatever_it_makes_is_on_the_list_and_removed() {
    let steps = steps();
    let ids: BTreeSet<String> = steps.iter().map(|step| text(step, "id")).collect();
    let gate = steps.iter().find(|step| part(step) == 1).expect("the list");
    let listed = list(&gate["gate"], "instructions").join("\n");
    // These make nothing on the site: a file and a tunnel of this workstation.
    let here = ["ACC-2.5", "ACC-3.4"];
    let mut made = 0;
    for step in steps.iter().filter(|step| (2..9).contains(&part(step))) {
        let id = text(step, "id");
        if text(step, "risk") == "looks" {
            continue;
        }
        let undo = text(step, "undo");
        assert!(!undo.is_empty(), "{id} is not undone");
        if here.contains(&id.as_str()) {
            continue;
        }
        made += 1;
        assert!(listed.contains(&id), "{id} is not on the list");
        assert!(ids.contains(&undo) && undo.starts_with("ACC-9."), "{id}: {undo}");
        let ways = list(step, "after_failure");
        assert!(ways.contains(&"ACC-9.1".to_owned()), "{id}: a failure leads to the removal");
    }
    assert!(made >= 7, "{made} canaries");
    for step in steps.iter().filter(|step| part(step) == 9) {
        let class = text(&step["rerun"], "class");
        assert!(["safe", "idempotent"].contains(&class.as_str()), "{}", text(step, "id"));
    }
    // A removal waits for no canary: it can begin after any of them failed.
    let first = steps.iter().find(|step| text(step, "id") == "ACC-9.1").expect("the removal");
    assert_eq!(list(first, "needs"), ["ACC-1.1"]);
}

#[test]
fn it_proves_all_of_e2e_and_the_four_subjects() {
    let steps = steps();
    let words: String = steps.iter().map(|step| text(step, "why") + "\n").collect();
    let wanted = records::checks().iter().filter(|check| check.starts_with("E2E-"));
    let mut count = 0;
    for check in wanted {
        assert!(words.contains(check.as_str()), "{check} is proved by no step");
        count += 1;
    }
    assert_eq!(count, 13);
    // Tenant workflow, GPU scheduling, console access, observability: first looked at, then tried.
    for (looks, tries) in [
        ("ACC-0.5", "ACC-2.1"),
        ("ACC-0.6", "ACC-4.1"),
        ("ACC-0.7", "ACC-3.5"),
        ("ACC-0.8", "ACC-7.1"),
        ("ACC-0.9", "ACC-7.3"),
    ] {
        for id in [looks, tries] {
            assert!(steps.iter().any(|step| text(step, "id") == id), "{id}");
        }
    }
}
