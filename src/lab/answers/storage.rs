//! Disks as the tools show them: the mirror, partitions, mounts, space, swap, health.

use serde_json::{Value, json};

use super::Scene;
use crate::lab::base::EFI_BYTES;
use crate::lab::world::Disk;

/// What `/proc/mdstat` says.
pub fn mdstat(scene: &Scene<'_>) -> String {
    let mirror = &scene.machine.mirror;
    if mirror.is_empty() {
        return "Personalities : \nunused devices: <none>\n".into();
    }
    let mut members = String::new();
    for (at, disk) in mirror.iter().enumerate().rev() {
        let mark = if disk.failed { "(F)" } else { "" };
        members.push_str(&format!(" {}p2[{at}]{mark}", disk.name));
    }
    let up = mirror.iter().filter(|disk| !disk.failed).count();
    let marks: String = mirror.iter().map(|disk| if disk.failed { '_' } else { 'U' }).collect();
    format!(
        "Personalities : [raid1] \nmd0 : active raid1{members}\n      {} blocks super 1.2 [{}/{up}] [{marks}]\n      bitmap: 2/7 pages [8KB], 65536KB chunk\n\nunused devices: <none>\n",
        mirror_kib(mirror),
        mirror.len(),
    )
}

fn mirror_kib(mirror: &[Disk]) -> u64 {
    mirror.first().map_or(0, |disk| (disk.bytes - EFI_BYTES) / 1024 - 2_048)
}

fn root_device(scene: &Scene<'_>) -> &'static str {
    if scene.machine.mirror.is_empty() { "/dev/vda1" } else { "/dev/md0" }
}

fn efi_mount(at: usize) -> &'static str {
    if at == 0 { "/boot/efi" } else { "/boot/efi2" }
}

/// What `findmnt -J -l -o TARGET,SOURCE,FSTYPE` says of the real file systems.
pub fn findmnt(scene: &Scene<'_>) -> String {
    let mut mounts = vec![json!({"target": "/", "source": root_device(scene), "fstype": "ext4"})];
    for (at, disk) in scene.machine.mirror.iter().enumerate() {
        // The second EFI partition stays mounted when its disk drops out of
        // the mirror: the kernel keeps the mount until somebody writes to it.
        mounts.push(json!({
            "target": efi_mount(at),
            "source": format!("/dev/{}p1", disk.name),
            "fstype": "vfat",
        }));
    }
    if scene.machine.mirror.is_empty() {
        mounts.push(json!({"target": "/boot/efi", "source": "/dev/vda15", "fstype": "vfat"}));
    }
    json!({"filesystems": mounts}).to_string() + "\n"
}

/// What `lsblk -J -b` says, with the columns of `HOST-07` and `HOST-21`.
pub fn lsblk(scene: &Scene<'_>) -> String {
    let machine = scene.machine;
    let mut devices: Vec<Value> = Vec::new();
    for (at, disk) in machine.mirror.iter().enumerate() {
        // The kernel holds a faulty member until somebody removes it.
        let member = json!([{
            "name": "md0", "type": "raid1", "size": mirror_kib(&machine.mirror) * 1024,
            "pttype": null, "parttypename": null, "fstype": "ext4", "mountpoints": ["/"],
        }]);
        devices.push(json!({
            "name": disk.name, "type": "disk", "size": disk.bytes, "pttype": "gpt",
            "parttypename": null, "fstype": null, "mountpoints": [null],
            "children": [
                {
                    "name": format!("{}p1", disk.name), "type": "part", "size": EFI_BYTES,
                    "pttype": "gpt", "parttypename": "EFI System", "fstype": "vfat",
                    "mountpoints": [efi_mount(at)],
                },
                {
                    "name": format!("{}p2", disk.name), "type": "part",
                    "size": disk.bytes - EFI_BYTES - 1_048_576, "pttype": "gpt",
                    "parttypename": "Linux RAID", "fstype": "linux_raid_member",
                    "mountpoints": [null], "children": member,
                },
            ],
        }));
    }
    for disk in &machine.data_disks {
        devices.push(json!({
            "name": disk.name, "type": "disk", "size": disk.bytes, "pttype": null,
            "parttypename": null, "fstype": null, "mountpoints": [null],
        }));
    }
    if devices.is_empty() {
        let bytes = machine.root_kib * 1024;
        devices.push(json!({
            "name": "vda", "type": "disk", "size": bytes + EFI_BYTES, "pttype": "gpt",
            "parttypename": null, "fstype": null, "mountpoints": [null],
            "children": [
                {
                    "name": "vda1", "type": "part", "size": bytes, "pttype": "gpt",
                    "parttypename": "Linux filesystem", "fstype": "ext4", "mountpoints": ["/"],
                },
                {
                    "name": "vda15", "type": "part", "size": EFI_BYTES, "pttype": "gpt",
                    "parttypename": "EFI System", "fstype": "vfat", "mountpoints": ["/boot/efi"],
                },
            ],
        }));
    }
    json!({"blockdevices": devices}).to_string() + "\n"
}

