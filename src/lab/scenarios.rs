//! The scripted situations, as data in `assets/lab/scenarios/`: what each
//! does to a well site. The site's state is always the well site with every
//! active fault laid over it, in the order of their names; so healing one of
//! several overlapping faults leaves exactly what the others do.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::world::{Door, LogEntry, Machine, World};

/// One situation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, that of its file.
    pub name: String,
    /// What happens, in one sentence without a full stop.
    pub title: String,
    /// What it does, in order.
    #[serde(default)]
    pub effects: Vec<Effect>,
}

/// One change of a well site.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Effect {
    /// A switch dies; every leg that ends on it goes down.
    SwitchDead {
        /// The switch.
        switch: String,
    },
    /// The agent on a switch ends; the switch goes on forwarding.
    AgentDead {
        /// The switch.
        switch: String,
    },
    /// The management port of a switch falls silent, and with it its agent.
    SwitchSilent {
        /// The switch.
        switch: String,
    },
    /// The switches' users are those that the generator writes.
    DefaultCredentials,
    /// A machine loses its power; its BMC still answers.
    PowerOff {
        /// The machine.
        machine: String,
    },
    /// A machine's SSH port answers differently.
    SshDoor {
        /// The machine.
        machine: String,
        /// How.
        door: Door,
    },
    /// A machine shows another host key.
    HostKeyChanged {
        /// The machine.
        machine: String,
    },
    /// A machine takes none of our keys.
    KeysRefused {
        /// The machine.
        machine: String,
    },
    /// The way to these machines takes longer.
    Slow {
        /// The machines.
        machines: Vec<String>,
        /// By how much, in milliseconds, for every answer.
        delay_ms: u64,
    },
    /// A clock runs ahead of the true time.
    ClockAhead {
        /// The machine.
        machine: String,
        /// By how many seconds.
        seconds: f64,
    },
    /// A member of the system mirror drops out.
    MirrorLoses {
        /// The machine.
        machine: String,
        /// The disk.
        disk: String,
    },
    /// A management controller's port answers differently.
    BmcDoor {
        /// The machine it manages.
        machine: String,
        /// How.
        door: Door,
    },
    /// Somebody switched a swap file on.
    SwapOn {
        /// The machine.
        machine: String,
    },
    /// The root file system fills up.
    RootUsed {
        /// The machine.
        machine: String,
        /// To how many percent.
        percent: f64,
    },
    /// The inodes of the root file system are used up.
    InodesUsed {
        /// The machine.
        machine: String,
        /// To how many percent.
        percent: f64,
    },
    /// The kernel found an error and remounted the root file system read-only.
    RootReadOnly {
        /// The machine.
        machine: String,
    },
    /// Memory fills up.
    MemoryUsed {
        /// The machine.
        machine: String,
        /// To how many percent.
        percent: f64,
    },
    /// A temperature rises past a threshold, and the controller logs it.
    Hot {
        /// The machine.
        machine: String,
        /// The sensor.
        sensor: String,
        /// To how many degrees Celsius.
        celsius: f64,
    },
    /// A power supply stops delivering, and the controller logs it.
    SupplyLost {
        /// The machine.
        machine: String,
        /// The power supply.
        supply: String,
    },
    /// A fan stops, and the controller logs it.
    FanStopped {
        /// The machine.
        machine: String,
        /// The fan.
        fan: String,
    },
    /// A newer kernel is installed than the one that runs.
    KernelWaits {
        /// The machine.
        machine: String,
        /// The installed kernel.
        kernel: String,
    },
    /// A systemd unit fails.
    UnitFails {
        /// The machine.
        machine: String,
        /// The unit.
        unit: String,
    },
    /// An OSD of Ceph goes down.
    OsdDown {
        /// Its number.
        osd: u32,
    },
    /// Ceph fills up.
    CephUsed {
        /// To how many percent of the raw space.
        percent: u32,
    },
    /// The monitor of Ceph on a storage node dies.
    MonitorDead {
        /// The machine.
        machine: String,
    },
    /// The compute service of a hypervisor goes down.
    ComputeDown {
        /// The machine.
        machine: String,
    },
    /// The volume service of a control node goes down.
    VolumeDown {
        /// The machine.
        machine: String,
    },
    /// The local registry loses images.
    RegistryHolds {
        /// How many are left.
        images: usize,
    },
    /// The certificates of the public names were not renewed.
    CertificatesLast {
        /// How many days they still last.
        days: i64,
    },
    /// The other end of the operators' tunnel says nothing.
    PeerSilent,
    /// A libvirt domain changes its state.
    DomainIs {
        /// The machine.
        machine: String,
        /// The domain.
        domain: String,
        /// libvirt's word for the state.
        state: String,
    },
}

