//! The inventory as rules look at it: members of the AI factory's groups, leases, machines, networks.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use ipnet::IpNet;

use super::Case;
use super::reading::{At, Reading};
use crate::domain::Place;
use crate::inventory::model::Vars;
use crate::inventory::{Kind, Node};

/// The groups of an AI factory.
pub const FACTORY_GROUPS: [&str; 5] =
    ["router_host", "openwrt_routers", "kolla_bastion", "hedgehog_host", "hedgehog_control"];

/// A host of one of the AI factory's groups with its resolved variables.
#[derive(Debug)]
pub struct Member {
    /// Its inventory name.
    pub name: String,
    /// Where it is declared.
    pub declared: Place,
    /// Its variables, merged as Ansible merges them.
    pub vars: Arc<Vars>,
}

impl Member {
    /// A value of it, by dotted path.
    pub fn at(&self, path: &str) -> Option<At<'_>> {
        At::path(&self.vars, path)
    }

    /// Its address, where the inventory says one: `ansible_host`, else its name.
    pub fn address(&self) -> Option<IpAddr> {
        let said = self.at("ansible_host").and_then(|at| at.text().known());
        said.as_deref().unwrap_or(&self.name).trim().parse().ok()
    }
}

/// A variable where it is written.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, with the variables that it may refer to.
    pub at: At<'a>,
}

/// One entry of `openwrt_dhcp_leases`.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The entry.
    pub at: At<'a>,
    /// Its name, in lower case.
    pub name: &'a str,
    /// Its address.
    pub ip: Option<IpAddr>,
    /// Its hardware address, in lower case.
    pub mac: Option<&'a str>,
    /// Whether its name is published.
    pub published: bool,
}

/// What a lease says. Several rules look at all of them, so it is read once.
#[derive(Debug)]
struct LeaseWords {
    name: String,
    ip: Option<IpAddr>,
    mac: Option<String>,
    published: bool,
}

impl LeaseWords {
    fn of(at: At<'_>) -> LeaseWords {
        LeaseWords {
            name: words(at, "name").unwrap_or_default().to_lowercase(),
            ip: at.get("ip").and_then(|ip| ip.ip().known()),
            mac: words(at, "mac").map(|mac| mac.to_lowercase()),
            published: words(at, "dns").is_some_and(|dns| dns == "1"),
        }
    }
}

/// One entry of `servers.list`.
#[derive(Debug, Clone)]
pub struct Server<'a> {
    /// Its name.
    pub name: &'a str,
    /// The entry.
    pub at: At<'a>,
    /// Its role.
    pub role: Option<String>,
}

/// A network that the inventory names.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it is called in sentences (`frontend`, `storage`).
    pub name: String,
    /// The network.
    pub net: IpNet,
    /// Where it is written.
    pub place: Place,
}

/// The inventory, looked at.
#[derive(Debug)]
pub struct View<'a> {
    /// The case.
    pub case: &'a Case<'a>,
    /// Up to which step; everything when `None`.
    pub up_to: Option<&'a str>,
    site: Vars,
    members: BTreeMap<&'static str, Vec<Member>>,
    host_scopes: BTreeMap<String, Arc<Vars>>,
    leases: OnceLock<Vec<LeaseWords>>,
}

