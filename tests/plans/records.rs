//! The records of the reference material: what the plans are held against.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

/// The procedure, whole and unchanged.
pub static PROCEDURE: LazyLock<String> = LazyLock::new(|| fixture("reference/procedure.md"));
/// The checks, whole and unchanged.
pub static CHECKS: LazyLock<String> = LazyLock::new(|| fixture("reference/checks.md"));
/// The inventory, whole and unchanged.
pub static INVENTORY: LazyLock<String> = LazyLock::new(|| fixture("reference/inventory.md"));

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every record of the fenced YAML lists of a document, in its order.
pub fn records(document: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    for line in document.lines() {
        match (&mut block, line) {
            (None, "```yaml") => block = Some(String::new()),
            (Some(text), "```") => {
                let list: Value = serde_yaml::from_str(text).expect("a block of records");
                found.extend(list.as_array().into_iter().flatten().cloned());
                block = None;
            }
            (Some(text), line) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

/// The steps of the procedure, in its order.
pub fn steps() -> &'static [Value] {
    static STEPS: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let all = records(&PROCEDURE).into_iter();
        all.filter(|record| record.get("kind").is_some()).collect()
    });
    &STEPS
}

/// The interlocks of the procedure.
pub fn interlocks() -> Vec<Value> {
    records(&PROCEDURE).into_iter().filter(|record| record.get("rule").is_some()).collect()
}

/// The ids of all checks.
pub fn checks() -> &'static [String] {
    static CHECKS_IDS: LazyLock<Vec<String>> =
        LazyLock::new(|| records(&CHECKS).iter().map(|record| text(record, "id")).collect());
    &CHECKS_IDS
}

/// A rule of the inventory.
pub struct Rule {
    pub id: String,
    /// Whether it stops the step, or only warns.
    pub is_error: bool,
    /// The first step that must not run while it is broken.
    pub step: String,
}

/// The rules of section 16 of the inventory.
pub fn rules() -> Vec<Rule> {
    rows("| V-")
        .into_iter()
        .map(|cells| Rule {
            id: cells[0].clone(),
            is_error: cells[1] == "E",
            step: cells[2].clone(),
        })
        .collect()
}

/// The variables of the tables of the inventory: each name, and where it is required
/// without a condition the step that first reads it. What is only announced for a later
/// release is not required.
pub fn variables() -> Vec<(String, Option<String>)> {
    let required =
        |cells: &[String]| (cells[3] == "yes" && cells[7] != "D26").then(|| cells[4].clone());
    rows("| `")
        .into_iter()
        .filter(|cells| cells.len() == 8)
        .map(|cells| (cells[0].trim_matches('`').to_owned(), required(&cells)))
        .collect()
}

/// The cells of the rows of the inventory's tables that begin so.
fn rows(beginning: &str) -> Vec<Vec<String>> {
    let cells = |row: &str| -> Vec<String> {
        row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    INVENTORY.lines().filter(|line| line.starts_with(beginning)).map(cells).collect()
}

/// A field as text; empty where it is missing.
pub fn text(record: &Value, field: &str) -> String {
    as_text(record.get(field).unwrap_or(&Value::Null))
}

/// A scalar as text.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim_end().to_owned(),
        other => other.to_string(),
    }
}

/// A field as a list of texts; one text is a list of one.
pub fn list(record: &Value, field: &str) -> Vec<String> {
    match record.get(field) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(as_text).collect(),
        Some(one) => vec![as_text(one)],
    }
}
