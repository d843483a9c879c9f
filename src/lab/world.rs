//! What the demo site is like at one moment: machines, their management
//! controllers and the switches between them. Every simulated answer, over
//! SSH or Redfish, is read from here, so that two ways of asking agree.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::fabric::Fabric;
use super::systems::Systems;
use crate::domain::Role;

/// The whole site.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// The seed of everything that moves.
    pub seed: u64,
    /// Machines by name.
    pub machines: BTreeMap<String, Machine>,
    /// Switches by name.
    pub switches: BTreeMap<String, Switch>,
    /// The fabric's controller, wiring and router.
    pub fabric: Fabric,
    /// Ceph and the cloud.
    pub systems: Systems,
    /// Registry, certificates, tunnels.
    pub services: super::services::Services,
}

/// A switch of the fabric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Whether it forwards; the legs that end on a dead switch are down.
    pub alive: bool,
    /// The MAC address it speaks LACP with; the two leaves of a pair share one.
    pub system_mac: String,
}

/// How a port answers a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// As it should.
    #[default]
    Open,
    /// Nothing listens: the connection is refused.
    Closed,
    /// It accepts and never says a word.
    Silent,
    /// It speaks SSH and answers nonsense.
    Garbled,
}

/// How a machine's SSH server behaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SshDoor {
    /// How it answers at all.
    pub door: Door,
    /// Whether it shows another host key than the recorded one.
    pub changed_key: bool,
    /// Whether it takes none of our keys.
    pub refuses_keys: bool,
    /// What the network adds to every answer, in milliseconds.
    pub delay_ms: u64,
}

/// A machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name in the inventory.
    pub name: String,
    /// What it calls itself.
    pub hostname: String,
    /// What it is there for.
    pub role: Role,
    /// Serial number on its label.
    pub serial: String,
    /// Whether it has power; without it the host refuses and the BMC still answers.
    pub powered: bool,
    /// Its SSH server.
    pub ssh: SshDoor,
    /// When it booted, seconds since 1970.
    pub booted: i64,
    /// When its root file system was made, seconds since 1970.
    pub installed: i64,
    /// `VERSION_ID` of os-release.
    pub os_version: String,
    /// The running kernel.
    pub kernel: String,
    /// The newest installed kernel; a reboot is pending while it differs.
    pub newest_kernel: String,
    /// Extra words of the kernel command line.
    pub kernel_words: Vec<String>,
    /// Number of IOMMU groups.
    pub iommu_groups: u32,
    /// Loaded kernel modules.
    pub modules: Vec<String>,
    /// Installed packages.
    pub packages: Vec<String>,
    /// Processors (threads) the machine has.
    pub processors: u32,
    /// Memory in KiB.
    pub memory_kib: u64,
    /// Memory in use, percent.
    pub memory_used: f64,
    /// Load average of a usual minute.
    pub load: f64,
    /// Size of the root file system in KiB.
    pub root_kib: u64,
    /// Root file system in use, percent.
    pub root_used: f64,
    /// Inodes of the root file system in use, percent.
    pub inodes_used: f64,
    /// Whether the kernel has remounted the root file system read-only.
    pub root_read_only: bool,
    /// Members of the system mirror.
    pub mirror: Vec<Disk>,
    /// Disks that carry data only.
    pub data_disks: Vec<Disk>,
    /// Whether a swap file is in use.
    pub swap: bool,
    /// The trunk port: one leg is a plain interface, two are an LACP bond.
    pub trunk: Trunk,
    /// VLAN interfaces on the trunk.
    pub vlans: Vec<Vlan>,
    /// Interfaces that carry an address without a VLAN (a VM's, a bridge's).
    pub plain: Vec<Plain>,
    /// The default route: gateway and interface.
    pub gateway: (Ipv4Addr, String),
    /// How far its clock is ahead of the true time, in seconds.
    pub clock_ahead: f64,
    /// Failed systemd units.
    pub failed_units: Vec<String>,
    /// libvirt domains it runs.
    pub domains: Vec<Domain>,
    /// Its management controller; virtual machines have none.
    pub bmc: Option<Bmc>,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Kernel name (`nvme0n1`).
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Serial number.
    pub serial: String,
    /// Whether it dropped out.
    pub failed: bool,
}

/// The port that carries everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trunk {
    /// Interface name (`physical0`, `bond0`).
    pub name: String,
    /// The cables; empty for a virtual machine.
    pub legs: Vec<Leg>,
}

/// One cable of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Interface name.
    pub interface: String,
    /// Its MAC address.
    pub mac: String,
    /// The switch at the other end.
    pub switch: String,
}

