//! What building a site reads from an inventory: variables that may stand in
//! any group, leases, the machines of `servers.list`.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Inventory, Node, Vars, reference};

/// A value with the variables that references in it mean.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub value: Arc<Node>,
    pub vars: Arc<Vars>,
}

/// An inventory, and where each site-wide variable stands in it.
pub(super) struct Reading<'a> {
    pub inventory: &'a Inventory,
    all: Arc<Vars>,
    /// The first host, or the group without hosts, that has a variable which `all` has not.
    elsewhere: HashMap<String, Found>,
}

impl<'a> Reading<'a> {
    /// Variables of `all` come first, then those of groups, then those of hosts;
    /// of several the first in the order of the file.
    pub fn new(inventory: &'a Inventory) -> Reading<'a> {
        let all = Arc::new(inventory.all_vars().clone());
        let mut elsewhere: HashMap<String, Found> = HashMap::new();
        let names = inventory.order.iter().filter(|name| *name != "all");
        for group in names.filter_map(|name| inventory.groups.get(name)) {
            let own = || group.inline.keys().chain(group.beside.keys());
            if own().next().is_none() {
                continue;
            }
            let vars = Arc::new(inventory.group_vars(&group.name));
            for name in own().filter(|name| !all.contains_key(*name)) {
                if let Some(value) = vars.get(name) {
                    let found = Found { value: Arc::clone(value), vars: Arc::clone(&vars) };
                    elsewhere.entry(name.clone()).or_insert(found);
                }
            }
        }
        for (host, data) in inventory.hosts.iter().zip(&inventory.host_data) {
            for name in data.inline.keys().chain(data.beside.keys()) {
                if all.contains_key(name) || elsewhere.contains_key(name) {
                    continue;
                }
                let Some(vars) = inventory.host_vars(&host.name) else { continue };
                if let Some(value) = vars.get(name) {
                    let found = Found { value: Arc::clone(value), vars: Arc::clone(&vars) };
                    elsewhere.insert(name.clone(), found);
                }
            }
        }
        Reading { inventory, all, elsewhere }
    }

    /// A site-wide variable, wherever it stands.
    pub fn find(&self, name: &str) -> Option<Found> {
        match self.all.get(name) {
            Some(value) => Some(Found { value: Arc::clone(value), vars: Arc::clone(&self.all) }),
            None => self.elsewhere.get(name).cloned(),
        }
    }

    /// A site-wide variable as text.
    pub fn text(&self, name: &str) -> Option<String> {
        let found = self.find(name)?;
        reference::text(&found.value, &found.vars).map(|text| text.into_owned())
    }

    /// A value inside a site-wide variable as text.
    pub fn text_at(&self, name: &str, path: &str) -> Option<String> {
        let found = self.find(name)?;
        reference::text(found.value.at(path)?, &found.vars).map(|text| text.into_owned())
    }

    /// The variables of `all`.
    pub fn all(&self) -> &Arc<Vars> {
        &self.all
    }

    /// The machines of `servers.list`: name, its place, its entry.
    pub fn servers(&self) -> Vec<super::Entry> {
        let servers = self.find("servers");
        let list = servers.as_ref().and_then(|found| found.value.get("list"));
        list.map(Node::entries).unwrap_or_default().to_vec()
    }
}

/// The leases of `openwrt_dhcp_leases` by name and by address.
#[derive(Debug, Default)]
pub(super) struct Leases {
    by_name: HashMap<String, String>,
    by_address: HashMap<String, String>,
}

impl Leases {
    pub fn read(reading: &Reading<'_>) -> Leases {
        let mut leases = Leases::default();
        let Some(found) = reading.find("openwrt_dhcp_leases") else { return leases };
        for lease in found.value.items() {
            let word = |key: &str| {
                let text = reference::text(lease.get(key)?, &found.vars)?;
                Some(text.into_owned())
            };
            let (Some(name), Some(address)) = (word("name"), word("ip")) else { continue };
            let address = address.split('/').next().unwrap_or_default().to_owned();
            leases.by_address.entry(address.clone()).or_insert_with(|| name.clone());
            leases.by_name.entry(name).or_insert(address);
        }
        leases
    }

    /// The address of a name; the domain behind the name does not count.
    pub fn address(&self, name: &str) -> Option<&str> {
        let lease = self.by_name.get(name).or_else(|| self.by_name.get(short(name)));
        lease.map(String::as_str)
    }

    /// The name that holds an address.
    pub fn name(&self, address: &str) -> Option<&str> {
        self.by_address.get(address).map(String::as_str)
    }
}

/// A name without its domain; an address stays whole.
pub(super) fn short(name: &str) -> &str {
    if name.parse::<std::net::IpAddr>().is_ok() {
        return name;
    }
    name.split('.').next().unwrap_or(name)
}
