//! Nothing of the procedure is left out, and nothing is named that does not exist.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::compare::PLAN;
use super::condition::{self, Names};
use super::records::{self, list, text};
use super::shipped;

const PLANS: [&str; 2] = [PLAN, "ai-factory-25.1.5.yml"];

#[test]
fn every_step_of_the_procedure_is_in_the_plan_in_its_order() {
    let theirs: Vec<String> = records::steps().iter().map(|step| text(step, "id")).collect();
    let ours: Vec<String> = shipped::steps(PLAN).iter().map(|step| text(step, "id")).collect();
    assert_eq!(theirs.len(), 117);
    assert_eq!(ours, theirs);
    let mut seen = BTreeSet::new();
    for phase in shipped::phases(PLAN) {
        let name = text(&phase, "phase");
        assert!(seen.insert(name.clone()), "{name} is listed twice");
        for step in shipped::steps_of(&phase) {
            let id = text(&step, "id");
            let rest = id.strip_prefix(&name).unwrap_or_else(|| panic!("{id} is in {name}"));
            assert!(rest.starts_with(['.', '-']), "{id} is in {name}");
        }
    }
}

#[test]
fn a_phase_brings_what_the_map_says() {
    let map: BTreeMap<String, String> = records::PROCEDURE
        .lines()
        .skip_while(|line| !line.starts_with("## 1. Map"))
        .take_while(|line| !line.starts_with("## 2."))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [phase, _, outcome] = cells.as_slice() else { return None };
            Some(((*phase).to_owned(), (*outcome).to_owned()))
        })
        .collect();
    let mut compared = 0;
    for phase in shipped::phases(PLAN) {
        if let Some(outcome) = map.get(&text(&phase, "phase")) {
            assert_eq!(&text(&phase, "outcome"), outcome);
            compared += 1;
        }
        assert!(!text(&phase, "outcome").is_empty(), "{}", text(&phase, "phase"));
    }
    assert_eq!(compared, 15);
}

/// The names between angle brackets in everything of a step that is filled in.
pub fn names_in(value: &Value, found: &mut Names) {
    const VERBATIM: &[&str] = &[
        "title",
        "why",
        "when_words",
        "run_words",
        "done_words",
        "usual",
        "symptom",
        "do",
        "rerun",
        "input",
        "pause",
        "note",
        "since",
    ];
    match value {
        Value::String(text) => {
            let name = regex::Regex::new("<([A-Z][A-Z0-9_]*)>").expect("a pattern");
            found.extend(name.captures_iter(text).map(|name| name[1].to_owned()));
        }
        Value::Array(items) => items.iter().for_each(|item| names_in(item, found)),
        Value::Object(map) => {
            let filled = map.iter().filter(|(key, _)| !VERBATIM.contains(&key.as_str()));
            filled.for_each(|(_, value)| names_in(value, found));
        }
        _ => {}
    }
}

#[test]
fn every_name_is_defined_and_every_definition_is_used() {
    let mut used = Names::new();
    let values = shipped::values(PLAN);
    for plan in PLANS {
        for step in shipped::steps(plan) {
            let mut found = Names::new();
            names_in(&step, &mut found);
            for name in &found {
                assert!(values.contains_key(name), "{}: <{name}> means nothing", text(&step, "id"));
            }
            used.extend(found);
        }
    }
    for meaning in values.values() {
        names_in(meaning, &mut used);
    }
    let idle: Vec<&String> = values.keys().filter(|name| !used.contains(*name)).collect();
    // Two names of section 6 of the procedure for the same thing.
    assert!(idle.is_empty(), "nothing uses {idle:?}");
}

#[test]
fn the_placeholders_of_the_procedure_have_a_meaning() {
    let values = shipped::values(PLAN);
    let section = records::PROCEDURE.split("## 6. Placeholders").nth(1).expect("section 6");
    let section = section.split("## 7.").next().expect("its end");
    let code = regex::Regex::new("`([A-Z][A-Z0-9_]+(?: [A-Z][A-Z0-9_]+)*)`").expect("a pattern");
    let mut compared = 0;
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let first = row.trim_matches('|').split('|').next().unwrap_or_default();
        for found in code.captures_iter(first) {
            for name in found[1].split(' ').filter(|name| *name != "ROUTER") {
                assert!(values.contains_key(name), "{name} of section 6 means nothing");
                compared += 1;
            }
        }
    }
    assert!(compared >= 15, "{compared} placeholders");
}

