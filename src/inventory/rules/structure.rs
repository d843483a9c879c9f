//! V-YAML: groups and names.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::Findings;
use super::reading::references;
use super::view::{FACTORY_GROUPS, View, walk};
use crate::inventory::Kind;

/// Names that are no variables of the platform but of Ansible and of this
/// console: where a machine stands and what it is called.
const OURS: [&str; 6] = ["rack", "rack_unit", "unit", "height", "serial", "serial_number"];

/// V-YAML-02: the five groups exist and have a host.
pub fn groups_have_hosts(view: &View<'_>, out: &mut Findings<'_>) {
    for group in FACTORY_GROUPS {
        if !view.case.inventory.groups.contains_key(group) {
            out.broken(
                &view.file(),
                format!("the group {group} is missing"),
                "add it under all.children with its host; inventory.example.yml shows all five",
            );
        } else if view.members(group).is_empty() {
            out.broken(
                &view.group_place(group),
                format!("the group {group} has no host"),
                "name its host under `hosts:`",
            );
        }
    }
}

/// V-YAML-03: unknown names at the top, with the nearest known one.
///
/// A name that a template of the inventory refers to is the site's own and known.
pub fn names_are_known(view: &View<'_>, out: &mut Findings<'_>) {
    let declared = view.declared();
    let mut referred = BTreeSet::new();
    for variable in &declared {
        walk(variable.at.node, variable.name, &mut |node, _| {
            if let Kind::Str(text) = &node.kind {
                referred.extend(references(text).filter_map(|path| path.split('.').next()));
            }
        });
    }
    let catalogue = view.case.variables;
    let mut unknown: BTreeMap<&str, _> = BTreeMap::new();
    for variable in &declared {
        let name = variable.name;
        let known = catalogue.knows(name)
            || name.starts_with("ansible_")
            || OURS.contains(&name)
            || referred.contains(name);
        if !known {
            unknown.entry(name).or_insert_with(|| variable.at.place());
        }
    }
    for (name, place) in unknown {
        let nearest = nearest(name, catalogue.names());
        let hint = match nearest {
            Some(near) => format!("did you mean {near}?"),
            None => "no release's documents mention it; it is kept as it is".to_owned(),
        };
        out.broken(place, format!("{name} is not a known variable"), &hint);
    }
}

/// The nearest of some names at an edit distance of 1 or 2.
pub fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .filter(|known| known.len().abs_diff(name.len()) <= 2)
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| (1..=2).contains(distance))
        .min()
        .map(|(_, known)| known)
}