macro_rules! scenario_files {
    ($($name:literal,)+) => {
        const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../assets/lab/scenarios/", $name, ".yml"))),)+
        ];
    };
}

scenario_files! {
    "well",
    "agent-dead",
    "auth-refused",
    "bmc-silent",
    "ceph-full",
    "certificate-expiring",
    "clock-drift",
    "compute-down",
    "default-credentials",
    "disk-full",
    "domain-off",
    "fan-stopped",
    "garbled-host",
    "half-dead",
    "host-key-changed",
    "host-unreachable",
    "hot-inlet",
    "inodes-full",
    "leaf-dead",
    "memory-full",
    "osd-down",
    "peer-silent",
    "power-off",
    "psu-lost",
    "quorum-lost",
    "raid-disk",
    "reboot-pending",
    "registry-empty",
    "root-read-only",
    "slow-network",
    "swap-on",
    "switch-silent",
    "unit-failed",
    "volume-service-down",
}

/// For how many seconds an agent is silent when somebody injects the fault.
const SILENT_FOR: i64 = 300;

/// All situations, `well` first.
///
/// # Errors
/// When a file does not read; a test keeps that from happening.
pub fn all() -> Result<Vec<Scenario>, String> {
    FILES
        .iter()
        .map(|(name, text)| {
            let scenario: Scenario = serde_yaml::from_str(text)
                .map_err(|error| format!("assets/lab/scenarios/{name}.yml: {error}"))?;
            if scenario.name == *name {
                Ok(scenario)
            } else {
                Err(format!("assets/lab/scenarios/{name}.yml names itself {}", scenario.name))
            }
        })
        .collect()
}

/// Lays the active faults, each with when it began, over a well site.
pub fn with_faults(well: &World, scenarios: &[Scenario], active: &BTreeMap<String, i64>) -> World {
    let mut world = well.clone();
    for (name, since) in active {
        for scenario in scenarios.iter().filter(|scenario| &scenario.name == name) {
            for effect in &scenario.effects {
                effect.apply(&mut world, *since);
            }
        }
    }
    world
}

