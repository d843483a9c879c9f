//! What the batched script can ask, by name, and who is asked it.
//!
//! The script is `assets/probes/host.sh`. It goes on standard input to
//! `exec sh -s` and looks like this:
//!
//! ```text
//! # shopfloor look 1 5f0e9c…          first line; the last word is the NONCE of this ask
//! N=5f0e9c…                           preparation, parameters
//! #: kernel                           a section begins, with its name
//! b kernel                            (prints its first frame line)
//! f /proc/sys/kernel/osrelease        what it runs
//! e kernel $?                         (prints its last frame line)
//! #: uptime
//! …
//! # shopfloor look 1 77aa01…          a second part, when both probes of the host are due: another NONCE
//! N=77aa01…
//! #: sudo
//! …
//! ```
//!
//! The answer frames the output of every section:
//!
//! ```text
//! @@5f0e9c… kernel
//! 6.14.0-29-generic
//! @@5f0e9c… kernel = 0                exit status; 127 a command is missing, 126 root is needed and not to be had,
//!                                     124 it was ended after five seconds
//! …
//! @@5f0e9c… . = 0                     the whole answer is here; that to the next part may follow
//! ```
//!
//! The last line of a section's output ends before the closing frame line; one
//! empty line there means nothing. What a section prints is what its command
//! prints; nothing is reworked on the host. Parameters are lines of the form
//! `NAMES='ghcr.io ctl-01'` before the first section.

use crate::domain::{Role, Target};

/// When a section is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Every time (`host.look`): cheap, no root.
    Look,
    /// Every few minutes (`host.survey`): what changes rarely, needs root or costs more.
    Survey,
}

/// One section of the script.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// Its name in script and answer.
    pub name: &'static str,
    /// When it is asked.
    pub pace: Pace,
    /// Who is asked; empty: every host.
    pub roles: &'static [Role],
    /// Whether what it runs needs root.
    pub root: bool,
    /// What its output is.
    pub what: &'static str,
}

use Pace::{Look, Survey};
use Role::{Bastion, Compute, Control, RouterBox, RouterVm, Storage};

const fn section(
    name: &'static str,
    pace: Pace,
    roles: &'static [Role],
    what: &'static str,
) -> Section {
    Section { name, pace, roles, root: false, what }
}

const fn as_root(section: Section) -> Section {
    Section { root: true, ..section }
}

const ALL: &[Role] = &[];
const METAL: &[Role] = &[Control, Compute, Storage];
const UBUNTU: &[Role] = &[Control, Compute, Storage, RouterBox, Bastion];

