//! From the tree of an inventory file to groups and hosts, step by step as
//! ansible-core does it (`plugins/inventory/yaml.py`, `inventory/data.py`).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::model::{Group, Host, HostData, Inventory};
use super::problem::{Problem, RULE_PARSE, RULE_SKIPPED, Severity};
use super::yaml::Document;
use super::{Entry, Kind, Node, Vars, ranges};
use crate::domain::Place;
use crate::domain::untrusted::printable;

/// The sections of a group.
const SECTIONS: [&str; 3] = ["vars", "children", "hosts"];

/// Builds the inventory of one file, with nothing beside it.
///
/// # Errors
/// The one problem for which Ansible would refuse the file.
pub(super) fn build(document: Document, file: &Path) -> Result<Inventory, Box<Problem>> {
    let mut builder = Builder {
        groups: BTreeMap::new(),
        hosts: Vec::new(),
        host_data: Vec::new(),
        by_name: HashMap::new(),
        members: HashSet::new(),
        odd_keys: document.odd_keys,
        problems: document.problems,
    };
    let whole = Place { file: file.to_path_buf(), line: 0, column: 0 };
    builder.add_group("all", &whole)?;
    builder.add_group("ungrouped", &whole)?;
    builder.add_child("all", "ungrouped", &whole)?;
    let Kind::Map(entries) = &document.root.kind else {
        return Err(Problem::refusal(
            document.root.place.clone(),
            format!(
                "the file is {}, and a mapping of groups is expected",
                document.root.kind_name()
            ),
            "begin with `all:` and put `hosts`, `children` and `vars` below it",
        ));
    };
    if let Some(plugin) = document.root.entry("plugin") {
        return Err(Problem::refusal(
            plugin.place.clone(),
            "this is the configuration of an inventory plugin, and an inventory is expected",
            "name an inventory file that lists groups and hosts",
        ));
    }
    for entry in entries {
        builder.group(entry)?;
    }
    builder.finish(file)
}

struct Builder {
    groups: BTreeMap<String, Group>,
    hosts: Vec<Host>,
    host_data: Vec<HostData>,
    by_name: HashMap<String, usize>,
    /// Group and host, for each host directly in a group.
    members: HashSet<(String, usize)>,
    odd_keys: HashSet<Place>,
    problems: Vec<Problem>,
}

impl Builder {
    fn skip(&mut self, place: &Place, sentence: String, hint: &str) {
        self.problems.push(Problem::reading(
            RULE_SKIPPED,
            Severity::Warning,
            place.clone(),
            sentence,
            hint,
        ));
    }

    fn group(&mut self, entry: &Entry) -> Result<(), Box<Problem>> {
        let name = entry.key.as_str();
        let shown = printable(name);
        if !matches!(entry.value.kind, Kind::Map(_) | Kind::Null) {
            let sentence = format!(
                "Ansible skips `{shown}`: it is {}, and a group is a mapping",
                entry.value.kind_name()
            );
            self.skip(&entry.place, sentence, "a group has `hosts`, `children` and `vars`");
            return Ok(());
        }
        if self.odd_keys.contains(&entry.place) || name.is_empty() {
            return Err(Problem::refusal(
                entry.place.clone(),
                format!("the group name `{shown}` is no text, and text is accepted"),
                "put the name in quotes",
            ));
        }
        self.add_group(name, &entry.place)?;
        for entry in entry.value.entries() {
            self.section(name, entry)?;
        }
        Ok(())
    }

