//! The plans as they are shipped, read as plain data.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::records::{list, text};

/// Where the plans are.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/plans")
}

/// One file of plans.
pub fn file(name: &str) -> Value {
    let path = directory().join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The phases of a plan, in its order.
pub fn phases(plan: &str) -> Vec<Value> {
    list(&file(plan), "phases").iter().map(|name| file(name)).collect()
}

/// The steps of a phase.
pub fn steps_of(phase: &Value) -> Vec<Value> {
    phase["steps"].as_array().expect("a phase has steps").clone()
}

/// The steps of a plan, in its order.
pub fn steps(plan: &str) -> Vec<Value> {
    phases(plan).iter().flat_map(steps_of).collect()
}

/// The scripts, by file name.
pub fn scripts() -> BTreeMap<String, String> {
    let folder = fs::read_dir(directory().join("scripts")).expect("scripts");
    folder
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a script"))
        })
        .collect()
}

/// The meaning of names in a plan, those it takes from another plan included.
pub fn values(plan: &str) -> BTreeMap<String, Value> {
    let plan = file(plan);
    let mut found = match text(&plan, "values_from") {
        other if other.is_empty() => BTreeMap::new(),
        other => values(&format!("{other}.yml")),
    };
    if let Some(own) = plan.get("values").and_then(Value::as_object) {
        found.extend(own.iter().map(|(name, meaning)| (name.clone(), meaning.clone())));
    }
    found
}

/// The kind of a step.
pub fn kind(step: &Value) -> &'static str {
    let kinds = ["run", "gate", "console", "inventory", "verify", "wait", "patch", "call"];
    let found: Vec<&str> = kinds.into_iter().filter(|kind| step.get(kind).is_some()).collect();
    assert_eq!(found.len(), 1, "{}: one kind, not {found:?}", text(step, "id"));
    found[0]
}
