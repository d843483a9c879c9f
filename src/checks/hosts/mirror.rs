//! The system mirror and what lies on it: arrays, mounts, partitions, boot entries.

use super::{LOOK, Row, SURVEY, and_list, has_role, is_yes, rows};
use crate::checks::judging::{self, Reading, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::fact::Table;
use crate::domain::keys::hosts as keys;
use crate::domain::keys::hosts::survey;
use crate::domain::{Judgement, Role, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "HOST-05",
        applies: |_, target| has_role(target, &[Role::Control, Role::Storage]),
        probes: LOOK,
        judge: mirror,
    },
    Rule {
        id: "HOST-06",
        applies: |_, target| has_role(target, &[Role::Control]),
        probes: SURVEY,
        judge: mounts,
    },
    Rule {
        id: "HOST-07",
        applies: |_, target| has_role(target, &[Role::Control]),
        probes: SURVEY,
        judge: partitions,
    },
    Rule {
        id: "HOST-09",
        applies: |_, target| has_role(target, &[Role::Control]),
        probes: SURVEY,
        judge: boot_entries,
    },
    Rule {
        id: "HOST-21",
        applies: |_, target| has_role(target, &[Role::Storage]),
        probes: SURVEY,
        judge: declared_disks,
    },
];

fn mirror(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::ARRAYS, |read, arrays| {
        let mirrors = rows(&arrays).filter(|array| array.get("level") == "raid1");
        Ruling::worst(mirrors.map(|array| one_mirror(read, array)))
            .unwrap_or_else(|| Ruling::fail(format!("{} has no system mirror", read.name())))
    })
}

fn one_mirror(read: &Reading<'_>, array: Row<'_>) -> Ruling {
    let (name, md) = (read.name(), array.get("name"));
    let (counts, status) = (array.get("counts"), array.get("status"));
    let activity = array.get("activity");
    let rebuilding = activity.starts_with("resync") || activity.starts_with("recovery");
    let out: Vec<&str> = array
        .get("members")
        .split(' ')
        .filter(|member| member.contains("(F)"))
        .map(|member| member.split('[').next().unwrap_or(member))
        .collect();
    let ruling = if rebuilding {
        Ruling::warn(format!("{name} rebuilds its system mirror {md}: {activity}"))
    } else if counts == "2/2" && status == "UU" {
        Ruling::pass(format!("{name} has both disks of its system mirror {md}"))
    } else if out.is_empty() {
        Ruling::fail(format!(
            "{name} has lost a disk of its system mirror {md} ([{counts}] [{status}])"
        ))
    } else {
        Ruling::fail(format!(
            "{name} has lost {} of its system mirror {md} ([{counts}] [{status}])",
            and_list(&out)
        ))
    };
    ruling.showing(
        format!("/proc/mdstat {md}"),
        format!("{} [{counts}] [{status}] {activity}", array.get("members")).trim().to_owned(),
    )
}

fn mounts(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::MOUNTS, |read, mounts| {
        let at = |target: &str| rows(&mounts).find(|mount| mount.get("target") == target);
        let mut wrong = Vec::new();
        match at("/") {
            Some(root) if root.get("fstype") != "ext4" => {
                wrong.push(format!("/ is {}, not ext4", root.get("fstype")));
            }
            Some(root) if !root.get("source").starts_with("/dev/md") => {
                wrong.push(format!("/ lies on {}, not on the mirror", root.get("source")));
            }
            Some(_) => {}
            None => wrong.push("/ is not listed".to_owned()),
        }
        for target in ["/boot/efi", "/boot/efi2"] {
            match at(target) {
                Some(efi) if efi.get("fstype") != "vfat" => {
                    wrong.push(format!("{target} is {}, not vfat", efi.get("fstype")));
                }
                Some(_) => {}
                None => wrong.push(format!("{target} is not mounted")),
            }
        }
        if let (Some(one), Some(two)) = (at("/boot/efi"), at("/boot/efi2"))
            && disk_of(one.get("source")) == disk_of(two.get("source"))
        {
            wrong.push("both EFI partitions lie on one disk".to_owned());
        }
        let mut ruling = if wrong.is_empty() {
            Ruling::pass(format!("{} is mounted as planned", read.name()))
        } else {
            Ruling::fail(format!("on {} {}", read.name(), and_list(&wrong)))
        };
        for mount in rows(&mounts) {
            ruling = ruling.showing(
                mount.get("target"),
                format!("{} {}", mount.get("source"), mount.get("fstype")),
            );
        }
        ruling
    })
}

