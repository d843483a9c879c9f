//! From what a runbook is offered, and that everything it names exists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::condition::{self, Names};
use super::coverage::{conditions, names_in};
use super::records::{self, list, text};
use super::runbooks::{self, steps};
use super::shipped;

/// Alerts of the catalogue that no runbook of the reference handles.
const WITHOUT: &[&str] = &[
    "IaaS API Latency SLO Violation",
    "IPMI Temperature Health SLO Violation",
    "IPMI Fan Health SLO Violation",
    "IPMI Voltage Health SLO Violation",
    "Pod Health SLO Violation",
    "Failed Pods",
    "Node CPU Utilization SLO Violation",
    "Node Memory Utilization SLO Violation",
    "Node Disk Utilization SLO Violation",
    "Nova Service Availability SLO Violation",
    "Cinder Service Availability SLO Violation",
    "OpenStack Memory Capacity SLO Violation",
    "OpenStack CPU Capacity SLO Violation",
    "OpenStack Storage Capacity SLO Violation",
    "VM Availability SLO Violation",
    "Barbican fetch error",
];

/// The runbooks and the acceptance.
pub fn plans() -> Vec<(String, Value)> {
    let mut plans: Vec<(String, Value)> = runbooks::all()
        .iter()
        .map(|record| text(record, "id"))
        .map(|id| (id.clone(), runbooks::ours(&id)))
        .collect();
    plans.push(("acceptance".to_owned(), shipped::file("acceptance.yml")));
    plans
}

/// The names of the alert catalogue of the checks, without the release behind them.
fn catalogue() -> Vec<String> {
    records::CHECKS
        .lines()
        .skip_while(|line| !line.starts_with("### Alert catalogue"))
        .take_while(|line| !line.starts_with("### Indicator"))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let is_row = cells.first().is_some_and(|cell| cell.parse::<u32>().is_ok());
            is_row.then(|| cells[2].split(" (").next().unwrap_or_default().to_owned())
        })
        .collect()
}

#[test]
fn every_alert_that_a_runbook_handles_leads_to_it() {
    let mut leads: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, plan) in plans() {
        for alert in list(&plan["trigger"], "alerts") {
            leads.entry(alert).or_default().push(id.clone());
        }
    }
    let catalogue = catalogue();
    assert_eq!(catalogue.len(), 28);
    for record in runbooks::all() {
        for alert in list(&record["trigger"], "alerts") {
            assert!(catalogue.contains(&alert), "{alert} is not in the catalogue");
            assert_eq!(leads.get(&alert), Some(&vec![text(&record, "id")]), "{alert}");
        }
    }
    let without: Vec<&String> =
        catalogue.iter().filter(|alert| !leads.contains_key(*alert)).collect();
    assert_eq!(without, WITHOUT);
}

#[test]
fn a_runbook_is_offered_from_the_checks_of_its_occasion() {
    let checks: Names = records::checks().iter().cloned().collect();
    let mut offered = Names::new();
    for (id, plan) in plans() {
        let findings: Names = list(&plan["trigger"], "findings").into_iter().collect();
        for check in &findings {
            assert!(checks.contains(check), "{id}: there is no check {check}");
        }
        let words = text(&plan["trigger"], "occasion");
        let named = condition::checks_in(&words);
        let missing: Vec<&String> = named.difference(&findings).collect();
        assert!(id == "RB-ACCEPT" || missing.is_empty(), "{id} is not offered from {missing:?}");
        offered.extend(findings);
    }
    // The findings that the fields of work begin with.
    for check in [
        "CAPI-02", "FAB-14", "OST-16", "OST-23", "MGMT-07", "VPN-05", "BOND-01", "OST-12", "RGW-07",
    ] {
        assert!(offered.contains(check), "{check} leads nowhere");
    }
}

