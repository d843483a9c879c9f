//! `inventory show` and `inventory explain`: what the inventory says, and why,
//! as text and as JSON. A vault value is only ever `(vault)`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::compare::as_shown;
use super::{Inventory, Node, Vars};
use crate::domain::nearest;
use crate::domain::untrusted::printable;

/// The longest value on one line of text, in characters; JSON has all of it.
const WIDEST: usize = 100;

/// One variable of a host, with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The variable.
    pub name: String,
    /// Its value, `(vault)` where sealed.
    pub value: Value,
    /// Whose it is: `group gpu`, `host gpu-07`.
    pub owner: String,
    /// `FILE:LINE:COLUMN`.
    pub place: String,
    /// What it overrides, strongest first: owner, place, value.
    pub overrides: Vec<(String, String, Value)>,
}

/// Every variable of a host with its origin and what it overrides.
///
/// # Errors
/// A sentence when there is no such host, with the nearest name.
pub fn explain(inventory: &Inventory, host: &str) -> Result<Vec<Explained>, String> {
    let vars = inventory.host_vars(host).ok_or_else(|| no_such(inventory, host))?;
    let mut found = Vec::new();
    for name in vars.keys() {
        let mut origins = inventory.origins(host, name).into_iter().rev();
        let Some(winner) = origins.next() else { continue };
        found.push(Explained {
            name: name.clone(),
            value: as_shown(name, &winner.value),
            place: winner.value.place.to_string(),
            owner: winner.owner,
            overrides: origins
                .map(|o| (o.owner, o.value.place.to_string(), as_shown(name, &o.value)))
                .collect(),
        });
    }
    Ok(found)
}

/// [`explain`] as text.
///
/// # Errors
/// As [`explain`].
pub fn explain_text(inventory: &Inventory, host: &str) -> Result<String, String> {
    let groups = inventory.host(host).map(|host| host.groups.join(", ")).unwrap_or_default();
    let mut out = String::new();
    let variables = explain(inventory, host)?;
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}  in {}", printable(host), printable(&groups));
    for variable in variables {
        let _ = writeln!(out, "{} = {}", printable(&variable.name), one_line(&variable.value));
        let _ = writeln!(out, "    {}  {}", printable(&variable.owner), printable(&variable.place));
        for (owner, place, value) in &variable.overrides {
            let (owner, place) = (printable(owner), printable(place));
            let _ = writeln!(out, "    overrides {owner}  {place}  {}", one_line(value));
        }
    }
    Ok(out)
}

/// [`explain`] as JSON (`{schema, host, groups, variables}`).
///
/// # Errors
/// As [`explain`].
pub fn explain_json(inventory: &Inventory, host: &str) -> Result<Value, String> {
    let groups = inventory.host(host).map(|host| host.groups.clone()).unwrap_or_default();
    let variables: Vec<Value> = explain(inventory, host)?
        .into_iter()
        .map(|variable| {
            let overrides: Vec<Value> = variable
                .overrides
                .into_iter()
                .map(|(owner, place, value)| json!({"from": owner, "place": place, "value": value}))
                .collect();
            json!({
                "name": variable.name, "value": variable.value, "from": variable.owner,
                "place": variable.place, "overrides": overrides,
            })
        })
        .collect();
    Ok(json!({"schema": 1, "host": host, "groups": groups, "variables": variables}))
}

/// The whole inventory, or one host or group of it, as text.
///
/// # Errors
/// A sentence when there is no host or group of that name.
pub fn show_text(inventory: &Inventory, name: Option<&str>) -> Result<String, String> {
    let mut out = String::new();
    let Some(name) = name else {
        let counts = inventory.counts();
        let _ = writeln!(
            out,
            "{}: {} hosts, {} groups",
            inventory.file.display(),
            counts.hosts,
            counts.groups
        );
        branch(inventory, "all", 0, &mut BTreeSet::new(), &mut out);
        return Ok(out);
    };
    let vars = match (inventory.host(name), inventory.groups.get(name)) {
        (Some(host), _) => {
            let groups = printable(&host.groups.join(", "));
            let _ = writeln!(out, "host {}  {}\n  in {groups}", printable(name), host.declared);
            inventory.host_vars(name).unwrap_or_default()
        }
        (None, Some(group)) => {
            let _ = writeln!(out, "group {}  {}", printable(name), group.declared);
            for (title, names) in [("below", &group.parents), ("children", &group.children)] {
                if !names.is_empty() {
                    let _ = writeln!(out, "  {title} {}", printable(&names.join(", ")));
                }
            }
            let hosts: Vec<&str> =
                inventory.hosts_in(name).iter().map(|host| host.name.as_str()).collect();
            let _ = writeln!(out, "  {} hosts: {}", hosts.len(), printable(&hosts.join(", ")));
            inventory.group_vars(name).into()
        }
        (None, None) => return Err(no_such(inventory, name)),
    };
    for (name, value) in vars.iter() {
        let _ = writeln!(out, "{} = {}", printable(name), one_line(&as_shown(name, value)));
    }
    Ok(out)
}

