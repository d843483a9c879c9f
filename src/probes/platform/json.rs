//! JSON documents as `kubectl`, `jq` and the clients of the cloud print them,
//! one or several after each other. Pure; believes nothing.

use serde_json::Value;

use crate::domain::fact::Table;
use crate::domain::untrusted::printable;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble, json_text};

/// Every document of a text. Nothing at all is no document, and an error of
/// the format like anything that is no JSON.
pub(crate) fn documents(text: &str, what: &'static str) -> Result<Vec<Value>, Trouble> {
    let all: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => Err(Trouble::Format(what)),
    }
}

/// The members of every list in a text: of `items`, of an array, or the
/// documents themselves where they are single objects with a kind.
pub(crate) fn items(text: &str, what: &'static str) -> Result<Vec<Value>, Trouble> {
    let mut found = Vec::new();
    for document in documents(text, what)? {
        match document {
            Value::Array(list) => found.extend(list),
            Value::Object(mut map) => match map.remove("items") {
                Some(Value::Array(list)) => found.extend(list),
                Some(_) => return Err(Trouble::Format(what)),
                None if map.contains_key("metadata") => found.push(Value::Object(map)),
                None => return Err(Trouble::Format(what)),
            },
            _ => return Err(Trouble::Format(what)),
        }
    }
    Ok(found)
}

/// The value at a path of names joined by dots.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// The text at a path; empty where there is none.
pub(crate) fn text(value: &Value, path: &str) -> String {
    json_text(at(value, path))
}

/// The list at a path; empty where there is none.
pub(crate) fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The whole number at a path; 0 where there is none, as Kubernetes leaves zeros out.
pub(crate) fn number(value: &Value, path: &str) -> i64 {
    at(value, path).and_then(Value::as_i64).unwrap_or(0)
}

/// A condition of an object by its type: status, reason with message, and
/// since when; empty where there is no such condition.
pub(crate) fn condition(value: &Value, kind: &str) -> (String, String, String) {
    let conditions = list(value, "status.conditions");
    let Some(found) = conditions.iter().find(|one| text(one, "type") == kind) else {
        return Default::default();
    };
    let message = [text(found, "reason"), text(found, "message")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(": ");
    (text(found, "status"), message, text(found, "lastTransitionTime"))
}

/// A table of one row per member, no more than are kept.
pub(crate) fn table<'a>(
    columns: &[&str],
    members: impl IntoIterator<Item = &'a Value>,
    row: impl Fn(&Value) -> Vec<String>,
) -> Table {
    let mut table = Table::new(columns);
    for member in members.into_iter().take(MOST_ROWS) {
        table.push(row(member));
    }
    table
}

/// The first words of something that was not what was wanted, safe to show.
pub(crate) fn first_words(text: &str) -> String {
    let line = text.lines().map(printable).find(|line| !line.trim().is_empty());
    line.unwrap_or_default().trim().chars().take(120).collect()
}
