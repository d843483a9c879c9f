//! What a condition names, and what it cannot hold without.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::records;

/// Ids and words of a condition.
pub type Names = BTreeSet<String>;

/// Everything that a condition names, and whether it has leaves that no record can
/// name (a script, a variable, an output).
pub fn mentioned(condition: &Value) -> (Names, bool) {
    let mut names = Names::new();
    let mut has_others = false;
    walk(condition, &mut |leaf| match name_of(leaf) {
        Some(name) => drop(names.insert(name)),
        None => has_others = true,
    });
    (names, has_others)
}

/// What every way in which a condition can hold needs.
pub fn required(condition: &Value) -> Names {
    match condition {
        Value::Array(parts) => parts.iter().flat_map(required).collect(),
        Value::Object(map) => {
            if let Some(all) = map.get("all") {
                return required(all);
            }
            if map.contains_key("not") {
                return Names::new();
            }
            if let Some(Value::Array(ways)) = map.get("any") {
                let mut ways = ways.iter().map(required);
                let first = ways.next().unwrap_or_default();
                return ways.fold(first, |kept, way| &kept & &way);
            }
            name_of(condition).into_iter().collect()
        }
        leaf => name_of(leaf).into_iter().collect(),
    }
}

/// Every leaf of a condition.
pub fn walk(condition: &Value, leaf: &mut impl FnMut(&Value)) {
    match condition {
        Value::Null => {}
        Value::Array(parts) => parts.iter().for_each(|part| walk(part, leaf)),
        Value::Object(map) => {
            let inner = ["all", "any", "not"].iter().find_map(|key| map.get(*key));
            match inner {
                Some(inner) => walk(inner, leaf),
                None => leaf(condition),
            }
        }
        _ => leaf(condition),
    }
}

/// What a leaf is called in the records: an id, `exit 0`, `confirmed`, `seen`.
fn name_of(leaf: &Value) -> Option<String> {
    let name = match leaf {
        Value::String(text) if text.starts_with("exit ") => text.clone(),
        Value::String(text) if text == "recap" => return None,
        Value::String(text) => {
            text.split_whitespace().next()?.split('@').next().unwrap_or_default().to_owned()
        }
        Value::Object(map) if map.contains_key("confirmed") => "confirmed".to_owned(),
        Value::Object(map) if map.contains_key("seen") => "seen".to_owned(),
        // Both are about our own run as well as about the check.
        Value::Object(map) if map.contains_key("no_run") => "BAST-14".to_owned(),
        Value::Object(map) if map.contains_key("runner") => "BAST-15".to_owned(),
        _ => return None,
    };
    Some(name)
}

/// The checks and rules that a text names, ranges written out.
pub fn checks_in(words: &str) -> Names {
    static RANGE: LazyLock<Regex> = LazyLock::new(|| {
        let range = r"\b((?:V-)?[A-Z0-9]+)-(\d\d)(?:(?:\.\.| to )(?:(?:V-)?[A-Z0-9]+-)?(\d\d)\b)?";
        Regex::new(range).expect("a pattern")
    });
    static KNOWN: LazyLock<Names> = LazyLock::new(|| {
        let rules = records::rules().into_iter().map(|rule| rule.id);
        records::checks().iter().cloned().chain(rules).collect()
    });
    let mut found = Names::new();
    for part in RANGE.captures_iter(words) {
        let from: u32 = part[2].parse().expect("a number");
        let to: u32 = part.get(3).map_or(from, |to| to.as_str().parse().expect("a number"));
        found.extend((from..=to).map(|number| format!("{}-{number:02}", &part[1])));
    }
    found.retain(|id| KNOWN.contains(id));
    found
}

/// The steps that a text names.
pub fn steps_in(words: &str) -> Names {
    static STEP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:HW|SW|PC)-[0-9]+[A-Z]?(?:\.[0-9A-Z]+)*\b").expect("a pattern")
    });
    STEP.find_iter(words).map(|found| found.as_str().to_owned()).collect()
}