    fn section(&mut self, group: &str, entry: &Entry) -> Result<(), Box<Problem>> {
        let key = entry.key.as_str();
        let shown = printable(key);
        let known = SECTIONS.contains(&key);
        let single;
        let entries = match &entry.value.kind {
            Kind::Null => return Ok(()),
            Kind::Map(entries) => entries.as_slice(),
            // Ansible takes a lone name for a mapping with that one key.
            Kind::Str(name) | Kind::Unsafe(name) if known => {
                let place = entry.value.place.clone();
                let value = Node { kind: Kind::Null, place: place.clone() };
                single = [Entry { key: name.clone(), place, value }];
                &single
            }
            _ if known => {
                return Err(Problem::refusal(
                    entry.value.place.clone(),
                    format!(
                        "`{shown}` of the group `{}` is {}, and a mapping is accepted",
                        printable(group),
                        entry.value.kind_name()
                    ),
                    "write each name as a key with a colon behind it, without a dash",
                ));
            }
            _ => &[],
        };
        match key {
            "vars" => self.group_vars(group, entries),
            "children" => self.children(group, entries),
            "hosts" => self.group_hosts(group, entries),
            _ => {
                let sentence = format!(
                    "Ansible skips `{shown}` in the group `{}`, which has only `vars`, `children` \
                     and `hosts`",
                    printable(group)
                );
                self.skip(
                    &entry.place,
                    sentence,
                    "put variables under `vars`, groups under `children`",
                );
                Ok(())
            }
        }
    }

    fn group_vars(&mut self, group: &str, entries: &[Entry]) -> Result<(), Box<Problem>> {
        for entry in entries {
            self.set_group_var(group, entry)?;
        }
        Ok(())
    }

    fn set_group_var(&mut self, group: &str, entry: &Entry) -> Result<(), Box<Problem>> {
        let Some(group) = self.groups.get_mut(group) else { return Ok(()) };
        if entry.key != "ansible_group_priority" {
            group.inline.insert(entry.key.clone(), Arc::new(entry.value.clone()));
            return Ok(());
        }
        let priority = match &entry.value.kind {
            Kind::Bool(truth) => Some(i64::from(*truth)),
            // Python's `int()` cuts the fraction off.
            Kind::Float(number) if number.is_finite() => Some(*number as i64),
            _ => entry.value.as_int(),
        };
        group.priority = priority.ok_or_else(|| {
            Problem::refusal(
                entry.value.place.clone(),
                format!(
                    "`ansible_group_priority` is {}, and a whole number is accepted",
                    entry.value.kind_name()
                ),
                "write a number; 1 is what groups have without it",
            )
        })?;
        Ok(())
    }

    fn children(&mut self, group: &str, entries: &[Entry]) -> Result<(), Box<Problem>> {
        for entry in entries {
            self.group(entry)?;
            if self.groups.contains_key(&entry.key) {
                self.add_child(group, &entry.key, &entry.place)?;
            } else if let Some(host) = self.by_name.get(&entry.key) {
                self.add_member(group, *host);
            } else {
                return Err(Problem::refusal(
                    entry.place.clone(),
                    format!(
                        "`{}` stands under `children` and is {}, and a group is accepted",
                        printable(&entry.key),
                        entry.value.kind_name()
                    ),
                    "give it `hosts`, `children` or `vars`, or nothing behind the colon",
                ));
            }
        }
        Ok(())
    }

    fn group_hosts(&mut self, group: &str, entries: &[Entry]) -> Result<(), Box<Problem>> {
        for entry in entries {
            if self.odd_keys.contains(&entry.place) || entry.key.is_empty() {
                return Err(Problem::refusal(
                    entry.place.clone(),
                    format!(
                        "the host name `{}` is no text, and text is accepted",
                        printable(&entry.key)
                    ),
                    "put the name in quotes",
                ));
            }
            let expanded = ranges::expand(&entry.key).map_err(|sentence| {
                Problem::refusal(
                    entry.place.clone(),
                    printable(&sentence),
                    "write for example `node[01:48]`",
                )
            })?;
            let variables = match &entry.value.kind {
                Kind::Map(entries) => entries.as_slice(),
                _ if is_falsy(&entry.value) => &[],
                _ => {
                    return Err(Problem::refusal(
                        entry.value.place.clone(),
                        format!(
                            "the host `{}` is {}, and a mapping of its variables is accepted",
                            printable(&entry.key),
                            entry.value.kind_name()
                        ),
                        "write its variables below it, or nothing behind the colon",
                    ));
                }
            };
            let shared: Vec<(String, Arc<Node>)> = variables
                .iter()
                .map(|entry| (entry.key.clone(), Arc::new(entry.value.clone())))
                .collect();
            for name in expanded.names {
                self.host(group, name, &entry.place, expanded.port, &shared)?;
            }
        }
        Ok(())
    }

