//! Our resolving of a host beside that of `ansible-inventory`, as JSON text.
//! Starting the program is the command line's business; judging its answer is done here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Inventory, Kind, Node, Vars};
use crate::domain::untrusted::printable;

/// Names that `ansible-inventory` never prints (`INTERNAL_STATIC_VARS` of ansible-core).
const INTERNAL: [&str; 33] = [
    "ansible_async_path",
    "ansible_collection_name",
    "ansible_config_file",
    "ansible_dependent_role_names",
    "ansible_diff_mode",
    "ansible_facts",
    "ansible_forks",
    "ansible_inventory_sources",
    "ansible_limit",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_role_names",
    "ansible_playbook_python",
    "ansible_role_name",
    "ansible_role_names",
    "ansible_run_tags",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "groups",
    "group_names",
    "hostvars",
    "playbook_dir",
    "play_hosts",
    "role_name",
    "role_names",
    "role_path",
    "role_uuid",
];

/// One place where the two disagree. Values are printable, and never those of a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The host.
    pub host: String,
    /// The variable with the path inside it (`servers.list.gpu0.role`); empty for the host itself.
    pub path: String,
    /// What we resolve; `None` when we have no such value.
    pub ours: Option<String>,
    /// What Ansible resolves; `None` when it has no such value.
    pub ansible: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let (ours, ansible) = (side(&self.ours), side(&self.ansible));
        write!(f, "{} {}: here {ours}, in Ansible {ansible}", self.host, self.path)
    }
}

/// A value as `ansible-inventory` prints it.
pub fn as_ansible(node: &Node) -> Value {
    match &node.kind {
        Kind::Vault(text) => {
            let mut sealed = serde_json::Map::new();
            sealed.insert("__ansible_vault".to_owned(), Value::from(text.as_str()));
            Value::Object(sealed)
        }
        _ => convert(node, &as_ansible),
    }
}

/// A value for people: a vault is only `(vault)`.
pub fn as_shown(node: &Node) -> Value {
    match &node.kind {
        Kind::Vault(_) => Value::from("(vault)"),
        _ => convert(node, &as_shown),
    }
}

fn convert(node: &Node, inner: &dyn Fn(&Node) -> Value) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(truth) => Value::from(*truth),
        Kind::Int(number) => Value::from(*number),
        // JSON has no infinity; the word says more than null.
        Kind::Float(number) if !number.is_finite() => Value::from(number.to_string()),
        Kind::Float(number) => Value::from(*number),
        Kind::Str(text) | Kind::Unsafe(text) | Kind::Vault(text) => Value::from(text.as_str()),
        Kind::List(items) => Value::Array(items.iter().map(inner).collect()),
        Kind::Map(entries) => {
            Value::Object(entries.iter().map(|e| (e.key.clone(), inner(&e.value))).collect())
        }
    }
}

/// Compares one host with what `ansible-inventory -i FILE --host HOST` printed.
///
/// # Errors
/// A sentence when the host is unknown here or the text is no JSON object.
pub fn compare_host(
    inventory: &Inventory,
    host: &str,
    printed: &str,
) -> Result<Vec<Difference>, String> {
    let ours = inventory
        .host_vars(host)
        .ok_or_else(|| format!("`{}` is no host of this inventory", printable(host)))?;
    match parse(printed)? {
        Value::Object(theirs) => Ok(compare_vars(host, &ours, &theirs)),
        _ => Err("ansible-inventory did not print a JSON object".to_owned()),
    }
}

