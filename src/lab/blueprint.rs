//! What the inventory says the demo site consists of: the machines with
//! their roles, addresses, disks and cables. The lab simulates this and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::fabric::Fabric;
use super::systems::Systems;
use crate::domain::Role;
use crate::inventory::{Inventory, Node};

/// The machines and switches of an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blueprint {
    /// `cluster_name`.
    pub cluster: String,
    /// Machines in the order of the inventory.
    pub machines: Vec<Planned>,
    /// Switch name to the name of its redundancy group (its own name where it has none).
    pub switches: BTreeMap<String, String>,
    /// The router's address in the front-end network.
    pub front_end_gateway: Option<Ipv4Addr>,
    /// The fabric and the router as they are set up.
    pub fabric: Fabric,
    /// Ceph and the cloud, all well.
    pub systems: Systems,
}

/// A machine as the inventory plans it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its inventory name.
    pub name: String,
    /// What it is there for.
    pub role: Role,
    /// Its account for operators.
    pub user: String,
    /// Its planned address: `ansible_host`, else the lease, else a name that is an address.
    pub address: Option<Ipv4Addr>,
    /// `storage_ip`.
    pub storage: Option<Ipv4Addr>,
    /// MAC address of its lease.
    pub mac: Option<String>,
    /// Serial number.
    pub serial: String,
    /// The rack it stands in; machines of one rack share a range of demo addresses.
    pub rack: String,
    /// Disks of the system mirror (`nvme0n1`).
    pub disks: Vec<String>,
    /// Data disks.
    pub data_disks: Vec<String>,
    /// Its cables: interface, switch.
    pub legs: Vec<(String, String)>,
    /// Its management controller: name in `ipmi_targets` and host name.
    pub bmc: Option<(String, String)>,
    /// Name of the libvirt domain that it hosts for the fabric controller.
    pub fabric_domain: Option<String>,
}

/// Groups of the inventory whose hosts are machines of the site.
const GROUPS: [(&str, Role); 4] = [
    ("router_host", Role::RouterBox),
    ("kolla_bastion", Role::Bastion),
    ("openwrt_routers", Role::RouterVm),
    ("hedgehog_control", Role::FabricController),
];

impl Blueprint {
    /// Reads what is to be simulated from an inventory.
    pub fn of(inventory: &Inventory) -> Blueprint {
        let all = inventory.all_vars();
        let text = |name: &str| all.get(name).and_then(|node| node.as_str()).map(str::to_owned);
        let leases = leases(inventory);
        let mut machines = Vec::new();
        for (group, role) in GROUPS {
            for host in inventory.hosts_in(group) {
                let vars = inventory.host_vars(&host.name).unwrap_or_default();
                let word = |name: &str| vars.get(name).and_then(|node| node.as_str());
                let mut planned = Planned::new(&host.name, role);
                planned.user = word("ansible_user").unwrap_or("root").to_owned();
                planned.address = word("ansible_host").unwrap_or(&host.name).parse().ok();
                planned.mac = leases.get(&host.name).and_then(|(_, mac)| mac.clone());
                planned.serial = word("serial").unwrap_or_default().to_owned();
                planned.rack = word("rack").unwrap_or_default().to_owned();
                planned.fabric_domain = vars
                    .get("hedgehog")
                    .and_then(|node| node.get("vm_name"))
                    .and_then(Node::as_str)
                    .map(str::to_owned);
                machines.push(planned);
            }
        }
        let user = text("ansible_user").unwrap_or_else(|| "root".into());
        let listed = all.get("servers").and_then(|node| node.get("list"));
        for entry in listed.map(Node::entries).unwrap_or_default() {
            let node = &entry.value;
            let role = match node.get("role").and_then(Node::as_str) {
                Some("control") => Role::Control,
                Some("storage") => Role::Storage,
                _ => Role::Compute,
            };
            let word = |name: &str| node.get(name).and_then(Node::as_str);
            let mut planned = Planned::new(&entry.key, role);
            planned.user.clone_from(&user);
            planned.storage = word("storage_ip").and_then(|text| text.parse().ok());
            planned.serial = word("serial").unwrap_or_default().to_owned();
            planned.rack = word("rack").unwrap_or_default().to_owned();
            planned.disks = disks(node.at("storage.disks"));
            planned.data_disks = disks(node.at("storage.data_disks"));
            if let Some((address, mac)) = leases.get(&entry.key) {
                planned.address = *address;
                planned.mac.clone_from(mac);
            }
            machines.push(planned);
        }
        let mut blueprint = Blueprint {
            cluster: text("cluster_name").unwrap_or_else(|| "demo".into()),
            machines,
            switches: switches(inventory),
            front_end_gateway: front_end_gateway(inventory),
            fabric: Fabric::of(inventory),
            systems: Systems::of(inventory),
        };
        blueprint.plug_in(inventory);
        blueprint.join_controllers(all.get("ipmi_targets").map(|node| node.items()));
        blueprint
    }

