//! The demo site when all is well: every machine of the blueprint, healthy,
//! with the differences between machines that the seed gives.

use std::net::Ipv4Addr;

use super::blueprint::{Blueprint, Planned};
use super::moves::{fixed, mix};
use super::world::{
    Bmc, Disk, Domain, Fan, Leg, LogEntry, Machine, Plain, SshDoor, Supply, Switch, Temperature,
    Trunk, Vlan, Voltage, World,
};
use crate::domain::Role;
use crate::domain::wanted::USUAL_FABRIC_DOMAIN;

/// The hardware-enablement kernel of Ubuntu 24.04 that the machines run.
const KERNEL: &str = "6.14.0-29-generic";
const DAY: f64 = 86_400.0;
const GIB_IN_KIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * 1024 * 1024;

/// Packages that `HOST-04` wants on a control node, and what every machine has.
const HOST_PACKAGES: &[&str] = &[
    "ipmitool",
    "lm-sensors",
    "smartmontools",
    "bridge-utils",
    "podman",
    "catatonit",
    "python3-podman",
    "python3-pip",
    "libvirt-clients",
    "ovmf",
    "chrony",
    "openssh-server",
    "linux-generic-hwe-24.04",
    "tmux",
];

/// Packages that `RBOX-07` wants on the router box.
const ROUTER_BOX_PACKAGES: &[&str] = &[
    "lm-sensors",
    "bridge-utils",
    "libvirt-clients",
    "chrony",
    "qemu-kvm",
    "qemu-system-x86",
    "libvirt-daemon-system",
    "virtiofsd",
    "virtinst",
    "guestfs-tools",
    "cloud-image-utils",
    "python3-lxml",
    "openssh-server",
    "linux-generic-hwe-24.04",
];

/// The site of a blueprint as it was at `born` (seconds since 1970), all well.
pub fn world(blueprint: &Blueprint, seed: u64, born: i64) -> World {
    let machines = blueprint
        .machines
        .iter()
        .enumerate()
        .map(|(at, planned)| (planned.name.clone(), machine(blueprint, planned, at, seed, born)))
        .collect();
    let switches = blueprint
        .switches
        .iter()
        .map(|(name, group)| {
            (name.clone(), Switch { alive: true, system_mac: mac(seed, group, 0x30) })
        })
        .collect();
    World {
        seed,
        machines,
        switches,
        fabric: blueprint.fabric.clone(),
        systems: blueprint.systems.clone(),
        services: Default::default(),
    }
}

fn machine(blueprint: &Blueprint, planned: &Planned, at: usize, seed: u64, born: i64) -> Machine {
    let spread = |what: &str| fixed(seed, &format!("{} {what}", planned.name));
    let days = |from: f64, to: f64, what: &str| (from + spread(what) * (to - from)) * DAY;
    let size = Size::of(planned.role);
    let mut machine = Machine {
        name: planned.name.clone(),
        hostname: hostname(planned),
        role: planned.role,
        serial: if planned.serial.is_empty() {
            format!("DX{:06}", mix(seed, &planned.name) % 1_000_000)
        } else {
            planned.serial.clone()
        },
        powered: true,
        ssh: SshDoor::default(),
        booted: born - days(20.0, 41.0, "boot") as i64,
        installed: born - days(55.0, 60.0, "install") as i64,
        os_version: "24.04".into(),
        kernel: KERNEL.into(),
        newest_kernel: KERNEL.into(),
        kernel_words: vec!["amd_iommu=on".into(), "iommu=pt".into()],
        iommu_groups: size.iommu_groups,
        modules: words(&["bonding", "8021q", "raid1", "nvme", "mlx5_core", "ipmi_si"]),
        packages: words(HOST_PACKAGES),
        processors: size.processors,
        memory_kib: size.memory_gib * GIB_IN_KIB,
        memory_used: 18.0 + 30.0 * spread("memory"),
        load: f64::from(size.processors) * (0.04 + 0.2 * spread("load")),
        root_kib: size.root_gib * GIB_IN_KIB,
        root_used: 12.0 + 20.0 * spread("root"),
        inodes_used: 3.0 + 6.0 * spread("inodes"),
        root_read_only: false,
        mirror: disks(planned, &planned.disks, 960 * 1_000_000_000, seed),
        data_disks: disks(planned, &planned.data_disks, 7_680 * 1_000_000_000, seed),
        swap: false,
        trunk: Trunk { name: trunk_name(planned.role).into(), legs: legs(planned, seed) },
        vlans: Vec::new(),
        plain: Vec::new(),
        gateway: (
            blueprint.front_end_gateway.unwrap_or(Ipv4Addr::new(10, 30, 0, 1)),
            "frontend0".into(),
        ),
        clock_ahead: (spread("clock") - 0.5) * 0.000_2,
        failed_units: Vec::new(),
        domains: Vec::new(),
        bmc: planned
            .bmc
            .as_ref()
            .map(|(name, host)| controller(name, host, planned.role, seed, born)),
    };
    network(&mut machine, planned, at, seed);
    fit_role(&mut machine, planned);
    machine
}

