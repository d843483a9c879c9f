//! Disks, arrays, file systems, swap.

use serde_json::Value;

use super::{MOST_ROWS, Reader, Trouble, json_text, lines};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::hosts as keys;
use crate::domain::untrusted::printable;
use crate::probes::hosts::frames::Frame;

pub(crate) const READERS: &[Reader] = &[
    Reader { section: "disks", program: "df", keys: &[keys::FILESYSTEMS.info], read: disks },
    Reader { section: "inodes", program: "df", keys: &[keys::INODES.info], read: inodes },
    Reader {
        section: "mounted",
        program: "/proc/mounts",
        keys: &[keys::MOUNTED.info],
        read: mounted,
    },
    Reader { section: "mdstat", program: "/proc/mdstat", keys: &[keys::ARRAYS.info], read: mdstat },
    Reader {
        section: "swap",
        program: "/proc/swaps",
        keys: &[keys::SWAPS.info],
        read: |frame, report| {
            if frame.status != 0 {
                return Err(Trouble::Status);
            }
            let areas = lines(frame.text)
                .filter_map(|line| line.split_whitespace().next().map(str::to_owned));
            report.learn(keys::SWAPS, areas.collect());
            Ok(())
        },
    },
    Reader {
        section: "mounts",
        program: "findmnt",
        keys: &[keys::survey::MOUNTS.info],
        read: mounts,
    },
    Reader {
        section: "blocks",
        program: "lsblk",
        keys: &[keys::survey::BLOCKS.info],
        read: blocks,
    },
    Reader {
        section: "smart",
        program: "smartctl",
        keys: &[keys::survey::DISK_HEALTH.info],
        read: smart,
    },
];

/// One line of `df -P`: device, size, available and mount point, in the unit
/// that it counts in (KiB with `-k`, inodes with `-i`).
pub(crate) fn df_line(line: &str) -> Option<(String, f64, f64, String)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    // Names of devices and mount points may hold spaces; three numbers and a percentage stand between them.
    words.windows(4).enumerate().skip(1).find_map(|(at, four)| {
        let [size, _used, available, share] = four else { return None };
        let (size, available) = (size.parse::<u64>().ok()?, available.parse::<u64>().ok()?);
        share.strip_suffix('%')?;
        let device = printable(&words.get(..at)?.join(" "));
        let mount = printable(&words.get(at + 4..)?.join(" "));
        (!mount.is_empty()).then_some((device, size as f64, available as f64, mount))
    })
}

/// Whether a file system's room says anything about the machine: the root, and
/// what lies on a writable disk of its own. A snap is always full, so is a CD.
fn counts(device: &str, mount: &str) -> bool {
    let of_disk = device.starts_with("/dev/")
        && !["/dev/loop", "/dev/sr", "/dev/fuse"].iter().any(|other| device.starts_with(other));
    mount == "/" || of_disk
}

/// The lines of `df -P` that count, each device once; its numbers times `unit`.
fn file_systems(frame: &Frame<'_>, unit: f64) -> Table {
    let mut table = Table::new(&["mount", "device", "size", "available"]);
    for (device, size, available, mount) in frame.text.lines().filter_map(df_line) {
        let again = table.rows.iter().any(|row| table.cell(row, "device") == device);
        if size > 0.0 && counts(&device, &mount) && !again && table.rows.len() < MOST_ROWS {
            let number = |count: f64| format!("{:.0}", count * unit);
            table.push(vec![mount, device, number(size), number(available)]);
        }
    }
    table
}

fn disks(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let table = file_systems(frame, 1024.0);
    // df fails when one file system cannot be asked and still tells of the others;
    // one that was ended had others left to tell of.
    match (table.rows.is_empty(), frame.status) {
        (_, 124) => Err(Trouble::Status),
        (false, _) => {
            report.learn(keys::FILESYSTEMS, table);
            Ok(())
        }
        (true, 0) => Err(Trouble::Format("a table of file systems")),
        (true, _) => Err(Trouble::Status),
    }
}

