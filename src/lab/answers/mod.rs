//! What the commands of the batched look print on a machine of the demo
//! site, section by section, in the formats of the real tools.

mod bastion;
mod ceph;
pub mod documented;
mod fabric;
mod network;
mod openstack;
mod openwrt;
mod router_box;
mod services;
mod storage;
mod system;

pub use router_box::serial_id;

use super::moves::wave;
use super::world::{Machine, World};
use crate::domain::Role;

/// A machine at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The site.
    pub world: &'a World,
    /// The machine that is asked.
    pub machine: &'a Machine,
    /// The true time, seconds since 1970.
    pub now: f64,
}

impl Scene<'_> {
    /// How a value of this machine moves, between -1 and 1.
    pub fn wave(&self, what: &str) -> f64 {
        wave(self.world.seed, &format!("{} {what}", self.machine.name), self.now)
    }

    /// The time on the machine's own clock.
    pub fn own_time(&self) -> f64 {
        self.now + self.machine.clock_ahead
    }

    pub(crate) fn is(&self, role: Role) -> bool {
        self.machine.role == role
    }

    /// Whether it runs Ubuntu; the router VM is OpenWRT, the fabric controller Flatcar.
    fn is_ubuntu(&self) -> bool {
        !matches!(self.machine.role, Role::RouterVm | Role::FabricController)
    }
}

/// What a command prints, and its exit status.
type Printed = (String, u32);

fn ok(text: impl Into<String>) -> Option<Printed> {
    Some((text.into(), 0))
}

/// Output and exit status of a section; `None` for a section the demo site
/// does not know, or whose command the machine does not have. `parameters`
/// finds the value of a parameter line of the script.
pub fn section<'s>(
    scene: &Scene<'_>,
    name: &str,
    parameters: &dyn Fn(&str) -> &'s str,
) -> Option<Printed> {
    let machine = scene.machine;
    match name {
        "hostname" => ok(format!("{}\n", machine.hostname)),
        "kernel" => ok(format!("{}\n", machine.kernel)),
        "os" => ok(system::os_release(scene)),
        "uptime" => ok(system::uptime(scene)),
        "load" => ok(system::loadavg(scene)),
        "processors" => ok(format!("{}\n", machine.processors)),
        "memory" => ok(system::meminfo(scene)),
        "disks" => ok(storage::df(scene, None)),
        "inodes" => ok(storage::df_inodes(scene)),
        "mounted" => ok(storage::mounted(scene)),
        "cmdline" => ok(system::cmdline(scene)),
        "iommu" => ok(format!("{}\n", machine.iommu_groups)),
        "modules" => ok(system::modules(scene)),
        "mdstat" => ok(storage::mdstat(scene)),
        "swap" => ok(storage::swapon(scene)),
        "links" => ok(network::addresses(scene)),
        "routes" => ok(network::default_route(scene)),
        "bonds" => ok(network::bonds(scene)),
        "clock" => ok(format!("{:.0}\n", scene.own_time().floor())),
        "ping" | "gateway" => ok(network::ping(scene, parameters("GATEWAY"), name == "ping")),
        _ if !scene.is_ubuntu() => None,
        "chrony" => ok(system::chronyc(scene)),
        "units" => ok(system::failed_units(scene)),
        "reboot" => ok(system::reboot_required(scene)),
        "kernels" => ok(system::kernels(scene)),
        "sudo" => ok(""),
        "packages" => ok(system::packages(scene)),
        "mounts" => ok(storage::findmnt(scene)),
        "blocks" => ok(storage::lsblk(scene)),
        "efi" => ok(format!("efi\n{}", storage::efibootmgr(scene))),
        "blacklist" => ok("blacklist nouveau\n"),
        "sshd" => ok(system::sshd()),
        "wait-online" => ok(system::wait_online()),
        "grub" => ok("GRUB_RECORDFAIL_TIMEOUT=3\n"),
        "docker-dir" => ok("present\n"),
        "smart" => ok(storage::smart(scene)),
        "names" => ok(bastion::names(scene, parameters("NAMES"))),
        _ if scene.is(Role::RouterBox) => router_box::section(scene, name, parameters("NIC")),
        _ if scene.is(Role::Bastion) => bastion::section(scene, name),
        _ => None,
    }
}

/// A file that people look at by hand.
pub fn file(scene: &Scene<'_>, path: &str) -> Option<String> {
    Some(match path {
        "/etc/os-release" => system::os_release(scene),
        "/etc/hostname" => format!("{}\n", scene.machine.hostname),
        "/proc/uptime" => system::uptime(scene),
        "/proc/loadavg" => system::loadavg(scene),
        "/proc/meminfo" => system::meminfo(scene),
        "/proc/cmdline" => system::cmdline(scene),
        "/proc/modules" => system::modules(scene),
        "/proc/mdstat" => storage::mdstat(scene),
        "/proc/mounts" => storage::mounted(scene),
        _ => {
            let bond = path.strip_prefix("/proc/net/bonding/")?;
            (scene.machine.is_bonded() && bond == scene.machine.trunk.name)
                .then(|| network::bonding(scene))?
        }
    })
}
