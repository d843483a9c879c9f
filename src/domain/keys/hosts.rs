//! Keys of the hosts layer: what the batched script learns of a machine over SSH.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo, Word};
use crate::domain::{Age, Unit};

/// No more rows than this are kept of any list or table; nothing that a check
/// reads is longer on a machine that can still be repaired by hand. A list of
/// this length may have been longer.
pub const MOST_ROWS: usize = 500;

/// The batched script of every tick.
pub const LOOK: ProbeInfo = ProbeInfo { name: "host.look", every: Age::seconds(30), source: "ssh" };

/// The batched script of every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "host.survey", every: Age::seconds(300), source: "ssh" };

/// What this file declares.
pub const LAYER: LayerKeys = LayerKeys {
    blocks: &[ALL, survey::ALL],
    with_clock: &[CLOCK.info, UPTIME.info],
    readings: &[FILESYSTEMS.info],
};

crate::keys! { LOOK;
    CLOCK: crate::domain::Stamp = "host.clock", Unit::Count, [], "own clock when it answered", "date +%s";
    SCRIPT_TOOK: f64 = "host.script_took", Unit::Millis, [], "time that the batched script ran, by the count of the host", "/proc/uptime before and after";
    HOSTNAME: String = "host.hostname", Unit::Count, [], "name that the machine gives itself", "uname -n";
    KERNEL: String = "host.kernel", Unit::Count, [], "running kernel release", "uname -r";
    OS: String = "host.os", Unit::Count, [], "operating system and version", "/etc/os-release";
    UPTIME: f64 = "host.uptime", Unit::Seconds, [], "time since the host booted", "/proc/uptime";
    LOAD: f64 = "host.load", Unit::Count, [], "load average of the last minute", "/proc/loadavg";
    PROCESSORS: f64 = "host.processors", Unit::Count, [], "number of processors", "nproc";
    MEMORY_TOTAL: f64 = "host.memory_total", Unit::Bytes, [], "size of the memory", "/proc/meminfo MemTotal";
    MEMORY_AVAILABLE: f64 = "host.memory_available", Unit::Bytes, [], "memory that programs can still get", "/proc/meminfo MemAvailable";
    FILESYSTEMS: Table = "host.filesystems", Unit::Count, [], "local file systems: mount, device, size and available in bytes", "df -P -k";
    INODES: Table = "host.inodes", Unit::Count, [], "inodes of local file systems: mount, device, size and available", "df -P -i";
    MOUNTED: Table = "host.mounted", Unit::Count, [], "devices that are mounted: mount, device, fstype, mode (rw or ro)", "/proc/mounts";
    CONNECTION_CUTS: f64 = "host.connection_cuts", Unit::Count, [], "number of connections that broke in the last ten minutes", "the SSH connection itself";
    CONNECTION_HELD: f64 = "host.connection_held", Unit::Seconds, [], "how long the longest of the broken connections held", "the SSH connection itself";
    CONNECTION_AGE: f64 = "host.connection_age", Unit::Seconds, [], "how long the connection has held so far", "the SSH connection itself";
    CMDLINE: Vec<String> = "host.cmdline", Unit::Count, [], "words of the kernel command line", "/proc/cmdline";
    IOMMU_GROUPS: f64 = "host.iommu_groups", Unit::Count, [], "number of IOMMU groups", "/sys/kernel/iommu_groups";
    NOUVEAU_LOADED: Word = "host.nouveau_loaded", Unit::Count, ["yes", "no"], "whether the nouveau driver is loaded", "/proc/modules";
    ARRAYS: Table = "host.arrays", Unit::Count, [], "md arrays: name, level, members, counts, status, activity", "/proc/mdstat";
    SWAPS: Vec<String> = "host.swaps", Unit::Count, [], "swap areas in use", "swapon --show";
    LINKS: Table = "host.links", Unit::Count, [], "network interfaces: name, state, kind, vlan, parent, master, mac, addresses, dynamic", "ip -j -d addr show";
    ROUTES: Table = "host.routes", Unit::Count, [], "default routes: gateway, device, metric, protocol", "ip -j route show default";
    BONDS: Table = "host.bonds", Unit::Count, [], "bonds: name, mode, mii, partner", "/proc/net/bonding";
    BOND_MEMBERS: Table = "host.bond_members", Unit::Count, [], "members of bonds: bond, member, mii, aggregator, actor, partner", "/proc/net/bonding";
    CLOCK_OFFSET: f64 = "host.clock_offset", Unit::Seconds, [], "distance of the clock from its time servers, positive when it is slow", "chronyc -c tracking, fifth field";
    CLOCK_LEAP: String = "host.clock_leap", Unit::Count, [], "synchronisation status", "chronyc -c tracking, last field";
    FAILED_UNITS: Vec<String> = "host.failed_units", Unit::Count, [], "list of failed systemd units", "systemctl --failed";
    REBOOT_WANTED: Vec<String> = "host.reboot_wanted", Unit::Count, [], "packages that want a reboot; `yes` when none is named", "/run/reboot-required, .pkgs";
    KERNELS: Vec<String> = "host.kernels", Unit::Count, [], "installed kernels", "/boot/vmlinuz-*";
    RESOLVED: Table = "bastion.resolved", Unit::Count, [], "names that the bastion must resolve: name, address", "getent hosts";
    RUNS: Vec<String> = "bastion.runs", Unit::Count, [], "deployment runs in progress", "podman ps, pgrep platform-setup.sh";
    MULTIPLEXERS: Vec<String> = "bastion.multiplexers", Unit::Count, [], "tmux sessions", "tmux list-sessions";
    INTERNET_LOSS: f64 = "host.internet_loss", Unit::Percent, [], "share of packets to the Internet without an answer", "ping 1.1.1.1";
    GATEWAY_LOSS: f64 = "host.gateway_loss", Unit::Percent, [], "share of packets to the fabric gateway without an answer", "ping FABRIC_GATEWAY";
}