impl Effect {
    /// Machines and switches that it names, for the test that they exist.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Effect::SwitchDead { switch }
            | Effect::AgentDead { switch }
            | Effect::SwitchSilent { switch } => vec![switch],
            Effect::DefaultCredentials => Vec::new(),
            Effect::OsdDown { .. } | Effect::CephUsed { .. } => Vec::new(),
            Effect::RegistryHolds { .. } | Effect::CertificatesLast { .. } | Effect::PeerSilent => {
                Vec::new()
            }
            Effect::Slow { machines, .. } => machines.iter().map(String::as_str).collect(),
            Effect::PowerOff { machine }
            | Effect::SshDoor { machine, .. }
            | Effect::HostKeyChanged { machine }
            | Effect::KeysRefused { machine }
            | Effect::ClockAhead { machine, .. }
            | Effect::MirrorLoses { machine, .. }
            | Effect::BmcDoor { machine, .. }
            | Effect::SwapOn { machine }
            | Effect::RootUsed { machine, .. }
            | Effect::InodesUsed { machine, .. }
            | Effect::RootReadOnly { machine }
            | Effect::MemoryUsed { machine, .. }
            | Effect::Hot { machine, .. }
            | Effect::SupplyLost { machine, .. }
            | Effect::FanStopped { machine, .. }
            | Effect::KernelWaits { machine, .. }
            | Effect::MonitorDead { machine }
            | Effect::ComputeDown { machine }
            | Effect::VolumeDown { machine }
            | Effect::UnitFails { machine, .. }
            | Effect::DomainIs { machine, .. } => vec![machine],
        }
    }

    fn apply(&self, world: &mut World, since: i64) {
        let systems = &mut world.systems;
        match self {
            Effect::DefaultCredentials => world.fabric.default_credentials = true,
            Effect::SwitchDead { switch }
            | Effect::AgentDead { switch }
            | Effect::SwitchSilent { switch } => {
                let is_dead = matches!(self, Effect::SwitchDead { .. });
                if let Some(switch) = world.switches.get_mut(switch).filter(|_| is_dead) {
                    switch.alive = false;
                }
                if let Some(agent) = world.fabric.agents.get_mut(switch) {
                    // Whoever looks now shall see it: an agent is silent for
                    // minutes before that is worth a finding.
                    agent.silent_since = Some(since - SILENT_FOR);
                    agent.reachable = matches!(self, Effect::AgentDead { .. });
                }
            }
            Effect::OsdDown { osd } => systems.osds_down.push(*osd),
            Effect::CephUsed { percent } => systems.used_percent = *percent,
            Effect::MonitorDead { machine } => systems.monitors_dead.push(machine.clone()),
            Effect::ComputeDown { machine } => systems.computes_down.push(machine.clone()),
            Effect::VolumeDown { machine } => systems.volumes_down.push(machine.clone()),
            Effect::RegistryHolds { images } => world.services.images = *images,
            Effect::CertificatesLast { days } => world.services.certificate_days = *days,
            Effect::PeerSilent => world.services.peer_silent = true,
            _ => {}
        }
        for name in self.names().into_iter().map(str::to_owned).collect::<Vec<_>>() {
            if let Some(machine) = world.machines.get_mut(&name) {
                self.apply_to(machine, since);
            }
        }
    }

    fn apply_to(&self, machine: &mut Machine, since: i64) {
        match self {
            Effect::SwitchDead { .. }
            | Effect::AgentDead { .. }
            | Effect::SwitchSilent { .. }
            | Effect::DefaultCredentials
            | Effect::OsdDown { .. }
            | Effect::CephUsed { .. }
            | Effect::MonitorDead { .. }
            | Effect::ComputeDown { .. }
            | Effect::VolumeDown { .. }
            | Effect::RegistryHolds { .. }
            | Effect::CertificatesLast { .. }
            | Effect::PeerSilent => {}
            Effect::PowerOff { .. } => {
                machine.powered = false;
                log(machine, since, "OK", "System Boot/Restart Initiated", "Power off by command");
            }
            Effect::SshDoor { door, .. } => machine.ssh.door = *door,
            Effect::HostKeyChanged { .. } => machine.ssh.changed_key = true,
            Effect::KeysRefused { .. } => machine.ssh.refuses_keys = true,
            Effect::Slow { delay_ms, .. } => machine.ssh.delay_ms += delay_ms,
            Effect::ClockAhead { seconds, .. } => machine.clock_ahead += seconds,
            Effect::MirrorLoses { disk, .. } => {
                for member in machine.mirror.iter_mut().filter(|member| &member.name == disk) {
                    member.failed = true;
                }
            }
            Effect::BmcDoor { door, .. } => {
                if let Some(bmc) = &mut machine.bmc {
                    bmc.door = *door;
                }
            }
            Effect::SwapOn { .. } => machine.swap = true,
            Effect::RootUsed { percent, .. } => machine.root_used = *percent,
            Effect::InodesUsed { percent, .. } => machine.inodes_used = *percent,
            Effect::RootReadOnly { .. } => machine.root_read_only = true,
            Effect::MemoryUsed { percent, .. } => machine.memory_used = *percent,
            Effect::KernelWaits { kernel, .. } => machine.newest_kernel.clone_from(kernel),
            Effect::UnitFails { unit, .. } => machine.failed_units.push(unit.clone()),
            Effect::DomainIs { domain, state, .. } => {
                for found in machine.domains.iter_mut().filter(|found| &found.name == domain) {
                    found.state.clone_from(state);
                }
            }
            Effect::Hot { sensor, celsius, .. } => {
                let Some(bmc) = &mut machine.bmc else { return };
                for found in bmc.temperatures.iter_mut().filter(|found| &found.name == sensor) {
                    found.celsius = *celsius;
                }
                let message = format!("{sensor} upper critical threshold exceeded");
                log(machine, since, "Critical", "Temperature", &message);
            }
            Effect::SupplyLost { supply, .. } => {
                let Some(bmc) = &mut machine.bmc else { return };
                for found in bmc.supplies.iter_mut().filter(|found| &found.name == supply) {
                    found.working = false;
                }
                let message = format!("{supply} input lost (AC/DC)");
                log(machine, since, "Critical", "Power Supply", &message);
            }
            Effect::FanStopped { fan, .. } => {
                let Some(bmc) = &mut machine.bmc else { return };
                for found in bmc.fans.iter_mut().filter(|found| &found.name == fan) {
                    found.working = false;
                }
                let message = format!("{fan} lower critical threshold exceeded");
                log(machine, since, "Critical", "Fan", &message);
            }
        }
    }
}

fn log(
    machine: &mut Machine,
    at: i64,
    severity: &'static str,
    sensor: &'static str,
    message: &str,
) {
    if let Some(bmc) = &mut machine.bmc {
        bmc.log.push(LogEntry { at, severity, message: message.into(), sensor });
    }
}