/// What `efibootmgr -v` says.
pub fn efibootmgr(scene: &Scene<'_>) -> String {
    let count = scene.machine.mirror.len().max(1);
    let order: Vec<String> = (1..=count).map(|n| format!("{n:04}")).collect();
    let mut out =
        format!("BootCurrent: 0001\nTimeout: 1 seconds\nBootOrder: {}\n", order.join(","));
    for n in 1..=count {
        let name = if n == 1 { "ubuntu".to_owned() } else { format!("ubuntu{n}") };
        let partition = format!("{n}{n}{n}{n}{n}{n}{n}{n}-0000-4000-8000-00000000000{n}");
        out.push_str(&format!(
            "Boot{n:04}* {name}\tHD(1,GPT,{partition},0x800,0x80000)/File(\\EFI\\UBUNTU\\SHIMX64.EFI)\n"
        ));
    }
    out
}

/// What `swapon --show --noheadings --raw` says.
pub fn swapon(scene: &Scene<'_>) -> String {
    if scene.machine.swap { "/swap.img file 8G 0B -2\n".into() } else { String::new() }
}

/// What `df -P -k` says; of one path only, where one is given.
pub fn df(scene: &Scene<'_>, path: Option<&str>) -> String {
    let mut out = "Filesystem     1024-blocks      Used Available Capacity Mounted on\n".to_owned();
    let mut line = |device: &str, size: u64, used: u64, mount: &str| {
        let percent = (used * 100).div_ceil(size.max(1));
        out.push_str(&format!(
            "{device:<14} {size:>11} {used:>9} {:>9} {percent:>7}% {mount}\n",
            size.saturating_sub(used)
        ));
    };
    let used = (scene.machine.root_used + 0.2 * scene.wave("root")).clamp(0.0, 100.0);
    let size = scene.machine.root_kib;
    let used = (size as f64 * used / 100.0) as u64;
    if path.is_none() {
        line("tmpfs", scene.machine.memory_kib / 10, 3_204, "/run");
    }
    line(root_device(scene), size, used, "/");
    if path.is_none() {
        line("tmpfs", scene.machine.memory_kib / 2, 0, "/dev/shm");
        for (at, disk) in scene.machine.mirror.iter().enumerate() {
            line(&format!("/dev/{}p1", disk.name), EFI_BYTES / 1024, 6_284, efi_mount(at));
        }
    }
    out
}

/// What `df -P -i` says of the disks.
pub fn df_inodes(scene: &Scene<'_>) -> String {
    // mke2fs makes one inode per 16 KiB.
    let inodes = scene.machine.root_kib / 16;
    let used = (inodes as f64 * scene.machine.inodes_used / 100.0) as u64;
    let mut out = "Filesystem      Inodes  IUsed   IFree IUse% Mounted on\n".to_owned();
    out.push_str(&format!(
        "{:<14} {inodes:>8} {used:>6} {:>7} {:>4}% /\n",
        root_device(scene),
        inodes - used,
        (used * 100).div_ceil(inodes.max(1)),
    ));
    for (at, disk) in scene.machine.mirror.iter().enumerate() {
        out.push_str(&format!(
            "/dev/{}p1        0      0       0     - {}\n",
            disk.name,
            efi_mount(at)
        ));
    }
    out
}

/// What `/proc/mounts` says of the disks.
pub fn mounted(scene: &Scene<'_>) -> String {
    let mode = if scene.machine.root_read_only { "ro" } else { "rw" };
    let mut out = format!("{} / ext4 {mode},relatime,errors=remount-ro 0 0\n", root_device(scene));
    for (at, disk) in scene.machine.mirror.iter().enumerate() {
        out.push_str(&format!("/dev/{}p1 {} vfat rw,relatime 0 0\n", disk.name, efi_mount(at)));
    }
    out
}

/// What `smartctl` says of every disk, one after the other.
pub fn smart(scene: &Scene<'_>) -> String {
    scene.machine.mirror.iter().chain(&scene.machine.data_disks).map(smartctl).collect()
}

/// What `smartctl -H -A -j` says of a disk, with the health log of NVMe disks.
fn smartctl(disk: &Disk) -> String {
    json!({
        "smartctl": {"version": [7, 4], "exit_status": if disk.failed { 8 } else { 0 }},
        "device": {"name": format!("/dev/{}", disk.name), "type": "nvme", "protocol": "NVMe"},
        "serial_number": disk.serial,
        "smart_status": {"passed": !disk.failed},
        "nvme_smart_health_information_log":
            {"percentage_used": 3, "media_errors": if disk.failed { 118 } else { 0 }},
    })
    .to_string()
        + "\n"
}