fn inodes(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let table = file_systems(frame, 1.0);
    let headed = frame.text.lines().next().is_some_and(|line| line.contains("Inodes"));
    match (table.rows.is_empty(), frame.status) {
        (_, 124) => Err(Trouble::Status),
        // Some file systems (btrfs, vfat) have no fixed number of inodes: an empty table is an answer.
        (true, 0) if !headed => Err(Trouble::Format("a table of inodes")),
        (false, _) | (true, 0) => {
            report.learn(keys::INODES, table);
            Ok(())
        }
        (true, _) => Err(Trouble::Status),
    }
}

/// What can only be read is no sign of trouble there: images, discs.
const READ_ONLY_BY_NATURE: [&str; 5] = ["squashfs", "iso9660", "erofs", "udf", "cramfs"];

fn mounted(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let mut table = Table::new(&["mount", "device", "fstype", "mode"]);
    for line in frame.text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [device, mount, fstype, options, ..] = words.as_slice() else { continue };
        let mode = options.split(',').find(|word| ["ro", "rw"].contains(word));
        // Spaces in names are written as \040 there.
        let name = |word: &str| printable(&word.replace("\\040", " "));
        let (device, mount) = (name(device), name(mount));
        let by_nature = READ_ONLY_BY_NATURE.contains(fstype) && mount != "/";
        let Some(mode) = mode.filter(|_| counts(&device, &mount) && !by_nature) else { continue };
        // A device is mounted where it was mounted first; others are views of it.
        // What is mounted on / later hides what was there before.
        let known = table.rows.iter().position(|row| {
            table.cell(row, "device") == device || (mount == "/" && table.cell(row, "mount") == "/")
        });
        let is_full = table.rows.len() >= MOST_ROWS;
        match known.and_then(|at| table.rows.get_mut(at)) {
            Some(row) => {
                if let [first, of, kind, how] = row.as_mut_slice() {
                    if mount == "/" {
                        (*first, *of, *kind) = (mount, device, printable(fstype));
                        *how = mode.to_owned();
                    } else if mode == "rw" && first != "/" {
                        *how = mode.to_owned();
                    }
                }
            }
            None if !is_full => {
                table.push(vec![mount, device, printable(fstype), mode.to_owned()]);
            }
            None => {}
        }
    }
    if !table.rows.iter().any(|row| table.cell(row, "mount") == "/") {
        return Err(Trouble::Format("a list of mounts"));
    }
    report.learn(keys::MOUNTED, table);
    Ok(())
}

fn mdstat(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table =
        Table::new(&["name", "level", "members", "counts", "status", "activity", "state"]);
    if frame.status == 0 && !frame.text.contains("Personalities") {
        return Err(Trouble::Format("mdstat"));
    }
    // Without the file the md driver was never loaded: there is no array.
    for line in frame.text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [name, ":", rest @ ..] = words.as_slice()
            && name.starts_with("md")
        {
            let level = rest.iter().find(|w| w.starts_with("raid") || **w == "linear");
            let members: Vec<String> =
                rest.iter().filter(|w| w.contains('[')).map(|w| printable(w)).collect();
            let state = rest.first().copied().unwrap_or_default();
            table.push(vec![
                printable(name),
                level.copied().unwrap_or_default().to_owned(),
                members.join(" "),
                String::new(),
                String::new(),
                String::new(),
                printable(state),
            ]);
        } else if let Some(row) = table.rows.last_mut() {
            if let Some(activity) = activity(line)
                && let Some(cell) = row.get_mut(5)
            {
                *cell = activity;
            }
            for word in words {
                let Some(inner) = word.strip_prefix('[').and_then(|w| w.strip_suffix(']')) else {
                    continue;
                };
                let slot = if is_counts(inner) {
                    3
                } else if !inner.is_empty() && inner.chars().all(|c| "U_".contains(c)) {
                    4
                } else {
                    continue;
                };
                if let Some(cell) = row.get_mut(slot) {
                    *cell = inner.to_owned();
                }
            }
        }
    }
    table.rows.truncate(MOST_ROWS);
    report.learn(keys::ARRAYS, table);
    Ok(())
}