/// The whole inventory, or one host or group of it, as JSON.
///
/// # Errors
/// A sentence when there is no host or group of that name.
pub fn show_json(inventory: &Inventory, name: Option<&str>) -> Result<Value, String> {
    let host = |name: &str| {
        let groups = inventory.host(name).map(|host| host.groups.clone()).unwrap_or_default();
        let vars = inventory.host_vars(name).unwrap_or_default();
        json!({"name": name, "groups": groups, "vars": object(&vars)})
    };
    let group = |name: &str| {
        let group = inventory.groups.get(name)?;
        let hosts: Vec<&str> =
            inventory.hosts_in(name).iter().map(|host| host.name.as_str()).collect();
        Some(json!({
            "name": name, "parents": group.parents, "children": group.children,
            "hosts": hosts, "vars": object(&inventory.group_vars(name)),
        }))
    };
    match name {
        Some(name) if inventory.host(name).is_some() => {
            Ok(json!({"schema": 1, "host": host(name)}))
        }
        Some(name) => match group(name) {
            Some(group) => Ok(json!({"schema": 1, "group": group})),
            None => Err(no_such(inventory, name)),
        },
        None => {
            let hosts: Vec<Value> = inventory.hosts.iter().map(|h| host(&h.name)).collect();
            let groups: Vec<Value> =
                inventory.groups.keys().filter_map(|name| group(name)).collect();
            let file = inventory.file.display().to_string();
            Ok(json!({"schema": 1, "file": file, "hosts": hosts, "groups": groups}))
        }
    }
}

fn object(vars: &Vars) -> Value {
    let shown =
        |(name, node): (&String, &std::sync::Arc<Node>)| (name.clone(), as_shown(name, node));
    Value::Object(vars.iter().map(shown).collect::<Map<String, Value>>())
}

/// A group with what is below it, indented; what stands above already is not repeated.
fn branch<'a>(
    inventory: &'a Inventory,
    name: &str,
    depth: usize,
    seen: &mut BTreeSet<&'a str>,
    out: &mut String,
) {
    let Some(group) = inventory.groups.get(name) else { return };
    let indent = "  ".repeat(depth);
    let count = inventory.hosts_in(name).len();
    if !seen.insert(&group.name) {
        let _ = writeln!(out, "{indent}{}  ({count}, see above)", printable(name));
        return;
    }
    let _ = writeln!(out, "{indent}{}  ({count})", printable(name));
    for child in &group.children {
        branch(inventory, child, depth + 1, seen, out);
    }
    for host in group.hosts.iter().filter(|_| name != "all") {
        let _ = writeln!(out, "{indent}  - {}", printable(host));
    }
}

/// A value on one line; what is too long says how much there is.
fn one_line(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.replace('\n', "\\n"),
        other => other.to_string(),
    };
    let count = text.chars().count();
    if count <= WIDEST {
        return printable(&text);
    }
    let start: String = text.chars().take(WIDEST).collect();
    format!("{}~ ({count} characters)", printable(&start))
}

fn no_such(inventory: &Inventory, name: &str) -> String {
    let hosts = inventory.hosts.iter().map(|host| host.name.as_str());
    let names = hosts.chain(inventory.groups.keys().map(String::as_str));
    let near = match nearest(name, names) {
        Some(near) => format!("; did you mean `{}`?", printable(near)),
        None => String::new(),
    };
    format!("`{}` is no host or group of {}{near}", printable(name), inventory.file.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::vault::Vault;
    use std::path::Path;

    fn tricky() -> Inventory {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = root.join("tests/fixtures/inventory/tricky/inventory.yml");
        Inventory::load_file(&file, &Vault::default()).unwrap()
    }

    #[test]
    fn a_variable_says_where_it_is_from_and_what_it_overrides() {
        let found = explain(&tricky(), "gpu-03").unwrap();
        let place = found.iter().find(|v| v.name == "where").unwrap();
        assert_eq!(place.value, json!("group_vars/gpu/main"));
        assert_eq!(place.owner, "group gpu");
        assert!(place.place.ends_with("group_vars/gpu/main.yaml:1:8"), "{}", place.place);
        let owners: Vec<&str> = place.overrides.iter().map(|(owner, ..)| owner.as_str()).collect();
        assert_eq!(owners, ["group all", "group gpu", "group all"]);
        assert_eq!(place.overrides[2].2, json!("all in the file"));
        let mapping = found.iter().find(|v| v.name == "mapping").unwrap();
        assert_eq!((mapping.owner.as_str(), mapping.overrides.len()), ("host gpu-03", 2));
    }

    #[test]
    fn sealed_values_are_never_shown() {
        let inventory = tricky();
        let all = show_json(&inventory, None).unwrap().to_string()
            + &show_text(&inventory, Some("scalars-1")).unwrap()
            + &explain_text(&inventory, "scalars-1").unwrap()
            + &explain_json(&inventory, "router-0").unwrap().to_string();
        assert!(all.contains("(vault)"));
        assert!(!all.contains("ANSIBLE_VAULT") && !all.contains("31613466"));
    }

    #[test]
    fn the_whole_one_host_and_one_group_can_be_shown() {
        let inventory = tricky();
        let whole = show_text(&inventory, None).unwrap();
        assert!(whole.contains(": 38 hosts, 22 groups\nall  (38)\n"), "{whole}");
        assert!(whole.contains("      weka  (1, see above)\n"), "{whole}");
        assert!(whole.contains("      osd  (2)\n"), "{whole}");
        let group = show_text(&inventory, Some("osd")).unwrap();
        assert!(group.contains("2 hosts: ceph-1, ceph-2"), "{group}");
        assert!(group.contains("depth = three"), "{group}");
        let json = show_json(&inventory, Some("gpu-08")).unwrap();
        assert_eq!(json["schema"], 1);
        assert_eq!(json["host"]["vars"]["rack"], "r2");
        let error = show_text(&inventory, Some("gpu-0")).unwrap_err();
        assert!(error.contains("did you mean `gpu-0"), "{error}");
    }
}
