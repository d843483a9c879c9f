//! Every runbook and every step of it against our plan of the same id, field by field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::command;
use super::condition;
use super::differences::{Difference, settle};
use super::records::{self, list, text};
use super::shipped::{self, kind};

/// The runbooks, whole and unchanged.
pub const RUNBOOKS: &str = include_str!("../fixtures/reference/runbooks.md");

/// Texts of a step that are taken over as they are: ours, theirs.
const STEP: &[(&str, &str)] = &[
    ("title", "do"),
    ("expect", "expect"),
    ("confirm", "confirm"),
    ("wait_words", "wait"),
    ("note", "note"),
];

/// Texts of a runbook that are taken over as they are.
const RUNBOOK: &[&str] = &["title", "since", "impact", "note"];

/// What may start a runbook, in the record's words.
const TRIGGER: &[&str] = &["alerts", "expr", "meaning", "occasion"];

/// The records of all runbooks, in their order.
pub fn all() -> Vec<Value> {
    records::records(RUNBOOKS)
}

/// Our plan of a runbook.
pub fn ours(id: &str) -> Value {
    shipped::file(&format!("{}.yml", id.to_lowercase()))
}

/// The steps of one of our runbooks.
pub fn steps(plan: &Value) -> Vec<Value> {
    plan["steps"].as_array().expect("a runbook has steps").clone()
}

#[test]
fn every_runbook_and_every_step_of_it_is_that_of_the_record() {
    let scripts = shipped::scripts();
    let mut found = Vec::new();
    let records = all();
    assert_eq!(records.len(), 39, "runbooks of the reference");
    let mut count = 0;
    for record in &records {
        let id = text(record, "id");
        let plan = ours(&id);
        assert_eq!(text(&plan, "plan"), id);
        found.extend(whole(&id, record, &plan));
        let mut left: Vec<Value> = steps(&plan);
        for theirs in record["steps"].as_array().expect("steps") {
            let step_id = format!("{id}.{}", text(theirs, "n"));
            let at = left.iter().position(|step| text(step, "id") == step_id);
            // Steps stand in the record's order: what stands before is ours alone.
            let at = at.unwrap_or_else(|| panic!("the plan has no step {step_id} here"));
            for more in left.drain(..=at).rev().skip(1).collect::<Vec<_>>().iter().rev() {
                found.extend(Difference::of(&text(more, "id"), "step", "", &text(more, "title")));
            }
            let plan_steps = steps(&plan);
            let step = plan_steps.iter().find(|step| text(step, "id") == step_id).expect("found");
            found.extend(one(&step_id, theirs, step, &scripts));
            count += 1;
        }
        for more in &left {
            found.extend(Difference::of(&text(more, "id"), "step", "", &text(more, "title")));
        }
    }
    assert_eq!(count, 233, "steps of the reference");
    settle(&found, |id| id.starts_with("RB-"));
}

/// What a runbook has otherwise than its record.
fn whole(id: &str, record: &Value, plan: &Value) -> Vec<Difference> {
    let joined = |value: &Value, field| list(value, field).join("\n");
    let mut found: Vec<Option<Difference>> = RUNBOOK
        .iter()
        .map(|field| Difference::of(id, field, &text(record, field), &text(plan, field)))
        .collect();
    for field in TRIGGER {
        let (theirs, ours) = (joined(&record["trigger"], field), joined(&plan["trigger"], field));
        found.push(Difference::of(id, field, &theirs, &ours));
    }
    for (ours, theirs) in
        [("needs_words", "needs"), ("verify_words", "verify"), ("rollback", "rollback")]
    {
        found.push(Difference::of(id, theirs, &joined(record, theirs), &joined(plan, ours)));
    }
    let trouble = plan.get("trouble").and_then(Value::as_array).into_iter().flatten();
    let trouble: Vec<String> = trouble.map(|one| ways(one, "symptom")).collect();
    found.push(Difference::of(id, "trouble", &joined(record, "trouble"), &trouble.join("\n")));
    // Every check that the words of `verify` name is one that ours asks.
    let named = condition::checks_in(&joined(record, "verify"));
    let required = condition::mentioned(&plan["verify"]).0;
    let missing: Vec<String> = named.difference(&required).cloned().collect();
    found.push(Difference::of(id, "verify", &missing.join(", "), ""));
    found.into_iter().flatten().collect()
}