#[test]
fn everything_that_a_runbook_names_exists() {
    let checks: Names = records::checks().iter().cloned().collect();
    let rules: Names = records::rules().iter().map(|rule| rule.id.clone()).collect();
    let variables: Names = records::variables().iter().map(|(name, _)| name.clone()).collect();
    let locks: Names = records::interlocks().iter().map(|lock| text(lock, "id")).collect();
    let procedure: Names = records::steps().iter().map(|step| text(step, "id")).collect();
    for (plan_id, plan) in plans() {
        let steps = steps(&plan);
        let ids: Names = steps.iter().map(|step| text(step, "id")).collect();
        assert_eq!(ids.len(), steps.len(), "{plan_id}: a step twice");
        let known = |name: &str| {
            let is_word = ["confirmed", "seen"].contains(&name) || name.starts_with("exit ");
            is_word || checks.contains(name) || rules.contains(name) || ids.contains(name)
        };
        for name in &condition::mentioned(&plan["verify"]).0 {
            assert!(known(name), "{plan_id}: verify names {name}");
        }
        for step in &steps {
            let id = text(step, "id");
            assert!(step.get("done").is_some(), "{id}: nothing proves it");
            for condition in conditions(step) {
                for name in &condition::mentioned(condition).0 {
                    // RB-RGWSSL repeats steps of the installation.
                    assert!(
                        known(name) || procedure.contains(name),
                        "{id}: `{name}` does not exist"
                    );
                }
                condition::walk(condition, &mut |leaf| {
                    assert_output(&id, &steps, &text(leaf, "output"));
                });
            }
            for check in list(&step["verify"], "checks") {
                let check = check.split('@').next().unwrap_or_default();
                assert!(checks.contains(check) || rules.contains(check), "{id}: {check}");
            }
            for lock in list(step, "interlocks") {
                assert!(locks.contains(&lock), "{id}: there is no {lock}");
            }
            let ways = list(step, "after_failure").into_iter();
            for other in ways.filter(|way| !["again", "skip", "stop"].contains(&way.as_str())) {
                assert!(ids.contains(&other), "{id}: there is no step {other}");
            }
            for field in step["inventory"]["fields"].as_array().into_iter().flatten() {
                let name = text(field, "variable");
                assert!(variables.contains(&name), "{id}: {name} is no variable");
                assert!(rules.contains(&text(field, "rule")), "{id}: {}", text(field, "rule"));
            }
        }
        for (name, value) in values(&plan) {
            let asks = text(&value, "step");
            assert!(
                asks.is_empty() || ids.contains(&asks),
                "{plan_id}: {name} is asked for in {asks}"
            );
            let variable = text(&value, "variable");
            assert!(variable.is_empty() || variables.contains(&variable), "{plan_id}: {variable}");
            assert_output(&name, &steps, &text(&value, "output"));
        }
    }
}

fn assert_output(who: &str, steps: &[Value], output: &str) {
    if let Some((step, name)) = output.split_once('/') {
        let step = steps.iter().find(|other| text(other, "id") == step);
        let outputs = &step.unwrap_or_else(|| panic!("{who}: {output}"))["outputs"];
        let has = outputs.as_array().into_iter().flatten().any(|one| text(one, "name") == name);
        assert!(has, "{who}: {output} is no output");
    }
}

fn values(plan: &Value) -> Vec<(String, Value)> {
    let values = plan.get("values").and_then(Value::as_object).into_iter().flatten();
    values.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[test]
fn every_name_of_a_runbook_is_defined_and_used() {
    for (id, plan) in plans() {
        let values = values(&plan);
        let defined: Names = values.iter().map(|(name, _)| name.clone()).collect();
        let mut used = Names::new();
        for mut step in steps(&plan) {
            // Words of the record, which nothing is filled into.
            for words in ["expect", "wait_words", "branches"] {
                step.as_object_mut().expect("a step").remove(words);
            }
            names_in(&step, &mut used);
            // What a run makes is a value by its name alone.
            used.extend(list(&step["run"], "values"));
        }
        for (_, value) in &values {
            names_in(value, &mut used);
        }
        used.remove("TARGET");
        let defined: BTreeSet<String> =
            defined.into_iter().filter(|name| name != "TARGET").collect();
        assert_eq!(used, defined, "{id}: left what is used, right what is defined");
    }
}

#[test]
fn no_secret_of_a_runbook_is_an_argument() {
    let mut count = 0;
    for (id, plan) in plans() {
        let secrets: Vec<String> = values(&plan)
            .iter()
            .filter(|(_, value)| value.get("secret").is_some())
            .map(|(name, _)| format!("<{name}>"))
            .collect();
        count += secrets.len();
        for step in steps(&plan) {
            let step_id = text(&step, "id");
            let run = &step["run"];
            let open: Vec<Value> = ["argv", "arguments", "directory"]
                .iter()
                .filter_map(|key| run.get(key).cloned())
                .chain(step["console"].get("lines").cloned())
                .chain(step["call"].get("url").cloned())
                .chain(step.get("object").cloned())
                .collect();
            for text in open.iter().map(Value::to_string) {
                let seen = secrets.iter().find(|secret| text.contains(secret.as_str()));
                assert!(seen.is_none(), "{id} {step_id}: {seen:?} would be seen in {text}");
            }
        }
    }
    assert!(count >= 15, "{count} secrets");
}

#[test]
fn what_destroys_asks_first() {
    // Acts that the records let pass without a confirmation, each with what stands before it.
    const BESIDE: &[&str] = &["RB-WG.9", "RB-VAULT.8"];
    for (_, plan) in plans() {
        for step in steps(&plan) {
            let id = text(&step, "id");
            let asks = step.get("confirm").is_some();
            let removes_own = id.starts_with("ACC-9.");
            if text(&step, "risk") == "destroys" {
                assert!(asks || removes_own || BESIDE.contains(&id.as_str()), "{id} asks nobody");
            }
            let class = text(&step["rerun"], "class");
            assert!(
                ["safe", "idempotent", "repeats", "destroys", "skip"].contains(&class.as_str()),
                "{id}"
            );
        }
    }
}