/// How big a machine of a role is.
struct Size {
    processors: u32,
    memory_gib: u64,
    root_gib: u64,
    iommu_groups: u32,
}

impl Size {
    fn of(role: Role) -> Size {
        let (processors, memory_gib, root_gib, iommu_groups) = match role {
            Role::RouterBox => (20, 64, 900, 24),
            Role::Bastion => (2, 4, 124, 0),
            Role::RouterVm => (4, 2, 4, 0),
            Role::FabricController => (8, 16, 38, 0),
            Role::Control => (64, 256, 880, 87),
            Role::Storage => (64, 256, 880, 92),
            Role::Compute => (192, 2048, 880, 143),
        };
        Size { processors, memory_gib, root_gib, iommu_groups }
    }
}

fn hostname(planned: &Planned) -> String {
    match planned.role {
        // The bastion's inventory name is its address; the guest has its own name.
        Role::Bastion => "bastion0".into(),
        _ => planned.name.clone(),
    }
}

const fn trunk_name(role: Role) -> &'static str {
    match role {
        Role::Control => "physical0",
        Role::RouterBox => "enp2s0",
        Role::Bastion | Role::FabricController => "enp1s0",
        _ => "bond0",
    }
}

fn fit_role(machine: &mut Machine, planned: &Planned) {
    match planned.role {
        Role::RouterBox => {
            machine.packages = words(ROUTER_BOX_PACKAGES);
            machine.kernel_words = words(&["intel_iommu=on", "iommu=pt"]);
            machine.modules = words(&["kvm_intel", "kvm", "vfio_pci", "bridge"]);
            let fabric = planned.fabric_domain.as_deref().unwrap_or(USUAL_FABRIC_DOMAIN);
            machine.domains = vec![
                domain("dc-virt-router-0", 4, 2),
                domain("deployment0", 2, 4),
                domain(fabric, 8, 16),
            ];
        }
        Role::Bastion => {
            machine.kernel_words.clear();
            machine.modules = words(&["virtio_net", "virtio_blk"]);
        }
        Role::RouterVm | Role::FabricController => {
            machine.kernel_words.clear();
            machine.packages.clear();
            let kernel = match planned.role {
                Role::RouterVm => "6.6.93",
                _ => "6.6.95-flatcar",
            };
            machine.kernel = kernel.into();
            machine.newest_kernel = kernel.into();
            machine.modules = words(&["virtio_net", "bonding", "8021q"]);
        }
        Role::Compute => machine.modules.push("nvidia".into()),
        Role::Control | Role::Storage => {}
    }
}

fn domain(name: &str, processors: u32, memory_gib: u64) -> Domain {
    Domain {
        name: name.into(),
        state: "running".into(),
        autostart: true,
        processors,
        memory_kib: memory_gib * GIB_IN_KIB,
    }
}

fn network(machine: &mut Machine, planned: &Planned, at: usize, seed: u64) {
    let own_mac =
        planned.mac.clone().unwrap_or_else(|| mac(seed, &format!("{} port", planned.name), 0x10));
    match planned.role {
        Role::RouterBox => {
            machine.plain = vec![
                Plain {
                    name: "virbr-libvirt".into(),
                    mac: "b2:1d:6e:17:01:ab".into(),
                    address: planned.address.map(|address| (address, 24)),
                    master: None,
                },
                Plain {
                    name: machine.trunk.name.clone(),
                    mac: own_mac,
                    address: None,
                    master: Some("virbr-libvirt".into()),
                },
            ];
            machine.gateway = (management_gateway(planned), "virbr-libvirt".into());
        }
        Role::Bastion | Role::FabricController => {
            machine.plain = vec![Plain {
                name: machine.trunk.name.clone(),
                mac: own_mac,
                address: planned.address.map(|address| (address, 24)),
                master: None,
            }];
            machine.gateway = (management_gateway(planned), machine.trunk.name.clone());
        }
        Role::RouterVm => {
            machine.plain = vec![Plain {
                name: "br-lan".into(),
                mac: own_mac,
                address: planned.address.map(|address| (address, 24)),
                master: None,
            }];
            machine.vlans = vec![
                Vlan { name: "bond0.101".into(), id: 101, address: Some((machine.gateway.0, 16)) },
                Vlan {
                    name: "bond0.102".into(),
                    id: 102,
                    address: Some((Ipv4Addr::new(10, 31, 0, 1), 16)),
                },
            ];
            machine.gateway = (Ipv4Addr::new(198, 51, 100, 1), "eth1".into());
        }
        Role::Control | Role::Storage | Role::Compute => {
            let host = planned.address.map(|address| address.octets());
            let provisioning = host.map(|[_, _, c, d]| (Ipv4Addr::new(10, 31, c, d), 16));
            machine.vlans = vec![
                Vlan {
                    name: "frontend0".into(),
                    id: 101,
                    address: planned.address.map(|address| (address, 16)),
                },
                Vlan { name: "provisioning0".into(), id: 102, address: provisioning },
            ];
            if let Some(address) = planned.storage {
                machine.vlans.push(Vlan {
                    name: "storage0".into(),
                    id: 103,
                    address: Some((address, 24)),
                });
            }
            if machine.trunk.legs.is_empty() {
                machine.trunk.legs.push(Leg {
                    interface: machine.trunk.name.clone(),
                    mac: own_mac,
                    switch: format!("unplugged-{at}"),
                });
            }
        }
    }
}

