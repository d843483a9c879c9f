//! Merging of variables in Ansible's order: the file's variables of `all`,
//! those of the other groups by depth, priority and name, then `group_vars/all`,
//! `group_vars/` of the others, then the host's own and `host_vars/`. A later
//! value replaces an earlier one whole (`hash_behaviour = replace`).

use std::sync::{Arc, PoisonError};

use super::build::ancestors;
use super::model::{Group, Host, HostData, Inventory};
use super::{Node, Vars};

/// One place where a variable of a host is set.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Whose variable it is: `group all`, `host gpu-07`.
    pub owner: String,
    /// The value.
    pub value: Arc<Node>,
}

impl Inventory {
    /// Every value that a variable of a host is given, weakest first; the last
    /// one counts. Empty for an unknown host or variable.
    pub fn origins(&self, host: &str, variable: &str) -> Vec<Origin> {
        let Some((host, data)) =
            self.by_name.get(host).and_then(|at| self.hosts.get(*at).zip(self.host_data.get(*at)))
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut take = |owner: String, vars: &Vars| {
            if let Some(value) = vars.get(variable) {
                found.push(Origin { owner, value: Arc::clone(value) });
            }
        };
        for (group, vars) in self.layers(&host.groups) {
            take(format!("group {}", group.name), vars);
        }
        take(format!("host {}", host.name), &data.inline);
        take(format!("host {}", host.name), &data.beside);
        found
    }

    /// The variable layers of some groups with `all` below them, weakest first.
    fn layers<'a>(&'a self, groups: &'a [String]) -> impl Iterator<Item = (&'a Group, &'a Vars)> {
        let all = || self.groups.get("all").into_iter();
        let others =
            || groups.iter().filter(|name| *name != "all").filter_map(|name| self.groups.get(name));
        all()
            .chain(others())
            .map(|group| (group, &group.inline))
            .chain(all().chain(others()).map(|group| (group, &group.beside)))
    }

    pub(super) fn merge_host(&self, host: &Host, data: &HostData) -> Arc<Vars> {
        let inherited = self.merge_groups(&host.groups);
        if data.inline.is_empty() && data.beside.is_empty() {
            return inherited;
        }
        let mut vars = Vars::clone(&inherited);
        overlay(&mut vars, &data.inline);
        overlay(&mut vars, &data.beside);
        Arc::new(vars)
    }

    /// What hosts in exactly these groups inherit; computed once per set of groups.
    pub(super) fn merge_groups(&self, groups: &[String]) -> Arc<Vars> {
        let mut merged = self.merged.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = merged.get(groups) {
            return Arc::clone(known);
        }
        let mut vars = Vars::new();
        for (_, layer) in self.layers(groups) {
            overlay(&mut vars, layer);
        }
        let vars = Arc::new(vars);
        merged.insert(groups.to_vec(), Arc::clone(&vars));
        vars
    }

    pub(super) fn ancestors(&self, group: &str) -> impl Iterator<Item = String> {
        ancestors(&self.groups, group).into_iter()
    }

    /// Groups in order of precedence, `all` left out.
    pub(super) fn in_order(&self, names: Vec<String>) -> Vec<String> {
        self.order.iter().filter(|name| *name != "all" && names.contains(name)).cloned().collect()
    }

    /// Brings what is derived from the variables in step with them.
    pub(super) fn settle(&mut self) {
        self.merged = Arc::default();
        for data in &mut self.host_data {
            data.resolved = std::sync::OnceLock::new();
        }
        self.all = Vars::clone(&self.merge_groups(&[]));
    }
}

fn overlay(below: &mut Vars, above: &Vars) {
    for (key, value) in above {
        match below.get_mut(key) {
            Some(slot) => *slot = Arc::clone(value),
            None => {
                below.insert(key.clone(), Arc::clone(value));
            }
        }
    }
}
