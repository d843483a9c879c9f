//! The interlocks and the deferred duties.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::PLAN;
use super::condition::{self, Names};
use super::differences::{Difference, settle};
use super::records::{self, list, text};
use super::shipped;

fn all() -> Vec<Value> {
    shipped::file("interlocks.yml")["interlocks"].as_array().expect("a list").clone()
}

#[test]
fn every_interlock_is_that_of_the_procedure() {
    let theirs = records::interlocks();
    let ours = all();
    let ids = |list: &[Value]| list.iter().map(|one| text(one, "id")).collect::<Vec<_>>();
    assert_eq!(ids(&ours), ids(&theirs));
    assert_eq!(ours.len(), 25);
    let mut found = Vec::new();
    for (record, lock) in theirs.iter().zip(&ours) {
        let id = text(record, "id");
        for field in ["rule", "why", "level"] {
            found.extend(Difference::of(&id, field, &text(record, field), &text(lock, field)));
        }
        let blocks = list(record, "blocks").join("; ");
        found.extend(Difference::of(&id, "blocks_words", &blocks, &text(lock, "blocks_words")));
        found.extend(Difference::of(
            &id,
            "until_words",
            &text(record, "until"),
            &text(lock, "until_words"),
        ));
        // "HW-3.6 without HW-3.3": the second is what the first waits for.
        let first = |words: String| words.split(" without ").next().map(condition::steps_in);
        let named: Names = list(record, "blocks").into_iter().filter_map(first).flatten().collect();
        let blocked: Names = list(lock, "blocks").into_iter().collect();
        assert!(named.is_subset(&blocked), "{id} blocks {named:?}");
        let words = text(record, "until");
        let named = &condition::checks_in(&words) | &condition::steps_in(&words);
        let (mentioned, has_others) =
            condition::mentioned(lock.get("until").unwrap_or(&Value::Null));
        let missing: Vec<String> = named.difference(&mentioned).cloned().collect();
        found.extend(Difference::of(&id, "until", &missing.join(", "), ""));
        let can_be_judged = has_others || !mentioned.is_empty();
        assert!(words.is_empty() || can_be_judged, "{id}: `until` asks nothing");
        assert!(
            can_be_judged || lock.get("enforced").is_some() || text(lock, "level") == "confirm",
            "{id} is kept nowhere"
        );
        assert!(!text(lock, "way_out").is_empty(), "{id} has no way out");
        let expected: &[&str] =
            if text(lock, "level") == "hard" { &["no"] } else { &["reason", "no"] };
        let word = text(lock, "override");
        assert!(expected.contains(&word.as_str()), "{id}: an override by {word}");
    }
    settle(&found, |id| id.starts_with("IL-"));
}

#[test]
fn an_interlock_is_named_by_the_steps_it_blocks() {
    let steps = shipped::steps(PLAN);
    let locks: BTreeSet<String> = all().iter().map(|lock| text(lock, "id")).collect();
    for step in &steps {
        for lock in list(step, "interlocks") {
            assert!(locks.contains(&lock), "{}: there is no {lock}", text(step, "id"));
        }
    }
    for lock in all() {
        let id = text(&lock, "id");
        for blocked in list(&lock, "blocks").iter().filter(|step| !step.starts_with("RB-")) {
            let step = steps.iter().find(|step| text(step, "id") == *blocked);
            let step = step.unwrap_or_else(|| panic!("{id} blocks {blocked}, which is no step"));
            let names = list(step, "interlocks");
            // A rule that blocks also where its record does not say so has its reason here.
            let also = [("IL-07", "HW-7.3"), ("IL-18", "SW-7.1")];
            let is_stricter = also.contains(&(id.as_str(), blocked.as_str()));
            assert!(names.contains(&id) || is_stricter, "{blocked} does not name {id}");
        }
    }
}

#[test]
fn every_run_of_the_installer_is_one_at_a_time() {
    let lock = all().into_iter().find(|lock| text(lock, "id") == "IL-18").expect("IL-18");
    let blocked: Names = list(&lock, "blocks").into_iter().collect();
    let scripts = shipped::scripts();
    for step in shipped::steps(PLAN) {
        if shipped::kind(&step) != "run" || step["run"].get("branch").is_some() {
            continue;
        }
        let lines = super::command::of_step(&step, &scripts).join("\n");
        let runs = lines.contains("platform-setup.sh");
        let id = text(&step, "id");
        assert!(
            !runs || blocked.contains(&id) || lines.contains("--shell"),
            "IL-18 lets {id} start beside a run"
        );
    }
}

#[test]
fn a_duty_comes_from_a_step_and_is_done_in_one() {
    let steps = shipped::steps(PLAN);
    let ids: Names = steps.iter().map(|step| text(step, "id")).collect();
    let duties = shipped::file("duties.yml")["duties"].as_array().expect("a list").clone();
    let known: Names = duties.iter().map(|duty| text(duty, "id")).collect();
    for duty in &duties {
        let id = text(duty, "id");
        let (mentioned, has_others) = condition::mentioned(&duty["done"]);
        assert!(has_others || !mentioned.is_empty(), "{id} has no probe");
        for field in ["from", "step"] {
            let step = text(duty, field);
            assert!(ids.contains(&step), "{id}: {field} {step} is no step");
        }
        let from = text(duty, "from");
        let step = steps.iter().find(|step| text(step, "id") == from).expect("a step");
        let names = list(step, "duties");
        assert!(
            names.contains(&id) || from.starts_with("SW-") || from == "HW-5.1",
            "{from} does not name {id}"
        );
    }
    for step in &steps {
        for duty in list(step, "duties") {
            assert!(known.contains(&duty), "{}: there is no duty {duty}", text(step, "id"));
        }
    }
    // Those that the procedure's readers forget most.
    for wanted in [
        "hedgehog-reboot",
        "zap-flag-off",
        "secure-boot-on",
        "production-issuers",
        "bare-metal-second-pass",
        "alert-contacts",
        "database-credentials",
    ] {
        assert!(known.contains(wanted), "{wanted} is forgotten");
    }
}