/// Compares all hosts and groups with what `ansible-inventory -i FILE --list` printed.
///
/// # Errors
/// A sentence when the text is no answer of `ansible-inventory --list`.
pub fn compare_list(inventory: &Inventory, printed: &str) -> Result<Vec<Difference>, String> {
    let list = parse(printed)?;
    let hostvars = list.get("_meta").and_then(|meta| meta.get("hostvars"));
    let Some(hostvars) = hostvars.and_then(Value::as_object) else {
        return Err("ansible-inventory printed no `_meta.hostvars`".to_owned());
    };
    let nothing = serde_json::Map::new();
    let mut found = Vec::new();
    for host in &inventory.hosts {
        let theirs = hostvars.get(&host.name).and_then(Value::as_object).unwrap_or(&nothing);
        let ours = inventory.host_vars(&host.name).unwrap_or_default();
        found.extend(compare_vars(&host.name, &ours, theirs));
    }
    for host in hostvars.keys().filter(|name| inventory.host(name).is_none()) {
        found.push(Difference {
            host: printable(host),
            path: String::new(),
            ours: None,
            ansible: Some("a host".to_owned()),
        });
    }
    for group in inventory.groups.values() {
        let theirs = list.get(&group.name);
        let names = |section: &str| -> Vec<String> {
            let items = theirs.and_then(|group| group.get(section)).and_then(Value::as_array);
            items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        for (section, ours) in [("hosts", &group.hosts), ("children", &group.children)] {
            // Hosts directly in `all` are listed under `ungrouped` only.
            if section == "hosts" && group.name == "all" {
                continue;
            }
            let (mut ours, mut theirs) = (ours.clone(), names(section));
            ours.sort();
            theirs.sort();
            if ours != theirs {
                found.push(Difference {
                    host: format!("group {}", printable(&group.name)),
                    path: section.to_owned(),
                    ours: Some(printable(&ours.join(", "))),
                    ansible: Some(printable(&theirs.join(", "))),
                });
            }
        }
    }
    Ok(found)
}

fn parse(printed: &str) -> Result<Value, String> {
    serde_json::from_str(printed)
        .map_err(|error| format!("ansible-inventory did not print JSON ({error})"))
}

fn compare_vars(
    host: &str,
    ours: &Vars,
    theirs: &serde_json::Map<String, Value>,
) -> Vec<Difference> {
    let ours: BTreeMap<&str, Value> = ours
        .iter()
        .filter(|(name, _)| !INTERNAL.contains(&name.as_str()))
        .map(|(name, node)| (name.as_str(), as_ansible(node)))
        .collect();
    let mut found = Vec::new();
    for (name, value) in &ours {
        differ(host, name, Some(value), theirs.get(*name), &mut found);
    }
    for (name, value) in theirs.iter().filter(|(name, _)| !ours.contains_key(name.as_str())) {
        differ(host, name, None, Some(value), &mut found);
    }
    found
}

/// Adds where two values differ, going into mappings so that the path is exact.
fn differ(
    host: &str,
    path: &str,
    ours: Option<&Value>,
    theirs: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    let theirs = theirs.map(plain);
    let theirs = theirs.as_ref();
    if ours == theirs || ours.zip(theirs).is_some_and(|(a, b)| same_number(a, b)) {
        return;
    }
    if let (Some(Value::Object(a)), Some(Value::Object(b))) = (ours, theirs)
        && !a.contains_key("__ansible_vault")
    {
        let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            differ(host, &format!("{path}.{key}"), a.get(key), b.get(key), found);
        }
        return;
    }
    found.push(Difference {
        host: printable(host),
        path: printable(path),
        ours: ours.map(shown),
        // What a vault holds may have been opened by Ansible; it is not ours to show.
        ansible: match (ours, theirs) {
            (Some(ours), Some(theirs)) if holds_vault(ours) && !holds_vault(theirs) => {
                Some("an opened value".to_owned())
            }
            _ => theirs.map(shown),
        },
    });
}

/// Versions of ansible-core before 2.19 wrap unsafe text into a mapping.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) => match map.get("__ansible_unsafe") {
            Some(text) if map.len() == 1 => text.clone(),
            _ => Value::Object(map.iter().map(|(k, v)| (k.clone(), plain(v))).collect()),
        },
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        other => other.clone(),
    }
}

/// Whole numbers beyond 64 bits are kept as floats on both sides.
fn same_number(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a.is_f64() && b.is_f64() && a.as_f64() == b.as_f64()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || same_number(a, b))
        }
        _ => false,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(map) if map.contains_key("__ansible_vault") => "(vault)".to_owned(),
        Value::Object(_) | Value::Array(_) if holds_vault(value) => {
            "a value with a vault in it".to_owned()
        }
        other => printable(&other.to_string()),
    }
}

fn holds_vault(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key("__ansible_vault") || map.values().any(holds_vault),
        Value::Array(items) => items.iter().any(holds_vault),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn inventory() -> Inventory {
        let text = "all:\n  vars: {a: 1, m: {x: 1, y: 2}}\n  hosts:\n    h:\n      s: !vault |\n        \
                    $ANSIBLE_VAULT;1.1;AES256\n        6162\n";
        Inventory::parse(text, Path::new("inventory.yml")).unwrap()
    }

    #[test]
    fn equal_answers_have_no_difference() {
        let printed = r#"{"a": 1, "m": {"x": 1, "y": 2},
            "s": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6162\n"}}"#;
        assert_eq!(compare_host(&inventory(), "h", printed).unwrap(), []);
    }

    #[test]
    fn every_difference_has_its_path_and_no_secret() {
        let printed = r#"{"a": "1", "m": {"x": 1, "y": 3}, "z": true, "s": "6162 opened"}"#;
        let found = compare_host(&inventory(), "h", printed).unwrap();
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "h a: here 1, in Ansible \"1\"",
                "h m.y: here 2, in Ansible 3",
                "h s: here (vault), in Ansible an opened value",
                "h z: here nothing, in Ansible true",
            ]
        );
        assert!(compare_host(&inventory(), "x", "{}").unwrap_err().contains("no host"));
        assert!(compare_host(&inventory(), "h", "[WARNING]").unwrap_err().contains("JSON"));
    }

    #[test]
    fn a_list_is_compared_with_its_hosts_and_groups() {
        let printed = r#"{"_meta": {"hostvars": {"h": {"a": 1}, "other": {}}},
            "all": {"children": ["ungrouped", "g"]}, "ungrouped": {"hosts": ["h"]}}"#;
        let found = compare_list(&inventory(), printed).unwrap();
        let paths: Vec<&str> = found.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, ["m", "s", "", "children"]);
    }
}