/// What is looked at every few minutes.
pub mod survey {
    use crate::domain::Unit;
    use crate::domain::fact::Table;
    use crate::domain::keys::Word;

    crate::keys! { super::SURVEY;
        SUDO: String = "host.sudo", Unit::Count, [], "how root is reached: root, sudo, or what sudo says", "sudo -n true";
        PACKAGES: Table = "host.packages", Unit::Count, [], "packages that the checks ask for: package, status", "dpkg-query";
        MOUNTS: Table = "host.mounts", Unit::Count, [], "mounts of the system: target, source, fstype", "findmnt -J";
        BLOCKS: Table = "host.blocks", Unit::Count, [], "block devices: name, parent, type, size, pttype, parttype, fstype, mounts", "lsblk -J -b";
        EFI: Word = "host.efi", Unit::Count, ["yes", "no"], "whether it booted in UEFI mode", "/sys/firmware/efi";
        BOOT_ENTRIES: Table = "host.boot_entries", Unit::Count, [], "UEFI boot entries that start from a disk: number, name, partition", "efibootmgr -v";
        NOUVEAU_BLACKLISTED: Word = "host.nouveau_blacklisted", Unit::Count, ["yes", "no"], "whether the nouveau driver is blacklisted", "/etc/modprobe.d";
        SSHD: Table = "host.sshd", Unit::Count, [], "settings of the SSH server: setting, value", "sshd -T";
        WAIT_ONLINE_ANY: Word = "host.wait_online_any", Unit::Count, ["yes", "no"], "whether boot waits for any one link only", "systemctl cat systemd-networkd-wait-online.service";
        GRUB_RECORDFAIL: String = "host.grub_recordfail", Unit::Count, [], "GRUB_RECORDFAIL_TIMEOUT; empty when it is not set", "/etc/default/grub";
        CONTAINER_DIRECTORY: Word = "host.container_directory", Unit::Count, ["yes", "no"], "whether /var/lib/docker exists", "test -d";
        DISK_HEALTH: Table = "host.disk_health", Unit::Count, [], "what disks say of themselves: disk, passed, used, errors", "smartctl -H -A -j";
        AMT_ANSWERS: Word = "bastion.amt_answers", Unit::Count, ["yes", "no"], "whether the router box's remote management takes connections", "nc -z AMT 16993, 16992";
        RUNTIME: String = "bastion.runtime", Unit::Count, [], "version of the container runtime; empty without one", "podman version, docker version";
        IMAGES: Vec<String> = "bastion.images", Unit::Count, [], "container images of the deployment", "podman images";
        SSH_FILES: Table = "bastion.ssh_files", Unit::Count, [], "files in ~/.ssh: mode, path", "stat";
        CACHE_FREE: f64 = "bastion.cache_free", Unit::Bytes, [], "room for VM images under ~/.cache", "df -P -k";
        KEYRINGS: Table = "bastion.keyrings", Unit::Count, [], "Ceph keyrings of the release: changed, path, head", "~/release-assets";
        LAST_RUN: String = "bastion.last_run", Unit::Count, [], "log of the last run; empty when there was none", "~/release-assets/logs";
        RECAP: Table = "bastion.recap", Unit::Count, [], "recap of the last run: host, unreachable, failed, rescued, ignored", "PLAY RECAP";
        VAULT_FILES: Table = "bastion.vault_files", Unit::Count, [], "vault passwords left on disk: mode, path", "stat";
    }
}