    fn host(
        &mut self,
        group: &str,
        name: String,
        place: &Place,
        port: Option<i64>,
        variables: &[(String, Arc<Node>)],
    ) -> Result<(), Box<Problem>> {
        let at = match self.by_name.get(&name) {
            Some(at) => *at,
            None => {
                let at = self.hosts.len();
                let mut data = HostData::default();
                if let Some(port) = port {
                    let port = Node { kind: Kind::Int(port), place: place.clone() };
                    data.inline.insert("ansible_port".to_owned(), Arc::new(port));
                }
                self.by_name.insert(name.clone(), at);
                self.hosts.push(Host {
                    name: name.clone(),
                    declared: place.clone(),
                    groups: Vec::new(),
                });
                self.host_data.push(data);
                at
            }
        };
        self.add_member(group, at);
        for (key, value) in variables {
            // A group of the same name takes the variables, as in Ansible.
            if self.groups.contains_key(&name) {
                let entry = Entry {
                    key: key.clone(),
                    place: value.place.clone(),
                    value: Node::clone(value),
                };
                self.set_group_var(&name, &entry)?;
            } else if let Some(data) = self.host_data.get_mut(at) {
                data.inline.insert(key.clone(), Arc::clone(value));
            }
        }
        Ok(())
    }

    fn add_member(&mut self, group: &str, host: usize) {
        if !self.members.insert((group.to_owned(), host)) {
            return;
        }
        let name = self.hosts.get(host).map(|host| host.name.clone());
        if let Some((group, name)) = self.groups.get_mut(group).zip(name) {
            group.hosts.push(name);
        }
    }

    fn add_group(&mut self, name: &str, place: &Place) -> Result<(), Box<Problem>> {
        if let Some(group) = self.groups.get_mut(name) {
            if group.declared.line == 0 {
                group.declared = place.clone();
            }
            return Ok(());
        }
        let group = Group {
            name: name.to_owned(),
            declared: place.clone(),
            children: Vec::new(),
            parents: Vec::new(),
            hosts: Vec::new(),
            depth: 0,
            priority: 1,
            inline: Vars::new(),
            beside: Vars::new(),
        };
        self.groups.insert(name.to_owned(), group);
        Ok(())
    }

    fn add_child(&mut self, parent: &str, child: &str, place: &Place) -> Result<(), Box<Problem>> {
        if parent == child || ancestors(&self.groups, parent).contains(child) {
            return Err(Problem::refusal(
                place.clone(),
                format!(
                    "the group `{}` becomes its own ancestor here, below `{}`",
                    printable(child),
                    printable(parent)
                ),
                "remove it from the `children` of one of the two",
            ));
        }
        if let Some(group) = self.groups.get_mut(parent)
            && !group.children.iter().any(|name| name == child)
        {
            group.children.push(child.to_owned());
            if let Some(group) = self.groups.get_mut(child) {
                group.parents.push(parent.to_owned());
            }
        }
        Ok(())
    }

    /// What `reconcile_inventory` does, and the order of precedence.
    fn finish(mut self, file: &Path) -> Result<Inventory, Box<Problem>> {
        let orphans: Vec<(String, Place)> = self
            .groups
            .values()
            .filter(|group| group.name != "all" && group.parents.is_empty())
            .map(|group| (group.name.clone(), group.declared.clone()))
            .collect();
        for (name, place) in orphans {
            self.add_child("all", &name, &place)?;
        }
        for (name, depth) in depths(&self.groups) {
            if let Some(group) = self.groups.get_mut(&name) {
                group.depth = depth;
            }
        }
        let mut order: Vec<(u32, i64, String)> =
            self.groups.values().map(|g| (g.depth, g.priority, g.name.clone())).collect();
        order.sort();
        let order: Vec<String> = order.into_iter().map(|(_, _, name)| name).collect();
        self.place_hosts(&order);
        if let Some(conflict) = self.groups.values().find(|g| self.by_name.contains_key(&g.name)) {
            let sentence =
                format!("`{}` is the name of a group and of a host", printable(&conflict.name));
            self.problems.push(Problem::reading(
                RULE_PARSE,
                Severity::Warning,
                conflict.declared.clone(),
                sentence,
                "rename one of the two",
            ));
        }
        let mut inventory = Inventory {
            directory: file.parent().map(Path::to_path_buf).unwrap_or_default(),
            file: file.to_path_buf(),
            hosts: self.hosts,
            groups: self.groups,
            problems: self.problems,
            by_name: self.by_name,
            host_data: self.host_data,
            order,
            merged: Arc::default(),
            all: Vars::new(),
        };
        inventory.settle();
        Ok(inventory)
    }

