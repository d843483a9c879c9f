//! Things that can be asked.

use serde::{Deserialize, Serialize};

use super::endpoint::{BmcEndpoint, SshEndpoint};
use super::{Place, TargetId};

/// What kind of thing a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// A machine or VM asked over SSH.
    Host,
    /// A management controller asked over Redfish and IPMI.
    Bmc,
    /// A switch.
    Switch,
    /// A system that is asked as a whole, through hosts that lead to it.
    Api(System),
}

/// A system of the site that is asked as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// The Ceph cluster.
    Ceph,
    /// The OpenStack cloud.
    Openstack,
    /// The management cluster (Kubernetes), with what runs in it.
    Management,
}

impl System {
    /// All of them.
    pub const ALL: [System; 3] = [System::Ceph, System::Openstack, System::Management];

    /// The name that people say; with `api:` before it, the id of its target.
    pub const fn name(self) -> &'static str {
        match self {
            System::Ceph => "ceph",
            System::Openstack => "openstack",
            System::Management => "management",
        }
    }

    /// What it is, on screen.
    pub const fn title(self) -> &'static str {
        match self {
            System::Ceph => "Ceph cluster",
            System::Openstack => "OpenStack cloud",
            System::Management => "management cluster",
        }
    }
}

/// What a machine is there for; the location codes of the vendor's `checks.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// `rb`: the physical router box, a KVM host (groups `router_host`, `hedgehog_host`).
    RouterBox,
    /// `b0`: the bastion VM (group `kolla_bastion`).
    Bastion,
    /// `wrt`: the OpenWRT router VM (group `openwrt_routers`).
    RouterVm,
    /// `hh`: the Hedgehog VM (group `hedgehog_control`).
    FabricController,
    /// `oc`: an OpenStack control node.
    Control,
    /// `cn`: a Ceph storage node.
    Storage,
    /// `cp`: a compute or GPU hypervisor.
    Compute,
}

impl Role {
    /// The name on screen.
    pub const fn title(self) -> &'static str {
        match self {
            Role::RouterBox => "router box",
            Role::Bastion => "bastion",
            Role::RouterVm => "router VM",
            Role::FabricController => "fabric controller",
            Role::Control => "control node",
            Role::Storage => "storage node",
            Role::Compute => "compute node",
        }
    }
}

/// Where a machine stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RackPlace {
    /// Name of the rack.
    pub rack: String,
    /// Lowest unit it fills, from 1 at the floor; `None` when only the rack is known.
    pub unit: Option<u16>,
    /// Units it fills, at least 1.
    pub height: u16,
}

/// A thing that can be asked: a machine, its management controller, a switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its stable id.
    pub id: TargetId,
    /// The name that people say; for a BMC the name of its entry in `ipmi_targets`.
    pub name: String,
    /// Other names of the same machine (two names of one machine are one target).
    pub aliases: Vec<String>,
    /// What kind of thing it is.
    pub kind: TargetKind,
    /// What it is there for; empty where the inventory does not say.
    pub roles: Vec<Role>,
    /// Inventory groups it is in.
    pub groups: Vec<String>,
    /// Where it stands, if known.
    pub rack: Option<RackPlace>,
    /// Serial number as the inventory has it.
    pub serial: Option<String>,
    /// How to reach it over SSH; for hosts.
    pub ssh: Option<SshEndpoint>,
    /// How to reach its management controller; for BMCs.
    pub bmc: Option<BmcEndpoint>,
    /// For a BMC, the machine it manages.
    pub machine: Option<TargetId>,
    /// What the inventory expects of it, for checks that compare (VLAN addresses,
    /// disks …): flat names to text, only what checks use. Never a secret.
    pub wanted: std::collections::BTreeMap<String, String>,
    /// Where it is declared.
    pub declared: Place,
}

impl Target {
    /// Whether it tells of other targets ([`Site::teller_of`](super::Site::teller_of)).
    pub fn is_teller(&self) -> bool {
        self.is(Role::FabricController) && self.ssh.is_some()
    }

    /// Whether it has this role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
