//! Every step of the procedure against our entry of the same id, field by field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::command;
use super::condition::{self, Names};
use super::differences::{Difference, settle};
use super::records::{self, list, text};
use super::shipped::{self, kind};

/// The plan that the procedure is compared with.
pub const PLAN: &str = "ai-factory-25.1.1.yml";

/// Texts that are taken over as they are: our field, theirs.
const VERBATIM: &[(&str, &str)] = &[
    ("title", "title"),
    ("why", "purpose"),
    ("when_words", "applies_when"),
    ("done_words", "done_when"),
    ("input", "input"),
    ("pause", "pause"),
    ("note", "note"),
    ("since", "since"),
];

/// The kinds that a kind of the procedure may become. A step with a command runs it.
fn becomes(theirs: &str) -> &'static [&'static str] {
    match theirs {
        "manual" | "external" | "confirm" => &["gate"],
        "command" => &["run", "console", "patch", "call"],
        "console" => &["console"],
        "edit" => &["inventory"],
        "wait" => &["wait"],
        "verify" => &["verify", "run", "console"],
        other => panic!("{other} is no kind of the procedure"),
    }
}

#[test]
fn every_step_of_the_hardware_setup_is_that_of_the_procedure() {
    settle_steps(&["HW-"]);
}

#[test]
fn every_step_of_the_software_installation_is_that_of_the_procedure() {
    settle_steps(&["SW-", "PC-"]);
}

/// Compares the steps of these areas, and settles what differs.
fn settle_steps(areas: &[&str]) {
    let is_wanted = |id: &str| areas.iter().any(|area| id.starts_with(area));
    let ours: BTreeMap<String, Value> =
        shipped::steps(PLAN).into_iter().map(|step| (text(&step, "id"), step)).collect();
    let scripts = shipped::scripts();
    let mut found = Vec::new();
    for record in records::steps() {
        let id = text(record, "id");
        if !is_wanted(&id) {
            continue;
        }
        let step = ours.get(&id).unwrap_or_else(|| panic!("the plan has no step {id}"));
        found.extend(differences(&id, record, step, &scripts));
    }
    settle(&found, is_wanted);
}

/// What a step of ours has otherwise than its record.
fn differences(
    id: &str,
    record: &Value,
    step: &Value,
    scripts: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let mut found: Vec<Option<Difference>> = VERBATIM
        .iter()
        .map(|(ours, theirs)| Difference::of(id, theirs, &text(record, theirs), &text(step, ours)))
        .collect();
    let of = |field, theirs: &[String], ours: &[String]| {
        Difference::of(id, field, &theirs.join("\n"), &ours.join("\n"))
    };
    found.push(of("at", &list(record, "at"), &list(step, "at")));
    found.push(of("interlocks", &list(record, "interlocks"), &list(step, "interlocks")));
    found.push(Difference::of(id, "rerun", &text(record, "rerun"), &text(&step["rerun"], "words")));
    found.push(Difference::of(id, "time", &record["time"].to_string(), &step["usual"].to_string()));
    let (theirs, ours) = (text(record, "kind"), kind(step));
    if !becomes(&theirs).contains(&ours) {
        found.push(Difference::of(id, "kind", &theirs, ours));
    }
    let (theirs, ours) = command::difference(
        &command::of_record(&text(record, "run")),
        &command::of_step(step, scripts),
    );
    found.push(of("command", &theirs, &ours));
    let (theirs, ours) =
        command::difference(&symptoms(record, "on_fail"), &symptoms(step, "symptoms"));
    found.push(of("symptoms", &theirs, &ours));
    found.push(needs(id, record, step));
    found.push(when(id, record, step));
    found.push(done(id, record, step));
    found.into_iter().flatten().collect()
}

/// Symptoms with what to do about each, one line each.
fn symptoms(record: &Value, field: &str) -> Vec<String> {
    let line = |one: &Value| format!("{} -> {}", text(one, "symptom"), text(one, "do"));
    record.get(field).and_then(Value::as_array).into_iter().flatten().map(line).collect()
}

