//! The second variant: packages that rotate the credentials themselves.

use std::collections::BTreeMap;

use serde_json::Value;

use super::command;
use super::compare::PLAN;
use super::condition::{self, Names};
use super::records::{list, text};
use super::shipped::{self, kind};

const VARIANT: &str = "ai-factory-25.1.5.yml";

/// What is left to verify, and by which checks (`gaps.md`, "Automatic credential rotation").
const VERIFIED: &[(&str, &[&str])] = &[
    ("HW-5.2.2", &["HH-05"]),
    ("HW-5.2.4", &["HH-03"]),
    ("HW-5.2.8", &["HH-04"]),
    ("HW-5.4.6", &["HH-10", "HH-09"]),
];

fn bootstrap(plan: &str) -> BTreeMap<String, Value> {
    let steps = shipped::steps(plan).into_iter();
    steps.map(|step| (text(&step, "id"), step)).filter(|(id, _)| id.starts_with("HW-5.")).collect()
}

#[test]
fn the_variants_differ_in_the_bootstrap_only() {
    let names = |plan: &str| list(&shipped::file(plan), "phases");
    let swapped: Vec<String> = names(PLAN)
        .into_iter()
        .map(|name| if name == "hw-5.yml" { "hw-5-automatic.yml".to_owned() } else { name })
        .collect();
    assert_eq!(names(VARIANT), swapped);
    assert_eq!(shipped::values(VARIANT), shipped::values(PLAN));
}

#[test]
fn what_a_person_does_by_hand_is_only_verified() {
    let (by_hand, automatic) = (bootstrap(PLAN), bootstrap(VARIANT));
    for (id, step) in &automatic {
        let other = by_hand.get(id).unwrap_or_else(|| panic!("{id} is no step of the procedure"));
        let expected = VERIFIED.iter().find(|(step, _)| step == id);
        match expected {
            Some((_, checks)) => {
                assert_eq!(kind(step), "verify", "{id}");
                assert_eq!(list(&step["verify"], "checks"), *checks, "{id}");
                let asked: Names = checks.iter().map(|check| (*check).to_owned()).collect();
                assert_eq!(condition::required(&step["done"]), asked, "{id}");
            }
            None => {
                let scripts = shipped::scripts();
                let lines = |step| command::of_step(step, &scripts);
                assert_eq!(lines(step), lines(other), "{id} runs something else");
            }
        }
        // IL-01 and IL-03 stay.
        assert_eq!(list(step, "interlocks"), list(other, "interlocks"), "{id}");
    }
    let left: Vec<&String> = by_hand.keys().filter(|id| !automatic.contains_key(*id)).collect();
    assert!(
        left.iter().all(|id| id.starts_with("HW-5.2.") || id.starts_with("HW-5.4.")),
        "only credentials fall away: {left:?}"
    );
    // Nothing of the other phases waits for a step that this one does not have.
    for step in shipped::steps(VARIANT) {
        let (mentioned, _) = condition::mentioned(step.get("needs").unwrap_or(&Value::Null));
        for id in mentioned.iter().filter(|id| id.starts_with("HW-5.")) {
            assert!(automatic.contains_key(id), "{} waits for {id}", text(&step, "id"));
        }
    }
}

#[test]
fn the_variant_is_chosen_by_what_the_package_does() {
    let chosen = shipped::file(VARIANT)["variant_when"].clone();
    let mut leaves = Vec::new();
    condition::walk(&chosen, &mut |leaf| leaves.push(leaf.clone()));
    assert!(!leaves.is_empty());
    assert!(leaves.iter().all(|leaf| leaf.get("release").is_none()), "not by the version number");
    assert!(
        shipped::file(PLAN).get("variant_when").is_none(),
        "the first variant is the usual one"
    );
    for name in ["hedgehog.login_password", "hedgehog.authorized_keys", "hedgehog.switch_users"] {
        let names = list(&bootstrap(VARIANT)["HW-5.1"], "variables");
        assert!(names.iter().any(|variable| variable == name), "HW-5.1 does not need {name}");
    }
}
