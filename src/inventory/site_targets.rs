//! Hosts of the inventory, machines of `servers.list` and switches as targets;
//! two names of one machine become one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::cabling::Cabling;
use super::settings::{SETTINGS_NAME, Settings, units};
use super::site_reading::{Leases, Reading};
use super::{Node, Problem, Vars, reference, wanted};
use crate::domain::endpoint::SshEndpoint;
use crate::domain::untrusted::printable;
use crate::domain::{Place, RackPlace, Role, System, Target, TargetId, TargetKind};

/// Groups whose hosts have a role of their own.
pub(super) const ROLE_GROUPS: [(&str, Role); 5] = [
    ("router_host", Role::RouterBox),
    ("hedgehog_host", Role::RouterBox),
    ("kolla_bastion", Role::Bastion),
    ("openwrt_routers", Role::RouterVm),
    ("hedgehog_control", Role::FabricController),
];

/// Builds the targets that are machines or switches.
pub(super) struct Builder<'a> {
    pub reading: &'a Reading<'a>,
    pub leases: &'a Leases,
    cabling: Cabling,
    pub settings: &'a Settings,
    pub directory: &'a Path,
    pub targets: Vec<Target>,
    /// What is wrong with what the targets are made of.
    pub problems: Vec<Problem>,
    /// Every name of every target.
    pub by_name: HashMap<String, usize>,
    /// The names of `servers.list`.
    listed: HashSet<String>,
    /// Where a machine is reached: address, port, way there.
    by_way: HashMap<(String, u16, String), usize>,
}

/// A machine before it is known whether it is a new one.
struct Machine<'a> {
    name: &'a str,
    declared: &'a Place,
    groups: Vec<String>,
    roles: Vec<Role>,
    vars: Arc<Vars>,
    entry: Option<&'a Node>,
}