/// Every condition of a step.
pub fn conditions(step: &Value) -> Vec<&Value> {
    let mut found: Vec<&Value> =
        ["needs", "done", "when"].iter().filter_map(|key| step.get(key)).collect();
    found.extend(step["gate"].get("checks"));
    found.extend(step["wait"].get("until"));
    for state in step["states"].as_array().into_iter().flatten() {
        found.extend(state.get("enter"));
    }
    for branch in step["run"]["branch"].as_array().into_iter().flatten() {
        found.extend(branch.get("when"));
    }
    found
}

#[test]
fn every_check_rule_and_step_that_is_named_exists() {
    let checks: Names = records::checks().iter().cloned().collect();
    let rules: Names = records::rules().into_iter().map(|rule| rule.id).collect();
    let variables: Names = records::variables().into_iter().map(|(name, _)| name).collect();
    for plan in PLANS {
        let steps = shipped::steps(plan);
        let ids: Names = steps.iter().map(|step| text(step, "id")).collect();
        assert_eq!(ids.len(), steps.len(), "{plan}: a step twice");
        for step in &steps {
            let id = text(step, "id");
            for condition in conditions(step) {
                let (mentioned, _) = condition::mentioned(condition);
                for name in &mentioned {
                    let is_word = ["exit 0", "confirmed", "seen"].contains(&name.as_str());
                    let exists =
                        checks.contains(name) || rules.contains(name) || ids.contains(name);
                    assert!(is_word || exists, "{plan} {id}: `{name}` does not exist");
                }
                condition::walk(condition, &mut |leaf| {
                    let output = text(leaf, "output");
                    if let Some((step, name)) = output.split_once('/') {
                        let step = steps.iter().find(|other| text(other, "id") == step);
                        let outputs = &step.expect("a step")["outputs"];
                        let has = outputs
                            .as_array()
                            .into_iter()
                            .flatten()
                            .any(|one| text(one, "name") == name);
                        assert!(has, "{plan} {id}: {output} is no output");
                    }
                });
            }
            for check in list(&step["verify"], "checks") {
                let check = check.split('@').next().unwrap_or_default();
                assert!(checks.contains(check) || rules.contains(check), "{id}: {check}");
            }
            let others = list(step, "after_failure").into_iter();
            let others = others.filter(|word| !["again", "skip", "stop"].contains(&word.as_str()));
            let beside = list(step, "beside");
            let ways = step["symptoms"].as_array().into_iter().flatten();
            let ways = ways.map(|one| text(one, "step")).filter(|step| !step.is_empty());
            for other in others.chain(beside).chain(ways) {
                assert!(ids.contains(&other), "{plan} {id}: there is no step {other}");
            }
            let fields = step["inventory"]["fields"].as_array().into_iter().flatten();
            let fields = fields.map(|field| text(field, "variable"));
            for name in list(step, "variables").into_iter().chain(fields) {
                let is_parent = || {
                    variables.iter().any(|one| {
                        one.starts_with(&format!("{name}.")) || one.starts_with(&format!("{name}["))
                    })
                };
                assert!(variables.contains(&name) || is_parent(), "{id}: {name} is no variable");
            }
        }
    }
}

#[test]
fn a_step_needs_the_variables_it_reads_first() {
    let steps = shipped::steps(PLAN);
    let (mut compared, mut missing) = (0, Vec::new());
    for (name, step) in records::variables() {
        let Some(step) = step.filter(|_| !name.contains(['[', '*', ' '])) else { continue };
        let Some(step) = steps.iter().find(|one| text(one, "id") == step) else { continue };
        let fields = step["inventory"]["fields"].as_array().into_iter().flatten();
        let mut known =
            list(step, "variables").into_iter().chain(fields.map(|field| text(field, "variable")));
        // SW-3.7 is where that one is made.
        if name != "hedgehog_kubeconfig_b64" && !known.any(|one| one == name) {
            missing.push(format!("{} does not need {name}", text(step, "id")));
        }
        compared += 1;
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(compared >= 25, "{compared} variables");
}

#[test]
fn every_step_says_what_doing_it_again_does() {
    for step in shipped::steps(PLAN) {
        let id = text(&step, "id");
        let (class, words) = (text(&step["rerun"], "class"), text(&step["rerun"], "words"));
        let classes = ["safe", "idempotent", "repeats", "destroys", "skip"];
        assert!(classes.contains(&class.as_str()), "{id}: class {class}");
        if words.contains("erases") && !words.contains("idempotent with") {
            assert_eq!(class, "destroys", "{id}: {words}");
        }
        assert!(["looks", "changes", "destroys"].contains(&text(&step, "risk").as_str()), "{id}");
        let after = list(&step, "after_failure");
        assert!(after.iter().any(|word| word == "again"), "{id}: a failed step can be tried again");
    }
}