/// A VLAN interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vlan {
    /// Interface name (`frontend0`).
    pub name: String,
    /// VLAN id.
    pub id: u16,
    /// Address and prefix length.
    pub address: Option<(Ipv4Addr, u8)>,
}

/// An interface with an address of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// Interface name.
    pub name: String,
    /// Its MAC address.
    pub mac: String,
    /// Address and prefix length.
    pub address: Option<(Ipv4Addr, u8)>,
    /// The bridge it is a port of.
    pub master: Option<String>,
}

/// A virtual machine of the router box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// libvirt's name.
    pub name: String,
    /// `running`, `shut off`, `paused`, `crashed`.
    pub state: String,
    /// Whether it starts with the host.
    pub autostart: bool,
    /// Virtual processors.
    pub processors: u32,
    /// Memory in KiB.
    pub memory_kib: u64,
}

/// A management controller.
#[derive(Debug, Clone, PartialEq)]
pub struct Bmc {
    /// Its name in `ipmi_targets`.
    pub name: String,
    /// The host name it is reached under.
    pub host: String,
    /// How it answers.
    pub door: Door,
    /// What the network adds to every answer, in milliseconds.
    pub delay_ms: u64,
    /// Its firmware.
    pub firmware: String,
    /// Temperature sensors.
    pub temperatures: Vec<Temperature>,
    /// Fans.
    pub fans: Vec<Fan>,
    /// Voltages.
    pub voltages: Vec<Voltage>,
    /// Power supplies.
    pub supplies: Vec<Supply>,
    /// What the machine usually draws, in watts.
    pub watts: f64,
    /// The system event log, oldest first.
    pub log: Vec<LogEntry>,
}

/// A temperature sensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Temperature {
    /// Its name.
    pub name: String,
    /// Redfish's `PhysicalContext`.
    pub context: String,
    /// Degrees Celsius of a usual moment.
    pub celsius: f64,
    /// Warning threshold.
    pub warn: f64,
    /// Critical threshold.
    pub critical: f64,
}

/// A fan.
#[derive(Debug, Clone, PartialEq)]
pub struct Fan {
    /// Its name.
    pub name: String,
    /// Turns per minute of a usual moment.
    pub rpm: f64,
    /// Whether it turns.
    pub working: bool,
}

/// A voltage sensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Voltage {
    /// Its name.
    pub name: String,
    /// What it should be.
    pub nominal: f64,
    /// What it is, before it moves.
    pub volts: f64,
}

/// A power supply.
#[derive(Debug, Clone, PartialEq)]
pub struct Supply {
    /// Its name.
    pub name: String,
    /// Whether it delivers.
    pub working: bool,
    /// What it can deliver, in watts.
    pub capacity: f64,
}

/// An entry of a system event log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When, seconds since 1970.
    pub at: i64,
    /// Redfish's severity: `OK`, `Warning`, `Critical`.
    pub severity: &'static str,
    /// What happened.
    pub message: String,
    /// Redfish's `SensorType`.
    pub sensor: &'static str,
}

impl World {
    /// A machine by name.
    pub fn machine(&self, name: &str) -> Option<&Machine> {
        self.machines.get(name)
    }

    /// Whether a cable has a living switch at its other end and power at this one.
    pub fn leg_is_up(&self, machine: &Machine, leg: &Leg) -> bool {
        machine.powered && self.switches.get(&leg.switch).is_some_and(|switch| switch.alive)
    }

    /// Whether the trunk carries anything; a virtual machine's always does.
    pub fn trunk_is_up(&self, machine: &Machine) -> bool {
        machine.trunk.legs.is_empty()
            || machine.trunk.legs.iter().any(|leg| self.leg_is_up(machine, leg))
    }

    /// How a machine's SSH port behaves now: without power nothing listens.
    pub fn ssh_door(&self, name: &str) -> SshDoor {
        match self.machines.get(name) {
            Some(machine) if machine.powered => machine.ssh.clone(),
            _ => SshDoor { door: Door::Closed, ..SshDoor::default() },
        }
    }

    /// How a management controller's port behaves now, and how slow the way there is.
    pub fn bmc_door(&self, machine: &str) -> (Door, u64) {
        self.machines
            .get(machine)
            .and_then(|machine| machine.bmc.as_ref())
            .map_or((Door::Closed, 0), |bmc| (bmc.door, bmc.delay_ms))
    }
}

impl Machine {
    /// Whether the trunk is an LACP bond.
    pub fn is_bonded(&self) -> bool {
        self.trunk.legs.len() > 1
    }
}