impl<'a> Builder<'a> {
    pub fn new(
        reading: &'a Reading<'a>,
        leases: &'a Leases,
        settings: &'a Settings,
        directory: &'a Path,
    ) -> Builder<'a> {
        Builder {
            reading,
            leases,
            cabling: Cabling::read(reading),
            settings,
            directory,
            targets: Vec::new(),
            problems: Vec::new(),
            by_name: HashMap::new(),
            listed: reading.servers().into_iter().map(|entry| entry.key).collect(),
            by_way: HashMap::new(),
        }
    }

    /// The hosts of the inventory, then the machines that it lists as data.
    pub fn machines(&mut self) {
        let servers = self.reading.servers();
        let listed: HashMap<&str, &Node> =
            servers.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
        for host in &self.reading.inventory.hosts {
            let entry = listed.get(host.name.as_str()).copied();
            let mut roles: Vec<Role> = Vec::new();
            let in_group = |group: &str| host.groups.iter().any(|name| name == group);
            let of_groups = ROLE_GROUPS.iter().filter(|(group, _)| in_group(group));
            for role in of_groups.map(|(_, role)| *role).chain(entry.and_then(role_of)) {
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            let vars = self.reading.inventory.host_vars(&host.name).unwrap_or_default();
            self.add(Machine {
                name: &host.name,
                declared: &host.declared,
                groups: host.groups.clone(),
                roles,
                vars,
                entry,
            });
        }
        for entry in &servers {
            if self.by_name.contains_key(&entry.key) {
                continue;
            }
            self.add(Machine {
                name: &entry.key,
                declared: &entry.place,
                groups: Vec::new(),
                roles: role_of(&entry.value).into_iter().collect(),
                vars: Arc::clone(self.reading.all()),
                entry: Some(&entry.value),
            });
        }
    }

    fn add(&mut self, machine: Machine<'_>) {
        let mut ssh = self.ssh(&machine);
        let is_switch = is_switch(&machine.vars);
        let way = (
            ssh.address.clone(),
            ssh.port.unwrap_or(22),
            ssh.common_args.clone().unwrap_or_default(),
        );
        if let Some(at) = self.by_way.get(&way).copied() {
            self.join(at, machine);
            return;
        }
        let at = self.targets.len();
        self.by_way.insert(way, at);
        self.by_name.insert(machine.name.to_owned(), at);
        let mut aliases = Vec::new();
        let mut name = machine.name.to_owned();
        if let Some(leased) = self.leases.name(&ssh.address)
            && leased != machine.name
            && !self.by_name.contains_key(leased)
            && self.reading.inventory.host(leased).is_none()
            && !self.listed.contains(leased)
        {
            self.by_name.insert(leased.to_owned(), at);
            // People say a name rather than an address.
            if name.parse::<std::net::IpAddr>().is_ok() {
                aliases.push(std::mem::replace(&mut name, leased.to_owned()));
            } else {
                aliases.push(leased.to_owned());
            }
        }
        let names: Vec<&str> = [machine.name, name.as_str()]
            .into_iter()
            .chain(aliases.iter().map(String::as_str))
            .collect();
        let mut wanted = wanted::of_machine(&ssh.address, &machine.vars, machine.entry);
        wanted.extend(wanted::cables(self.cabling.of(&names)));
        let known = names.iter().copied().chain([ssh.address.as_str()]);
        if let Some(other) = self.settings.endpoint(known) {
            ssh.via = other.ssh.clone().or_else(|| other.any.clone());
        }
        self.targets.push(Target {
            id: TargetId::from(machine.name),
            rack: self.rack(&names, &machine),
            serial: self.serial(&names, &machine),
            name,
            kind: if is_switch { TargetKind::Switch } else { TargetKind::Host },
            roles: machine.roles,
            groups: machine.groups,
            ssh: (!is_switch || !is_local(&machine.vars)).then_some(ssh),
            bmc: None,
            machine: None,
            wanted,
            declared: machine.declared.clone(),
            aliases,
        });
    }

    /// Another name of a machine that is there already.
    fn join(&mut self, at: usize, machine: Machine<'_>) {
        self.by_name.insert(machine.name.to_owned(), at);
        let rack = self.rack(&[machine.name], &machine);
        let serial = self.serial(&[machine.name], &machine);
        let address = self.targets.get(at).and_then(|t| t.ssh.as_ref()).map(|s| s.address.clone());
        let mut wanted = wanted::of_machine(
            address.as_deref().unwrap_or_default(),
            &machine.vars,
            machine.entry,
        );
        wanted.extend(wanted::cables(self.cabling.of(&[machine.name])));
        let Some(target) = self.targets.get_mut(at) else { return };
        if target.name != machine.name && !target.aliases.iter().any(|name| name == machine.name) {
            target.aliases.push(machine.name.to_owned());
        }
        for role in machine.roles {
            if !target.roles.contains(&role) {
                target.roles.push(role);
            }
        }
        for group in machine.groups {
            if !target.groups.contains(&group) {
                target.groups.push(group);
            }
        }
        target.rack = target.rack.take().or(rack);
        target.serial = target.serial.take().or(serial);
        for (name, value) in wanted {
            target.wanted.entry(name).or_insert(value);
        }
    }

    fn ssh(&mut self, machine: &Machine<'_>) -> SshEndpoint {
        let mut word = |names: &[&str]| -> Option<String> {
            let node = names.iter().find_map(|name| machine.vars.get(*name))?;
            match reference::text(node, &machine.vars) {
                Some(text) if !text.is_empty() => Some(text.into_owned()),
                Some(_) => None,
                None => {
                    if node.is_template() {
                        self.problems.push(Problem::of_target(
                            node.place.clone(),
                            format!(
                                "`{}` of {} is a template that only Ansible can evaluate, it is left out",
                                names.first().unwrap_or(&""),
                                printable(machine.name)
                            ),
                            "write the value itself, or refer to one variable",
                        ));
                    }
                    None
                }
            }
        };
        let planned = word(&["ansible_host", "ansible_ssh_host"]);
        let user = word(&["ansible_user", "ansible_ssh_user"]);
        let identity_file = word(&["ansible_ssh_private_key_file", "ansible_private_key_file"]);
        let common = word(&["ansible_ssh_common_args"]);
        let extra = word(&["ansible_ssh_extra_args"]);
        let port = word(&["ansible_port", "ansible_ssh_port"]);
        let common_args: Vec<String> = common.into_iter().chain(extra).collect();
        let become_root = machine.vars.get("ansible_become").and_then(|node| node.as_bool());
        SshEndpoint {
            name: machine.name.to_owned(),
            address: planned
                .or_else(|| self.leases.address(machine.name).map(str::to_owned))
                .unwrap_or_else(|| machine.name.to_owned()),
            port: port.and_then(|port| port.parse().ok()),
            sudo: user.as_deref() != Some("root") && become_root != Some(false),
            user,
            identity_file,
            common_args: (!common_args.is_empty()).then(|| common_args.join(" ")),
            via: None,
            directory: self.directory.to_path_buf(),
        }
    }

    fn rack(&self, names: &[&str], machine: &Machine<'_>) -> Option<RackPlace> {
        let set = names.iter().find_map(|name| self.settings.machines.get(*name));
        let said = |key: &str| {
            let entry = machine.entry.and_then(|entry| entry.get(key));
            entry.or_else(|| machine.vars.get(key).map(|node| &**node))
        };
        let rack = said("rack").and_then(|node| reference::text(node, &machine.vars));
        let rack = set.and_then(|set| set.rack.clone()).or_else(|| rack.map(|r| r.into_owned()))?;
        let unit = || units(said("rack_unit").or_else(|| said("unit")));
        let height = || units(said("height"));
        Some(RackPlace {
            rack,
            unit: set.and_then(|set| set.unit).or_else(unit),
            height: set.and_then(|set| set.height).or_else(height).unwrap_or(1),
        })
    }

    fn serial(&self, names: &[&str], machine: &Machine<'_>) -> Option<String> {
        let set = names.iter().find_map(|name| self.settings.machines.get(*name));
        let said = ["serial", "serial_number"].iter().find_map(|key| {
            let entry = machine.entry.and_then(|entry| entry.get(key));
            let node = entry.or_else(|| machine.vars.get(*key).map(|node| &**node))?;
            reference::text(node, &machine.vars).map(|text| text.into_owned())
        });
        set.and_then(|set| set.serial.clone()).or(said)
    }

    /// The switches of `hedgehog_switches`.
    pub fn switches(&mut self) {
        let Some(found) = self.reading.find("hedgehog_switches") else { return };
        for entry in found.value.entries() {
            let named = entry.value.get("name").and_then(Node::as_str);
            let name = named.unwrap_or(&entry.key);
            if self.by_name.contains_key(name) {
                continue;
            }
            let machine = Machine {
                name,
                declared: &entry.place,
                groups: Vec::new(),
                roles: Vec::new(),
                vars: Arc::default(),
                entry: Some(&entry.value),
            };
            let address = entry.value.get("ip").and_then(Node::as_str).unwrap_or_default();
            let address = address.split('/').next().unwrap_or_default();
            let mut wanted = wanted::of_machine(address, &Vars::new(), None);
            let aliases = if name == entry.key { Vec::new() } else { vec![entry.key.clone()] };
            let names: Vec<&str> =
                [name].into_iter().chain(aliases.iter().map(String::as_str)).collect();
            let (rack, serial) = (self.rack(&names, &machine), self.serial(&names, &machine));
            wanted.extend(wanted::wires(self.cabling.at_switch(&names)));
            let profile = entry.value.get("profile").and_then(Node::as_str).unwrap_or_default();
            wanted.insert(crate::domain::wanted::FABRIC_SWITCH.to_owned(), profile.to_owned());
            self.by_name.insert(name.to_owned(), self.targets.len());
            self.targets.push(Target {
                id: TargetId::from(name),
                name: name.to_owned(),
                aliases,
                kind: TargetKind::Switch,
                roles: Vec::new(),
                groups: Vec::new(),
                rack,
                serial,
                ssh: None,
                bmc: None,
                machine: None,
                wanted,
                declared: entry.place.clone(),
            });
        }
    }

    /// The systems that the inventory sets up: Ceph where there are storage
    /// nodes or monitors, the cloud and its management cluster where there are
    /// control nodes.
    pub fn systems(&mut self) {
        let has = |role| self.targets.iter().any(|target: &Target| target.is(role));
        let storage = has(Role::Storage) || self.reading.find("ceph_mon_hosts").is_some();
        let control = has(Role::Control);
        for system in System::ALL {
            let (is_there, variable) = match system {
                System::Ceph => (storage, "ceph_mon_hosts"),
                System::Openstack | System::Management => (control, "cluster_name"),
            };
            if !is_there {
                continue;
            }
            let declared = self.reading.find(variable).map(|found| found.value.place.clone());
            self.targets.push(Target {
                id: TargetId::from(format!("api:{}", system.name())),
                name: system.name().to_owned(),
                aliases: Vec::new(),
                kind: TargetKind::Api(system),
                roles: Vec::new(),
                groups: Vec::new(),
                rack: None,
                serial: None,
                ssh: None,
                bmc: None,
                machine: None,
                wanted: super::site_systems::wanted(system, self.reading),
                declared: declared.unwrap_or_default(),
            });
        }
    }

    fn settings_file(&self) -> std::path::PathBuf {
        self.directory.join(SETTINGS_NAME)
    }

    /// Says which machines of `shopfloor.yml` the inventory does not have, and
    /// which of them fill the same unit.
    pub fn check_places(&mut self) {
        for name in self.settings.machines.keys() {
            if !self.by_name.contains_key(name) {
                let place = Place { file: self.settings_file(), line: 0, column: 0 };
                self.problems.push(Problem::of_target(
                    place,
                    format!("`machines.{}` is no machine of the inventory", printable(name)),
                    "correct the name, or take the entry out",
                ));
            }
        }
        let mut filled: BTreeMap<(&str, u16), &str> = BTreeMap::new();
        let mut clashes = Vec::new();
        for target in &self.targets {
            let Some(place) = &target.rack else { continue };
            let Some(unit) = place.unit else { continue };
            for unit in unit..unit.saturating_add(place.height) {
                if let Some(other) = filled.insert((&place.rack, unit), &target.name) {
                    clashes.push(Problem::of_target(
                        target.declared.clone(),
                        format!(
                            "{} and {} both fill unit {unit} of rack {}",
                            printable(other),
                            printable(&target.name),
                            printable(&place.rack)
                        ),
                        "correct `rack`, `unit` or `height` of one of them",
                    ));
                    break;
                }
            }
        }
        self.problems.extend(clashes);
    }
}

/// The role that an entry of `servers.list` names.
fn role_of(entry: &Node) -> Option<Role> {
    match entry.get("role").and_then(Node::as_str)? {
        "control" | "controller" => Some(Role::Control),
        "storage" => Some(Role::Storage),
        "compute" | "gpu" => Some(Role::Compute),
        _ => None,
    }
}

fn is_switch(vars: &Vars) -> bool {
    let word = |name: &str| vars.get(name).and_then(|node| node.as_str());
    word("role") == Some("switch") || vars.contains_key("switch_role")
}

/// Whether Ansible itself does not log in there.
fn is_local(vars: &Vars) -> bool {
    let connection = vars.get("ansible_connection").and_then(|node| node.as_str());
    connection.is_some_and(|connection| !matches!(connection, "ssh" | "smart" | "paramiko"))
}