impl<'a> View<'a> {
    /// Looks once at what all rules need.
    pub fn new(case: &'a Case<'a>, up_to: Option<&'a str>) -> View<'a> {
        let inventory = case.inventory;
        let mut site = inventory.all_vars().clone();
        let mut members = BTreeMap::new();
        let mut host_scopes = BTreeMap::new();
        for group in FACTORY_GROUPS {
            if !inventory.groups.contains_key(group) {
                continue;
            }
            for (name, value) in inventory.group_vars(group) {
                site.entry(name).or_insert(value);
            }
            let mut hosts = Vec::new();
            for host in inventory.hosts_in(group) {
                let Some(vars) = inventory.host_vars(&host.name) else { continue };
                host_scopes.insert(host.name.clone(), Arc::clone(&vars));
                hosts.push(Member {
                    name: host.name.clone(),
                    declared: host.declared.clone(),
                    vars,
                });
            }
            members.insert(group, hosts);
        }
        for (host, data) in inventory.hosts.iter().zip(&inventory.host_data) {
            if host_scopes.contains_key(&host.name) {
                for (name, value) in data.inline.iter().chain(&data.beside) {
                    site.entry(name.clone()).or_insert_with(|| Arc::clone(value));
                }
            }
        }
        View { case, up_to, site, members, host_scopes, leases: OnceLock::new() }
    }

    /// Whether one of the AI factory's groups is present.
    pub fn is_ai_factory(&self) -> bool {
        !self.members.is_empty()
    }

    /// Whether the work goes as far as this step.
    pub fn reached(&self, step: &str) -> bool {
        self.case.variables.reached(Some(step), self.up_to)
    }

    /// The whole inventory file, for what is missing.
    pub fn file(&self) -> Place {
        Place { file: self.case.inventory.file.clone(), line: 0, column: 0 }
    }

    /// Where to point for something that a group's hosts lack.
    pub fn group_place(&self, group: &str) -> Place {
        let declared = self.case.inventory.groups.get(group).map(|group| group.declared.clone());
        declared.unwrap_or_else(|| self.file())
    }

    /// A site-wide value: of `all`, else of whichever AI factory group or host has it.
    pub fn site(&self, path: &str) -> Option<At<'_>> {
        At::path(&self.site, path)
    }

    /// Text of a site-wide value, when it is known.
    pub fn site_text(&self, path: &str) -> Option<String> {
        self.site(path).and_then(|at| at.text().known()).filter(|text| !text.trim().is_empty())
    }

    /// Hosts of one of the AI factory's groups.
    pub fn members(&self, group: &str) -> &[Member] {
        self.members.get(group).map_or(&[], Vec::as_slice)
    }

