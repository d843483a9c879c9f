//! The inventory as the rest of the product sees it: hosts, groups and their
//! variables, resolved as Ansible resolves them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::{Node, Problem};
use crate::domain::Place;

/// Variables by name. Values are shared between the hosts that inherit them.
pub type Vars = BTreeMap<String, Arc<Node>>;

/// An Ansible YAML inventory with the `group_vars/` and `host_vars/` beside it.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// The site's directory; empty for [`Inventory::parse`].
    pub directory: PathBuf,
    /// The inventory file.
    pub file: PathBuf,
    /// All hosts, ranges expanded, in the order of the file.
    pub hosts: Vec<Host>,
    /// All groups by name, `all` and `ungrouped` included.
    pub groups: BTreeMap<String, Group>,
    /// What is wrong with the files although they could be read: duplicate
    /// keys, sections that Ansible skips, values that YAML 1.1 reads unexpectedly.
    pub problems: Vec<Problem>,
    /// Where each host stands in `hosts`.
    pub(super) by_name: HashMap<String, usize>,
    /// What only resolving needs, in step with `hosts`.
    pub(super) host_data: Vec<HostData>,
    /// Groups in Ansible's order of precedence, weakest first.
    pub(super) order: Vec<String>,
    /// Merged variables by set of groups, filled when asked for.
    pub(super) merged: Arc<std::sync::Mutex<HashMap<Vec<String>, Arc<Vars>>>>,
    /// The variables of `all`.
    pub(super) all: Vars,
}

/// A host of the inventory.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// Its inventory name, ranges expanded.
    pub name: String,
    /// Where it is first declared under a group's `hosts`.
    pub declared: Place,
    /// Every group it is in, ancestors included, `all` left out, `ungrouped`
    /// included where Ansible says so; weakest first (depth, priority, name).
    pub groups: Vec<String>,
}

/// What resolving keeps of a host.
#[derive(Debug, Clone, Default)]
pub(super) struct HostData {
    /// Variables of the inventory file.
    pub inline: Vars,
    /// Variables of `host_vars/`.
    pub beside: Vars,
    /// The merged result, filled when first asked for.
    pub resolved: OnceLock<Arc<Vars>>,
}

/// A group of the inventory.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Where it is first declared; the whole file for `all` and `ungrouped` when they are implied.
    pub declared: Place,
    /// Direct children, in the order of the file.
    pub children: Vec<String>,
    /// Direct parents, in the order of the file.
    pub parents: Vec<String>,
    /// Hosts directly in it, in the order of the file.
    pub hosts: Vec<String>,
    /// Longest way down from `all`, which is 0.
    pub depth: u32,
    /// `ansible_group_priority`; 1 where nothing is said.
    pub priority: i64,
    /// Its own variables of the inventory file.
    pub inline: Vars,
    /// Its own variables of `group_vars/`; these win over those of the inventory file.
    pub beside: Vars,
}

impl Inventory {
    /// All variables of a host, merged as `ansible-inventory --host` merges
    /// them; `None` for an unknown host. Templates are kept as written.
    pub fn host_vars(&self, host: &str) -> Option<Arc<Vars>> {
        let at = *self.by_name.get(host)?;
        let (host, data) = (self.hosts.get(at)?, self.host_data.get(at)?);
        Some(data.resolved.get_or_init(|| self.merge_host(host, data)).clone())
    }

    /// Variables of a group with those of its ancestors below them.
    pub fn group_vars(&self, group: &str) -> Vars {
        let mut lineage = vec![group.to_owned()];
        lineage.extend(self.ancestors(group));
        Vars::clone(&self.merge_groups(&self.in_order(lineage)))
    }

    /// Variables of the group `all`, `group_vars/all` included.
    pub fn all_vars(&self) -> &Vars {
        &self.all
    }

    /// Hosts of a group, those of its children included, in the order of the file.
    pub fn hosts_in(&self, group: &str) -> Vec<&Host> {
        if group == "all" {
            return self.hosts.iter().collect();
        }
        self.hosts.iter().filter(|host| host.groups.iter().any(|name| name == group)).collect()
    }

    /// The host of that name.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.by_name.get(name).and_then(|at| self.hosts.get(*at))
    }
}