/// What a step of ours has otherwise than its record.
fn one(
    id: &str,
    record: &Value,
    step: &Value,
    scripts: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let mut found: Vec<Option<Difference>> = STEP
        .iter()
        .map(|(ours, theirs)| Difference::of(id, theirs, &text(record, theirs), &text(step, ours)))
        .collect();
    let of = |field, theirs: &[String], ours: &[String]| {
        Difference::of(id, field, &theirs.join("\n"), &ours.join("\n"))
    };
    found.push(of("at", &list(record, "at"), &list(step, "at")));
    let branches = step.get("branches").and_then(Value::as_array).into_iter().flatten();
    let branches: Vec<String> = branches.map(|one| ways(one, "seen")).collect();
    found.push(of("branch", &list(record, "branch"), &branches));
    let run = text(record, "run");
    let (theirs, ours) = command::difference(
        &pieces(command::of_record(&run.replace(';', "\n"))),
        &pieces(lines(step, scripts)),
    );
    found.push(of("command", &theirs, &ours));
    if let Some(words) = step.get("run_words") {
        // Where a person acts or checks are asked, the record's own words are shown.
        found.push(Difference::of(id, "run", &run, &records::as_text(words)));
    }
    assert_eq!(
        text(step, "confirm") == "typed",
        step.get("object").is_some(),
        "{id}: what is typed is named where something is typed, and nowhere else"
    );
    found.into_iter().flatten().collect()
}

/// The lines of what a step of a runbook runs; a query of logs or metrics is its text.
fn lines(step: &Value, scripts: &BTreeMap<String, String>) -> Vec<String> {
    match step["call"]["query"].get("query") {
        Some(query) => command::of_record(&records::as_text(query)),
        None => match kind(step) {
            "gate" | "inventory" | "verify" | "wait" => {
                command::of_record(&text(step, "run_words").replace(';', "\n"))
            }
            _ => command::of_step(step, scripts),
        },
    }
}

/// Lines as single commands, `$API` as the name that ours has for it.
fn pieces(lines: Vec<String>) -> Vec<String> {
    let commands = lines.iter().flat_map(|line| line.split(';'));
    let commands = commands.flat_map(|command| match command.trim().strip_prefix("do ") {
        Some(body) => vec!["do", body],
        None => vec![command],
    });
    let words = |command: &str| command.split_whitespace().collect::<Vec<_>>().join(" ");
    commands
        .map(|command| words(&command.replace("$API", "<API>").replace('\\', "")))
        .filter(|command| !command.is_empty())
        .collect()
}

/// `what is seen -> what to do`, as the records write it.
fn ways(one: &Value, seen: &str) -> String {
    let (seen, to_do) = (text(one, seen), text(one, "do"));
    if to_do.is_empty() { seen } else { format!("{seen} -> {to_do}") }
}

#[test]
fn a_way_on_leads_to_a_step_of_the_same_runbook() {
    for record in all() {
        let id = text(&record, "id");
        let plan = ours(&id);
        let steps = steps(&plan);
        let ids: Vec<String> = steps.iter().map(|step| text(step, "id")).collect();
        for step in &steps {
            for branch in step.get("branches").and_then(Value::as_array).into_iter().flatten() {
                let to = text(branch, "step");
                assert!(to.is_empty() || ids.contains(&to), "{id}: there is no step {to}");
                // `-> 2` and `-> step 2.5` are ways, not words.
                let words = text(branch, "do");
                let number = words.strip_prefix("step ").unwrap_or(&words);
                let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '.');
                assert_eq!(is_number && !number.is_empty(), !to.is_empty(), "{id}: {words}");
            }
        }
    }
}