    /// The values of a path on the hosts of a group, each written value once.
    pub fn values(&self, group: &str, path: &str) -> Vec<At<'_>> {
        let mut seen = BTreeSet::new();
        self.members(group)
            .iter()
            .filter_map(|member| member.at(path))
            .filter(|at| seen.insert(std::ptr::from_ref(at.node)))
            .collect()
    }

    /// Every variable where it is written: groups in their order, then hosts.
    pub fn declared(&self) -> Vec<Declared<'_>> {
        let inventory = self.case.inventory;
        let mut out = Vec::new();
        for group in inventory.groups.values() {
            for (name, node) in group.inline.iter().chain(&group.beside) {
                out.push(Declared { name, at: At { node, scope: &self.site } });
            }
        }
        for (host, data) in inventory.hosts.iter().zip(&inventory.host_data) {
            let scope = self.host_scopes.get(&host.name).map_or(&self.site, |vars| vars.as_ref());
            for (name, node) in data.inline.iter().chain(&data.beside) {
                out.push(Declared { name, at: At { node, scope } });
            }
        }
        out
    }

    /// The DHCP leases of all routers.
    pub fn leases(&self) -> impl Iterator<Item = Lease<'_>> {
        let lists = self.values("openwrt_routers", "openwrt_dhcp_leases");
        let read = || lists.iter().copied().flat_map(At::items).map(LeaseWords::of).collect();
        let said: &Vec<LeaseWords> = self.leases.get_or_init(read);
        lists.into_iter().flat_map(At::items).zip(said).map(|(at, said)| Lease {
            at,
            name: &said.name,
            ip: said.ip,
            mac: said.mac.as_deref(),
            published: said.published,
        })
    }

    /// The machines of `servers.list`.
    pub fn servers(&self) -> Vec<Server<'_>> {
        let list = self.site("servers.list");
        list.into_iter()
            .flat_map(At::entries)
            .map(|(name, at)| Server { name, at, role: text(at, "role") })
            .collect()
    }

    /// The interfaces of all routers: name, entry.
    pub fn interfaces(&self) -> Vec<(&str, At<'_>)> {
        self.values("openwrt_routers", "openwrt_network_interfaceshost")
            .into_iter()
            .flat_map(At::entries)
            .collect()
    }

    /// The networks of one interface, host bits kept.
    pub fn interface_networks(interface: At<'_>) -> Vec<(IpNet, Place)> {
        ["ipaddr", "wg_addresses"]
            .into_iter()
            .filter_map(|key| interface.get(key))
            .flat_map(list_or_one)
            .filter_map(|at| Some((at.net().known()?, at.place().clone())))
            .collect()
    }

    /// Every network that the inventory names, the fabric's as such.
    pub fn networks(&self) -> Vec<Named> {
        let mut out = Vec::new();
        for (name, interface) in self.interfaces() {
            for (net, place) in View::interface_networks(interface) {
                out.push(Named { name: name.to_owned(), net: net.trunc(), place });
            }
        }
        for (name, path) in
            [("storage", "ceph.public_network"), ("public", "bgp.public_subnet.cidr")]
        {
            if let Some(at) = self.site(path)
                && let Reading::Known(net) = at.net()
            {
                out.push(Named { name: name.into(), net: net.trunc(), place: at.place().clone() });
            }
        }
        for (_, switch) in self.switches() {
            for key in ["ip", "protocol_ip", "vtep_ip"] {
                if let Some(at) = switch.get(key)
                    && let Reading::Known(net) = at.net()
                {
                    let place = at.place().clone();
                    out.push(Named { name: "fabric".into(), net: net.trunc(), place });
                }
            }
        }
        out
    }

    /// The switches: key, entry.
    pub fn switches(&self) -> Vec<(&str, At<'_>)> {
        self.values("hedgehog_control", "hedgehog_switches")
            .into_iter()
            .flat_map(At::entries)
            .collect()
    }

    /// Addresses that the fabric controller VM is known by.
    pub fn controller_addresses(&self) -> BTreeSet<IpAddr> {
        self.members("hedgehog_control").iter().filter_map(Member::address).collect()
    }

    /// The MAC address of the fabric controller VM, with the role's default.
    pub fn controller_mac(&self) -> Option<String> {
        let said = self.values("hedgehog_host", "hedgehog.vm_mac");
        match said.first() {
            Some(at) => at.text().known().map(|mac| mac.to_lowercase()),
            None => self.default_of("hedgehog.vm_mac"),
        }
    }

    /// The default that the tables give for a variable.
    pub fn default_of(&self, name: &str) -> Option<String> {
        let variable = self.case.variables.variables().iter().find(|v| v.name == name)?;
        Some(variable.default.trim_matches('`').to_owned())
    }

    /// The internal domain: `openwrt_dhcp_dnsmasq_domain`, else `cluster_name`.
    pub fn internal_domain(&self) -> Option<String> {
        let router = self.values("openwrt_routers", "openwrt_dhcp_dnsmasq_domain");
        let said = router.first().and_then(|at| at.text().known());
        said.or_else(|| self.site_text("cluster_name")).map(|name| name.to_lowercase())
    }

    /// `SERVICE.cluster_name.cluster_public_domain`, when both are known.
    pub fn service_name(&self, service: &str) -> Option<String> {
        let cluster = self.site_text("cluster_name")?;
        let domain = self.site_text("cluster_public_domain")?;
        Some(format!("{service}.{cluster}.{domain}").to_lowercase())
    }

    /// The console's host name: said, else derived.
    pub fn console_host(&self) -> Option<String> {
        match self.site("iaas_console_host") {
            Some(at) => at.text().known().map(|host| host.to_lowercase()),
            None => self.service_name("console"),
        }
    }
}

/// Text of a key.
pub fn text(at: At<'_>, key: &str) -> Option<String> {
    words(at, key).map(Cow::into_owned)
}

/// The same, copied only where it is not written as it reads.
pub fn words<'a>(at: At<'a>, key: &str) -> Option<Cow<'a, str>> {
    at.get(key).and_then(|at| at.words().known())
}

/// The items of a list, or the one value that stands in its place.
pub fn list_or_one(at: At<'_>) -> Vec<At<'_>> {
    let here = at.resolved();
    match &here.node.kind {
        Kind::List(_) => here.items().collect(),
        Kind::Null => Vec::new(),
        _ => vec![here],
    }
}

/// Visits a value and everything in it, with the key that is nearest above.
pub fn walk<'a>(node: &'a Node, key: &'a str, visit: &mut impl FnMut(&'a Node, &'a str)) {
    visit(node, key);
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| walk(item, key, visit)),
        Kind::Map(entries) => {
            entries.iter().for_each(|entry| walk(&entry.value, &entry.key, visit));
        }
        _ => {}
    }
}