fn is_counts(word: &str) -> bool {
    word.split_once('/').is_some_and(|(want, have)| {
        !want.is_empty()
            && !have.is_empty()
            && [want, have].iter().all(|part| part.chars().all(|c| c.is_ascii_digit()))
    })
}

/// `recovery 12.6%` of a line that shows a rebuild.
fn activity(line: &str) -> Option<String> {
    let kind = ["resync", "recovery", "reshape", "check"]
        .into_iter()
        .find(|kind| line.split_whitespace().any(|word| word.starts_with(kind)))?;
    let share = line.split_whitespace().find(|word| word.ends_with('%') && word.len() > 1);
    Some(match share {
        Some(share) => printable(&format!("{kind} {}", share.trim_start_matches('='))),
        None => kind.to_owned(),
    })
}

fn json(frame: &Frame<'_>) -> Result<Value, Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    serde_json::from_str(frame.text).map_err(|_| Trouble::Format("JSON"))
}

fn mounts(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let document = json(frame)?;
    let Some(all) = document.get("filesystems").and_then(Value::as_array) else {
        return Err(Trouble::Format("findmnt's list"));
    };
    let mut table = Table::new(&["target", "source", "fstype"]);
    for mount in all {
        let target = json_text(mount.get("target"));
        if target == "/" || target == "/boot" || target.starts_with("/boot/") {
            table.push(vec![
                target,
                json_text(mount.get("source")),
                json_text(mount.get("fstype")),
            ]);
        }
    }
    table.rows.truncate(MOST_ROWS);
    report.learn(keys::survey::MOUNTS, table);
    Ok(())
}

fn blocks(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let document = json(frame)?;
    let Some(all) = document.get("blockdevices").and_then(Value::as_array) else {
        return Err(Trouble::Format("lsblk's tree"));
    };
    let mut table =
        Table::new(&["name", "parent", "type", "size", "pttype", "parttype", "fstype", "mounts"]);
    let mut left: Vec<(&Value, String)> =
        all.iter().rev().map(|device| (device, String::new())).collect();
    while let Some((device, parent)) = left.pop() {
        if table.rows.len() >= MOST_ROWS {
            break;
        }
        let name = json_text(device.get("name"));
        let kind = json_text(device.get("type"));
        if name.is_empty() || kind == "loop" || name.starts_with("zram") {
            continue;
        }
        let mounts: Vec<String> = device
            .get("mountpoints")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|mount| json_text(Some(mount)))
            .filter(|mount| !mount.is_empty())
            .collect();
        let children = device.get("children").and_then(Value::as_array);
        left.extend(children.into_iter().flatten().rev().map(|child| (child, name.clone())));
        table.push(vec![
            name,
            parent,
            kind,
            json_text(device.get("size")),
            json_text(device.get("pttype")),
            json_text(device.get("parttypename")),
            json_text(device.get("fstype")),
            mounts.join(" "),
        ]);
    }
    report.learn(keys::survey::BLOCKS, table);
    Ok(())
}

fn smart(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table = Table::new(&["disk", "passed", "used", "errors"]);
    for document in serde_json::Deserializer::from_str(frame.text).into_iter::<Value>() {
        // What comes after it is lost, and a disk that is left out would count as well.
        let Ok(document) = document else { return Err(Trouble::Format("smartctl's JSON")) };
        let disk = json_text(document.get("device").and_then(|device| device.get("name")));
        if disk.is_empty() || table.rows.len() >= MOST_ROWS {
            continue;
        }
        let log = document.get("nvme_smart_health_information_log");
        let of_log = |name: &str| json_text(log.and_then(|log| log.get(name)));
        table.push(vec![
            disk,
            match document.get("hangs") {
                Some(_) => "hangs".to_owned(),
                None => json_text(document.get("smart_status").and_then(|told| told.get("passed"))),
            },
            of_log("percentage_used"),
            of_log("media_errors"),
        ]);
    }
    match (table.rows.is_empty(), frame.status) {
        (false, _) => {
            report.learn(keys::survey::DISK_HEALTH, table);
            Ok(())
        }
        (true, 0) => Err(Trouble::Format("smartctl's JSON")),
        (true, _) => Err(Trouble::Status),
    }
}