/// The disk of a partition: `/dev/nvme0n1p1` → `nvme0n1`, `/dev/sda1` → `sda`.
fn disk_of(partition: &str) -> &str {
    let name = partition.strip_prefix("/dev/").unwrap_or(partition);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    match stem.strip_suffix('p') {
        Some(disk) if disk.ends_with(|c: char| c.is_ascii_digit()) => disk,
        _ if stem.is_empty() => name,
        _ => stem,
    }
}

/// Names of the disks below which a raid1 array lies.
fn mirror_disks(blocks: &Table) -> Vec<&str> {
    let arrays = rows(blocks).filter(|block| block.get("type") == "raid1");
    let mut disks: Vec<&str> =
        arrays.filter_map(|array| root_of(blocks, array.get("parent"))).collect();
    disks.sort_unstable();
    disks.dedup();
    disks
}

/// The disk at the root of a block device.
fn root_of<'a>(blocks: &'a Table, name: &'a str) -> Option<&'a str> {
    let mut name = name;
    // No machine stacks devices deeper; a table that points in a circle ends here.
    for _ in 0..8 {
        let row = rows(blocks).find(|block| block.get("name") == name)?;
        if row.get("parent").is_empty() {
            return Some(row.get("name"));
        }
        name = row.get("parent");
    }
    None
}

fn partitions(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::BLOCKS, |read, blocks| {
        let name = read.name();
        let (least, most) =
            (read.threshold("efi_min_mb") * 1e6, read.threshold("efi_max_mb") * 1e6);
        let disks = mirror_disks(&blocks);
        let mut wrong = Vec::new();
        if disks.len() < 2 {
            wrong.push(format!("the mirror lies on {} disks, not two", disks.len()));
        }
        for disk in &disks {
            let row = rows(&blocks).find(|block| block.get("name") == *disk);
            let table = row.map_or("", |row| row.get("pttype"));
            if table != "gpt" {
                let table = if table.is_empty() { "no partition table" } else { table };
                wrong.push(format!("{disk} has {table}, not gpt"));
            }
            let efi = rows(&blocks).find(|block| {
                block.get("parent") == *disk && block.get("parttype") == "EFI System"
            });
            match efi.map(|efi| efi.number("size").unwrap_or(0.0)) {
                None => wrong.push(format!("{disk} has no EFI partition")),
                Some(size) if size < least || size > most => {
                    wrong.push(format!("the EFI partition of {disk} has {:.0} MB", size / 1e6));
                }
                Some(_) => {}
            }
        }
        if wrong.is_empty() {
            Ruling::pass(format!(
                "{name} is partitioned as planned, with EFI on {}",
                and_list(&disks)
            ))
        } else {
            Ruling::fail(format!("on {name} {}", and_list(&wrong)))
        }
    })
}

fn boot_entries(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let booted = is_yes(&read.value(survey::EFI)?);
        let name = read.name();
        if !booted {
            return Ok(Ruling::fail(format!("{name} was not booted in UEFI mode")));
        }
        let entries = read.value(survey::BOOT_ENTRIES)?;
        let mut partitions: Vec<&str> =
            rows(&entries).map(|entry| entry.get("partition")).collect();
        partitions.sort_unstable();
        partitions.dedup();
        let ruling = match partitions.len() {
            0 => Ruling::warn(format!("{name} boots in UEFI mode, but has no entry for a disk")),
            1 => Ruling::warn(format!("{name} can boot from one of its disks only")),
            _ => Ruling::pass(format!("{name} can boot from either disk of its mirror")),
        };
        Ok(rows(&entries).fold(ruling, |ruling, entry| {
            let label = format!("Boot{} {}", entry.get("number"), entry.get("name"));
            ruling.showing(label, entry.get("partition"))
        }))
    })
}