    /// Gives every host its groups, and `ungrouped` to those that have none.
    fn place_hosts(&mut self, order: &[String]) {
        let rank: HashMap<&str, usize> =
            order.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let mut direct: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.hosts.len()];
        for (group, host) in &self.members {
            if let Some((set, rank)) = direct.get_mut(*host).zip(rank.get(group.as_str())) {
                set.insert(*rank);
            }
        }
        let mut known: HashMap<BTreeSet<usize>, Vec<String>> = HashMap::new();
        let mut ungrouped = Vec::new();
        for (host, direct) in self.hosts.iter_mut().zip(direct) {
            let groups = known.entry(direct.clone()).or_insert_with(|| {
                let mut names: BTreeSet<usize> = direct.clone();
                for at in &direct {
                    let Some(name) = order.get(*at) else { continue };
                    let above = ancestors(&self.groups, name);
                    names.extend(above.iter().filter_map(|name| rank.get(name.as_str())));
                }
                let names = names.iter().filter_map(|at| order.get(*at)).cloned();
                let mut names: Vec<String> = names.filter(|name| name != "all").collect();
                if names.iter().any(|name| name != "ungrouped") {
                    names.retain(|name| name != "ungrouped");
                } else {
                    names = vec!["ungrouped".to_owned()];
                }
                names
            });
            host.groups = groups.clone();
            if host.groups.iter().any(|name| name == "ungrouped") {
                ungrouped.push(host.name.clone());
            }
        }
        if let Some(group) = self.groups.get_mut("ungrouped") {
            group.hosts = ungrouped;
        }
    }
}

/// What Python takes for nothing: `group_data[...] or {}`.
fn is_falsy(node: &Node) -> bool {
    match &node.kind {
        Kind::Null | Kind::Bool(false) | Kind::Int(0) => true,
        Kind::Float(number) => *number == 0.0,
        Kind::Str(text) | Kind::Unsafe(text) => text.is_empty(),
        Kind::List(items) => items.is_empty(),
        Kind::Map(entries) => entries.is_empty(),
        Kind::Bool(true) | Kind::Int(_) | Kind::Vault(_) => false,
    }
}

/// All groups above a group.
pub(super) fn ancestors(groups: &BTreeMap<String, Group>, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = vec![name];
    while let Some(name) = open.pop() {
        for parent in groups.get(name).map_or(&[][..], |group| &group.parents) {
            if found.insert(parent.clone()) {
                open.push(parent);
            }
        }
    }
    found
}

/// The longest way from `all` down to each group. The groups have no cycle.
fn depths(groups: &BTreeMap<String, Group>) -> HashMap<String, u32> {
    let mut missing: HashMap<&str, usize> =
        groups.values().map(|group| (group.name.as_str(), group.parents.len())).collect();
    let mut depths: HashMap<String, u32> = HashMap::new();
    let mut open: Vec<&str> =
        groups.values().filter(|g| g.parents.is_empty()).map(|g| g.name.as_str()).collect();
    while let Some(name) = open.pop() {
        let depth = *depths.entry(name.to_owned()).or_default();
        for child in groups.get(name).map_or(&[][..], |group| &group.children) {
            let below = depths.entry(child.clone()).or_default();
            *below = (*below).max(depth + 1);
            if let Some(missing) = missing.get_mut(child.as_str()) {
                *missing -= 1;
                if *missing == 0 {
                    open.push(child);
                }
            }
        }
    }
    depths
}