/// `pre`, `pre_any`, `pre_state`, `pre_check` and the inventory's rules of the step.
fn needs(id: &str, record: &Value, step: &Value) -> Option<Difference> {
    let words = text(record, "pre_state") + " " + &text(record, "pre_check");
    let mut must: Names = list(record, "pre").into_iter().collect();
    must.extend(condition::checks_in(&words));
    must.extend(condition::steps_in(&words));
    let rules: Names = records::rules()
        .into_iter()
        .filter(|rule| rule.is_error && rule.step == id)
        .map(|rule| rule.id)
        .collect();
    let any: Names = list(record, "pre_any").into_iter().collect();
    let none = Value::Null;
    let needs = step.get("needs").unwrap_or(&none);
    let mut kept = condition::required(needs);
    let (mut mentioned, _) = condition::mentioned(needs);
    if kind(step) == "inventory" {
        // A step that enters values cannot wait for the rules about them.
        kept.extend(&condition::required(&step["done"]) & &rules);
        mentioned.extend(kept.clone());
    }
    must.extend(rules);
    let missing: Names = &(&must - &kept) | &(&any - &mentioned);
    let more: Names = &(&mentioned - &must) - &any;
    Difference::of(id, "needs", &joined(&missing), &joined(&more))
}

/// `applies_when`: there in both or in neither, with everything that it names.
fn when(id: &str, record: &Value, step: &Value) -> Option<Difference> {
    let words = text(record, "applies_when");
    let when = step.get("when").unwrap_or(&Value::Null);
    if words.is_empty() != when.is_null() {
        return Difference::of(
            id,
            "when",
            &words,
            &if when.is_null() { String::new() } else { when.to_string() },
        );
    }
    let named = &condition::checks_in(&words) | &condition::steps_in(&words);
    let (mentioned, _) = condition::mentioned(when);
    Difference::of(id, "when", &joined(&(&named - &mentioned)), "")
}

/// `done_when`: whatever it names must be needed by every way in which ours can hold.
fn done(id: &str, record: &Value, step: &Value) -> Option<Difference> {
    let wanted = wanted(record);
    let (mentioned, has_others) = condition::mentioned(&step["done"]);
    assert!(has_others || !mentioned.is_empty(), "{id}: `done` asks nothing");
    let required = condition::required(&step["done"]);
    let missing = &wanted - &required;
    let mut more = &mentioned - &wanted;
    if wanted.is_empty() {
        // Where the words name nothing that can be asked, ours is one way to ask it.
        more.clear();
    }
    Difference::of(id, "done", &joined(&missing), &joined(&more))
}

/// What the words of a record's `done_when` ask for.
fn wanted(record: &Value) -> Names {
    let words = text(record, "done_when");
    let mut wanted = condition::checks_in(&words);
    if let Some(others) = words.strip_prefix("as ") {
        let all = records::steps();
        for other in condition::steps_in(others) {
            let record = all.iter().find(|record| text(record, "id") == other);
            wanted.extend(self::wanted(record.expect("a step")));
        }
    }
    if let Some((_, phase)) = words.split_once("belongs to ") {
        let phase = phase.split_whitespace().next().unwrap_or_default();
        let rules = records::rules().into_iter();
        wanted.extend(
            rules
                .filter(|rule| rule.is_error && rule.step.starts_with(&format!("{phase}.")))
                .map(|rule| rule.id),
        );
    }
    if text(record, "kind") == "verify" {
        wanted.extend(condition::checks_in(&text(record, "run")));
    }
    let has = |pattern: &str| regex::Regex::new(pattern).expect("a pattern").is_match(&words);
    if has(r"\bexit 0\b") {
        wanted.insert("exit 0".to_owned());
    }
    if has(r"\b(confirm(s|ed)|recorded|ticked)\b") {
        wanted.insert("confirmed".to_owned());
    }
    if has(r"\b(seen|output (contains|has|`))") {
        wanted.insert("seen".to_owned());
    }
    wanted
}

fn joined(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

#[test]
fn a_condition_names_what_it_cannot_hold_without() {
    let condition = serde_json::json!(["HW-5.0", {"any": ["exit 0", "HW-5.R done"]},
        {"any": [["HH-03 passes", "HH-01"], "HH-03@control_nodes"]}, {"script": "x.sh"}]);
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Names>();
    assert_eq!(condition::required(&condition), named(&["HW-5.0", "HH-03"]));
    let (mentioned, has_others) = condition::mentioned(&condition);
    assert_eq!(mentioned, named(&["HW-5.0", "exit 0", "HW-5.R", "HH-03", "HH-01"]));
    assert!(has_others);
    assert_eq!(
        condition::checks_in(
            "rules V-CEPH-01..V-CEPH-03 hold, HOST-17..HOST-18, FAB-12 and HW-5.1"
        ),
        named(&["V-CEPH-01", "V-CEPH-02", "V-CEPH-03", "HOST-17", "HOST-18", "FAB-12"])
    );
    assert_eq!(
        condition::steps_in("as HW-5.1 and HW-5.R, HW-4P.7"),
        named(&["HW-5.1", "HW-5.R", "HW-4P.7"])
    );
}