fn declared_disks(case: &Case<'_>) -> Judgement {
    let declared = |name: &str| -> Vec<String> {
        let paths = case.target.wanted.get(name).map(String::as_str).unwrap_or_default();
        paths.split_whitespace().map(str::to_owned).collect()
    };
    let (system, data) = (declared(wanted::SYSTEM_DISKS), declared(wanted::DATA_DISKS));
    judging::judge(case, |read| {
        let name = read.name();
        if system.is_empty() && data.is_empty() {
            return Ok(Ruling::not_yet(format!("the inventory names no disks of {name}")));
        }
        let blocks = read.value(survey::BLOCKS)?;
        let mut parts = Vec::new();
        let plain = |path: &String| path.strip_prefix("/dev/").unwrap_or(path).to_owned();
        if let Some(path) = system.iter().chain(&data).find(|path| plain(path).contains('/')) {
            return Err(judging::NotKnown::because(format!(
                "the inventory names a disk of {name} by {path}, which this look does not follow"
            )));
        }
        let mut system: Vec<String> = system.iter().map(plain).collect();
        system.sort_unstable();
        let mirrored = mirror_disks(&blocks);
        if !system.is_empty() && mirrored != system {
            let seen = if mirrored.is_empty() { "no disk".into() } else { and_list(&mirrored) };
            parts.push(Ruling::fail(format!(
                "the system of {name} is mirrored on {seen}, the inventory says {}",
                and_list(&system)
            )));
        }
        parts.extend(data.iter().map(|path| data_disk(read, &blocks, &plain(path), &mirrored)));
        Ok(Ruling::worst(parts)
            .filter(|ruling| ruling.verdict() != crate::domain::Verdict::Pass)
            .unwrap_or_else(|| {
                Ruling::pass(format!("{name} has the disks that the inventory declares"))
            }))
    })
}

fn data_disk(read: &Reading<'_>, blocks: &Table, disk: &str, mirrored: &[&str]) -> Ruling {
    let name = read.name();
    let row = rows(blocks).find(|row| row.get("name") == disk && row.get("parent").is_empty());
    let Some(row) = row else {
        return Ruling::fail(format!("{name} has no data disk {disk}"));
    };
    if mirrored.contains(&disk) {
        return Ruling::fail(format!("the system mirror of {name} uses the data disk {disk}"));
    }
    let children: Vec<Row<'_>> = rows(blocks).filter(|row| row.get("parent") == disk).collect();
    let is_ceph = |row: &Row<'_>| {
        row.get("fstype") == "ceph_bluestore"
            || (row.get("type") == "lvm" && row.get("name").starts_with("ceph"))
    };
    if is_ceph(&row) || (!children.is_empty() && children.iter().all(is_ceph)) {
        return Ruling::warn(format!("{name} has {disk} provisioned for Ceph already"));
    }
    let clean = children.is_empty() && row.get("fstype").is_empty() && row.get("mounts").is_empty();
    if clean {
        return Ruling::pass(format!("{disk} is free"));
    }
    let what = if children.is_empty() { row.get("fstype") } else { "partitions" };
    Ruling::fail(format!("the data disk {disk} of {name} is not free: it has {what}"))
}

#[cfg(test)]
mod tests {
    use super::disk_of;

    #[test]
    fn the_disk_of_a_partition() {
        for (partition, disk) in [
            ("/dev/nvme0n1p1", "nvme0n1"),
            ("/dev/sda1", "sda"),
            ("/dev/mmcblk0p2", "mmcblk0"),
            ("/dev/vdp1", "vdp"),
            ("/dev/md0", "md"),
        ] {
            assert_eq!(disk_of(partition), disk);
        }
    }
}