    /// The machine of that name.
    pub fn machine(&self, name: &str) -> Option<&Planned> {
        self.machines.iter().find(|planned| planned.name == name)
    }

    /// Names of the switches that machines are plugged into.
    pub fn leaves(&self) -> BTreeSet<&str> {
        self.machines.iter().flat_map(|m| m.legs.iter().map(|(_, leaf)| leaf.as_str())).collect()
    }

    fn plug_in(&mut self, inventory: &Inventory) {
        let vars = inventory.group_vars("hedgehog_control");
        for list in ["hedgehog_eslag_connections", "hedgehog_bundled_connections"] {
            let Some(connections) = vars.get(list) else { continue };
            for link in connections
                .entries()
                .iter()
                .filter_map(|entry| entry.value.get("links"))
                .flat_map(Node::items)
            {
                let word = |name: &str| link.get(name).and_then(Node::as_str);
                let (Some(server), Some(port), Some(switch)) =
                    (word("server"), word("server_port"), word("switch"))
                else {
                    continue;
                };
                // The router box hands its fabric ports through to the router VM.
                let owner = match self.machine(server).map(|machine| machine.role) {
                    Some(Role::RouterBox) => {
                        self.machines.iter_mut().find(|planned| planned.role == Role::RouterVm)
                    }
                    _ => self.machines.iter_mut().find(|planned| planned.name == server),
                };
                if let Some(owner) = owner {
                    owner.legs.push((port.to_owned(), switch.to_owned()));
                }
            }
        }
    }

    fn join_controllers(&mut self, targets: Option<&[Node]>) {
        for target in targets.unwrap_or_default() {
            let word = |name: &str| target.get(name).and_then(Node::as_str);
            let (Some(name), Some(host)) = (word("name"), word("host")) else { continue };
            let machine = name.strip_suffix("-ipmi").or_else(|| name.strip_suffix("-bmc"));
            if let Some(planned) =
                self.machines.iter_mut().find(|planned| Some(planned.name.as_str()) == machine)
            {
                planned.bmc = Some((name.to_owned(), host.to_owned()));
            }
        }
    }
}

impl Planned {
    fn new(name: &str, role: Role) -> Planned {
        Planned {
            name: name.to_owned(),
            role,
            user: String::new(),
            address: None,
            storage: None,
            mac: None,
            serial: String::new(),
            rack: String::new(),
            disks: Vec::new(),
            data_disks: Vec::new(),
            legs: Vec::new(),
            bmc: None,
            fabric_domain: None,
        }
    }
}

type Lease = (Option<Ipv4Addr>, Option<String>);

fn leases(inventory: &Inventory) -> BTreeMap<String, Lease> {
    let vars = inventory.group_vars("openwrt_routers");
    let Some(leases) = vars.get("openwrt_dhcp_leases") else { return BTreeMap::new() };
    let of = |lease: &Node| {
        let word = |name: &str| lease.get(name).and_then(Node::as_str);
        let address = word("ip").and_then(address_of);
        Some((word("name")?.to_owned(), (address, word("mac").map(str::to_owned))))
    };
    leases.items().iter().filter_map(of).collect()
}

/// An address, with or without a prefix length behind it.
fn address_of(text: &str) -> Option<Ipv4Addr> {
    text.split('/').next()?.trim().parse().ok()
}

fn disks(list: Option<&Node>) -> Vec<String> {
    list.map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.as_str().or_else(|| item.get("path").and_then(Node::as_str)))
        .map(|path| path.trim_start_matches("/dev/").to_owned())
        .collect()
}

fn switches(inventory: &Inventory) -> BTreeMap<String, String> {
    let vars = inventory.group_vars("hedgehog_control");
    let Some(switches) = vars.get("hedgehog_switches") else { return BTreeMap::new() };
    switches
        .entries()
        .iter()
        .map(|entry| {
            let word = |path: &str| entry.value.at(path).and_then(Node::as_str);
            let name = word("name").unwrap_or(&entry.key).to_owned();
            let group = word("redundancy.group").map_or_else(|| name.clone(), str::to_owned);
            (name, group)
        })
        .collect()
}

fn front_end_gateway(inventory: &Inventory) -> Option<Ipv4Addr> {
    let router = inventory.hosts_in("openwrt_routers").into_iter().next()?;
    let vars = inventory.host_vars(&router.name)?;
    vars.get("openwrt_network_interfaceshost")?
        .at("frontend.ipaddr")?
        .items()
        .first()?
        .as_str()
        .and_then(address_of)
}