/// The first address of the network a machine of the management bridge is in.
fn management_gateway(planned: &Planned) -> Ipv4Addr {
    let [a, b, c, _] = planned.address.unwrap_or(Ipv4Addr::new(192, 168, 40, 2)).octets();
    Ipv4Addr::new(a, b, c, 1)
}

fn legs(planned: &Planned, seed: u64) -> Vec<Leg> {
    planned
        .legs
        .iter()
        .enumerate()
        .map(|(at, (interface, switch))| Leg {
            interface: interface.clone(),
            mac: match (&planned.mac, at) {
                (Some(mac), 0) => mac.clone(),
                _ => mac(seed, &format!("{} {interface}", planned.name), 0x11),
            },
            switch: switch.clone(),
        })
        .collect()
}

fn disks(planned: &Planned, names: &[String], bytes: u64, seed: u64) -> Vec<Disk> {
    // A machine whose disks the inventory does not name boots from one disk.
    names
        .iter()
        .map(|name| Disk {
            name: name.clone(),
            bytes,
            serial: format!("S{:011X}", mix(seed, &format!("{} {name}", planned.name)) >> 20),
            failed: false,
        })
        .collect()
}

fn controller(name: &str, host: &str, role: Role, seed: u64, born: i64) -> Bmc {
    let spread = |what: &str| fixed(seed, &format!("{name} {what}"));
    let gpu = role == Role::Compute;
    let temperature = |sensor: &str, context: &str, usual: f64, warn: f64, critical: f64| {
        let celsius = usual + 3.0 * (spread(sensor) - 0.5);
        Temperature { name: sensor.into(), context: context.into(), celsius, warn, critical }
    };
    let mut temperatures = vec![
        temperature("Inlet Temp", "Intake", 23.0, 38.0, 42.0),
        temperature("Exhaust Temp", "Exhaust", if gpu { 44.0 } else { 36.0 }, 70.0, 75.0),
        temperature("CPU1 Temp", "CPU", 52.0, 85.0, 95.0),
        temperature("CPU2 Temp", "CPU", 53.0, 85.0, 95.0),
    ];
    if gpu {
        temperatures
            .extend((1..=8).map(|n| temperature(&format!("GPU{n} Temp"), "GPU", 58.0, 85.0, 92.0)));
    }
    let supplies = if gpu { 6 } else { 2 };
    let voltage = |sensor: &str, nominal: f64| Voltage {
        name: sensor.into(),
        nominal,
        volts: nominal * (1.0 + 0.01 * (spread(sensor) - 0.5)),
    };
    Bmc {
        name: name.into(),
        host: host.into(),
        door: super::world::Door::Open,
        delay_ms: 0,
        firmware: "1.04.19".into(),
        temperatures,
        fans: (1..=if gpu { 10 } else { 6 })
            .map(|n| Fan {
                name: format!("Fan {n}"),
                rpm: if gpu { 8_600.0 } else { 6_200.0 } + 300.0 * spread(&format!("fan {n}")),
                working: true,
            })
            .collect(),
        voltages: vec![voltage("12V", 12.0), voltage("5V", 5.0), voltage("3.3V", 3.3)],
        supplies: (1..=supplies)
            .map(|n| Supply { name: format!("PSU {n}"), working: true, capacity: 3_000.0 })
            .collect(),
        watts: match role {
            Role::Compute => 3_600.0 + 900.0 * spread("watts"),
            Role::Storage => 520.0 + 60.0 * spread("watts"),
            _ => 340.0 + 60.0 * spread("watts"),
        },
        log: vec![
            LogEntry {
                at: born - (50.0 * DAY) as i64,
                severity: "OK",
                message: "Log area reset/cleared".into(),
                sensor: "Event Logging Disabled",
            },
            LogEntry {
                at: born - (42.0 * DAY) as i64,
                severity: "OK",
                message: "Initiated by power up".into(),
                sensor: "System Boot/Restart Initiated",
            },
        ],
    }
}

/// A locally administered MAC address that always belongs to this name.
fn mac(seed: u64, name: &str, kind: u8) -> String {
    let [a, b, c, ..] = mix(seed, name).to_be_bytes();
    format!("02:00:{kind:02x}:{a:02x}:{b:02x}:{c:02x}")
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// Size of an EFI system partition in bytes (256 MiB, `HOST-07`).
pub const EFI_BYTES: u64 = GIB / 4;