/// Every section, in the order in which they are asked.
pub const SECTIONS: &[Section] = &[
    section("uptime", Look, ALL, "/proc/uptime"),
    section("hostname", Look, ALL, "/proc/sys/kernel/hostname"),
    section("kernel", Look, ALL, "/proc/sys/kernel/osrelease"),
    section("os", Look, ALL, "/etc/os-release"),
    section("load", Look, ALL, "/proc/loadavg"),
    section("processors", Look, ALL, "the number of /sys/devices/system/cpu/online, else nproc"),
    section("memory", Look, ALL, "/proc/meminfo as far as Cached"),
    section("disks", Look, ALL, "df -P -k"),
    section("inodes", Look, ALL, "df -P -i"),
    section("mounted", Look, ALL, "lines of /proc/mounts for / and for what lies on a device"),
    section("cmdline", Look, &[Control], "/proc/cmdline"),
    section("iommu", Look, &[Control, RouterBox], "number of IOMMU groups"),
    section("modules", Look, &[Control, Compute], "`nouveau` when it is loaded, else nothing"),
    section("mdstat", Look, &[Control, Storage], "/proc/mdstat"),
    section("swap", Look, &[Control], "/proc/swaps without its heading"),
    section("links", Look, &[Control, RouterBox, Bastion], "ip -j -d addr show"),
    section("routes", Look, &[Control, RouterBox, Bastion], "ip -j route show default"),
    section(
        "bonds",
        Look,
        ALL,
        "for each file of /proc/net/bonding a line `Bond: NAME`, then the file; nothing without bonds",
    ),
    section("chrony", Look, UBUNTU, "chronyc -c tracking"),
    section("units", Look, UBUNTU, "systemctl --failed --plain --no-legend"),
    section(
        "reboot",
        Look,
        UBUNTU,
        "/run/reboot-required and /run/reboot-required.pkgs, each after a line with its path; \
         nothing without them",
    ),
    section(
        "kernels",
        Look,
        &[Control, Compute, Storage, RouterBox],
        "vmlinuz-* of /boot, a name per line",
    ),
    section("domains", Look, &[RouterBox], "virsh list --all"),
    section("domains-autostart", Look, &[RouterBox], "virsh list --all --autostart --name"),
    section(
        "names",
        Look,
        &[Bastion],
        "for each name of the parameter NAMES a line `NAME ADDRESS`, `NAME -` when it does not resolve",
    ),
    section(
        "runs",
        Look,
        &[Bastion],
        "deployment containers that run (`ID IMAGE COMMAND`) and `PID COMMAND` of platform-setup.sh; \
         nothing when none runs",
    ),
    section("tmux", Look, &[Bastion], "tmux list-sessions: `NAME ATTACHED CREATED`"),
    section("ping", Look, &[RouterBox, Bastion], "ping -q -c 2 1.1.1.1"),
    section("gateway", Look, &[RouterVm], "ping -q -c 3 of the parameter GATEWAY"),
    section("clock", Look, ALL, "date +%s"),
    section(
        "ended",
        Look,
        ALL,
        "/proc/uptime once more; with `uptime` it tells how long the script ran",
    ),
    section("sudo", Survey, UBUNTU, "`root`, or what sudo -n true says"),
    section("packages", Survey, &[Control, RouterBox], "dpkg's database: `PACKAGE ii ` per line"),
    section("mounts", Survey, &[Control], "findmnt -J -l -o TARGET,SOURCE,FSTYPE"),
    section(
        "blocks",
        Survey,
        &[Control, Storage],
        "lsblk -J -b -o NAME,TYPE,SIZE,PTTYPE,PARTTYPENAME,FSTYPE,MOUNTPOINTS",
    ),
    section(
        "efi",
        Survey,
        &[Control],
        "a line `efi` when booted with UEFI, then efibootmgr -v; nothing and status 1 otherwise",
    ),
    section("blacklist", Survey, &[Control, Compute], "`blacklist nouveau` lines of modprobe.d"),
    as_root(section("sshd", Survey, &[Control], "sshd -T")),
    section(
        "wait-online",
        Survey,
        &[Control, RouterBox],
        "the files of systemd-networkd-wait-online.service and its drop-ins",
    ),
    section("grub", Survey, &[Control, RouterBox], "GRUB_RECORDFAIL_TIMEOUT of /etc/default/grub"),
    section("docker-dir", Survey, &[Control], "`present` when /var/lib/docker exists"),
    as_root(section("smart", Survey, METAL, "smartctl -H -A -j of each disk, one after the other")),
    section("bios", Survey, &[RouterBox], "/sys/class/dmi/id/bios_version"),
    section("secure-boot", Survey, &[RouterBox], "mokutil --sb-state"),
    section(
        "virtualisation",
        Survey,
        &[RouterBox],
        "systemctl is-active libvirtd.socket libvirtd virtqemud (a word per line), `kvm` when \
         /dev/kvm exists, virsh version --daemon",
    ),
    section("nic", Survey, &[RouterBox], "lspci -D -nnk -s of the parameter NIC"),
    section("images", Survey, &[RouterBox], "df -P -k /var/lib/libvirt/images"),
    section(
        "serial",
        Survey,
        &[RouterBox],
        "ls -l /dev/serial/by-id, ls /dev/ttyUSB*; nothing without adapters",
    ),
    as_root(section("serial-users", Survey, &[RouterBox], "fuser -v of every /dev/ttyUSB*")),
    section("amt", Survey, &[Bastion], "nothing; status 0 when the parameter AMT answers on TCP"),
    section("runtime", Survey, &[Bastion], "podman version, else docker version"),
    section("container-images", Survey, &[Bastion], "podman images: `REPOSITORY:TAG` per line"),
    section("ssh-keys", Survey, &[Bastion], "stat -c '%a %n' of ~/.ssh and what is in it"),
    section("cache", Survey, &[Bastion], "df -P -k of ~/.cache"),
    section(
        "keyrings",
        Survey,
        &[Bastion],
        "per keyring `MTIME PATH HEAD`, HEAD being `$ANSIBLE_VAULT;` or `clear`",
    ),
    section(
        "last-run",
        Survey,
        &[Bastion],
        "path of the newest main log, then its lines of the recap; nothing and status 1 without a log",
    ),
    section("vault-files", Survey, &[Bastion], "stat -c '%a %n' of vault passwords left on disk"),
];

/// The sections that a host is asked at one pace.
pub fn sections_for(target: &Target, pace: Pace) -> impl Iterator<Item = &'static Section> + '_ {
    SECTIONS.iter().filter(move |section| {
        section.pace == pace
            && (section.roles.is_empty() || section.roles.iter().any(|role| target.is(*role)))
    })
}

/// A section by name.
pub fn find(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.name == name)
}
