//! Room: memory, load, file systems.

use super::{LOOK, and_list, gigabytes, has_role, is_host, percent, rows};
use crate::checks::judging::{self, NotKnown, Reading, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::hosts as keys;
use crate::domain::{Judgement, Role, Site, Target};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "HOST-24",
        applies: covered,
        probes: LOOK,
        judge: |case| {
            judging::judge(case, |read| {
                let load = load(read, "load_per_processor")?;
                let memory = memory(read, "memory_warn_percent", "memory_fail_percent")?;
                let root = root(read)?;
                let all_well = [&load, &memory, &root]
                    .iter()
                    .all(|ruling| ruling.verdict() == crate::domain::Verdict::Pass);
                let name = read.name();
                let worst = Ruling::worst([load, memory, root]);
                Ok(match worst {
                    Some(ruling) if all_well => {
                        ruling.saying(format!("{name} has memory, processors and disk to spare"))
                    }
                    Some(ruling) => ruling,
                    None => return Err(NotKnown::because(format!("{name} told nothing"))),
                })
            })
        },
    },
    Rule { id: "HOST-52", applies: is_host, probes: LOOK, judge: other_file_systems },
    Rule {
        id: "HOST-53",
        applies: uncovered,
        probes: LOOK,
        judge: |case| judging::judge(case, |read| memory(read, "warn_percent", "fail_percent")),
    },
    Rule {
        id: "HOST-54",
        applies: uncovered,
        probes: LOOK,
        judge: |case| judging::judge(case, |read| load(read, "per_processor")),
    },
    Rule { id: "HOST-58", applies: is_host, probes: LOOK, judge: writable },
    Rule {
        id: "HOST-59",
        // Its df counts no inodes.
        applies: |site, target| is_host(site, target) && !target.is(Role::RouterVm),
        probes: LOOK,
        judge: inodes,
    },
];

fn covered(_: &Site, target: &Target) -> bool {
    use Role::{Bastion, Compute, Control, RouterBox, Storage};
    has_role(target, &[RouterBox, Bastion, Control, Compute, Storage])
}

fn uncovered(site: &Site, target: &Target) -> bool {
    is_host(site, target) && !covered(site, target)
}

fn load(read: &mut Reading<'_>, limit: &str) -> Result<Ruling, NotKnown> {
    let load = read.value(keys::LOAD)?;
    let processors = read.value(keys::PROCESSORS)?;
    let name = read.name();
    let most = processors * read.threshold(limit);
    let ruling = if load > most {
        Ruling::warn(format!("{name} has a load of {load:.1} on {processors:.0} processors"))
    } else {
        Ruling::pass(format!("{name} has processors to spare"))
    };
    Ok(ruling.showing("load", format!("{load:.2} on {processors:.0} processors")))
}

fn memory(read: &mut Reading<'_>, warn: &str, fail: &str) -> Result<Ruling, NotKnown> {
    let total = read.value(keys::MEMORY_TOTAL)?;
    let available = read.value(keys::MEMORY_AVAILABLE)?;
    let name = read.name();
    let share = if total > 0.0 { available / total * 100.0 } else { 0.0 };
    let left = format!("{name} has {} of its memory left", percent(share));
    Ok(by_share(read, share, warn, fail, left, format!("{name} has memory to spare"))
        .showing("memory", format!("{} of {} available", gigabytes(available), gigabytes(total))))
}

fn root(read: &mut Reading<'_>) -> Result<Ruling, NotKnown> {
    let all = read.value(keys::FILESYSTEMS)?;
    let name = read.name();
    let Some(root) = rows(&all).find(|row| row.get("mount") == "/") else {
        return Err(NotKnown::because(format!("{name} does not tell the room on /")));
    };
    let (size, available) =
        (root.number("size").unwrap_or(0.0), root.number("available").unwrap_or(0.0));
    let share = if size > 0.0 { available / size * 100.0 } else { 0.0 };
    let left = format!("{name} has {} of / left", percent(share));
    let well = format!("{name} has disk to spare");
    Ok(by_share(read, share, "root_warn_percent", "root_fail_percent", left, well)
        .showing("/", format!("{} of {} available", gigabytes(available), gigabytes(size))))
}

/// Fails below one share, warns up to and with the other.
fn by_share(
    read: &Reading<'_>,
    share: f64,
    warn: &str,
    fail: &str,
    little: String,
    well: String,
) -> Ruling {
    // Asked this way round so that a share that is no number is not taken for plenty.
    if share > read.threshold(warn) {
        Ruling::pass(well)
    } else if share >= read.threshold(fail) {
        Ruling::warn(little)
    } else {
        Ruling::fail(little)
    }
}

fn other_file_systems(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::FILESYSTEMS, |read, all| {
        let name = read.name();
        let others = rows(&all).filter(|row| row.get("mount") != "/").filter_map(|row| {
            let (size, available) = (row.number("size")?, row.number("available")?);
            let (mount, share) = (row.get("mount"), available / size * 100.0);
            let left = format!("{name} has {} of {mount} left", percent(share));
            let well = format!("{name} has room on its other file systems");
            Some(by_share(read, share, "warn_percent", "fail_percent", left, well).showing(
                mount,
                format!("{} of {} available", gigabytes(available), gigabytes(size)),
            ))
        });
        Ruling::worst(others)
            .unwrap_or_else(|| Ruling::pass(format!("{name} has no other local file system")))
    })
}

/// Images of a whole system keep this one read-only on purpose.
const READ_ONLY_ON_PURPOSE: &str = "/usr";

fn writable(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::MOUNTED, |read, all| {
        let name = read.name();
        let stuck: Vec<&str> = rows(&all)
            .filter(|row| row.get("mode") == "ro" && row.get("mount") != READ_ONLY_ON_PURPOSE)
            .map(|row| row.get("mount"))
            .collect();
        let ruling = if stuck.contains(&"/") {
            Ruling::fail(format!("{name} can write nothing: its / is read-only"))
        } else if stuck.is_empty() {
            Ruling::pass(format!("{name} can write to its file systems"))
        } else {
            Ruling::warn(format!("{name} has mounted {} read-only", and_list(&stuck)))
        };
        rows(&all).filter(|row| stuck.contains(&row.get("mount"))).fold(ruling, |ruling, row| {
            ruling.showing(
                format!("/proc/mounts {}", row.get("mount")),
                format!("{} {} {}", row.get("device"), row.get("fstype"), row.get("mode")),
            )
        })
    })
}

fn inodes(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::INODES, |read, all| {
        let name = read.name();
        let well = format!("{name} can make new files on its file systems");
        let each = rows(&all).filter_map(|row| {
            let (size, free) = (row.number("size")?, row.number("available")?);
            let (mount, share) = (row.get("mount"), free / size * 100.0);
            let left = format!("{name} has {} of the inodes of {mount} left", percent(share));
            Some(
                by_share(read, share, "warn_percent", "fail_percent", left, well.clone())
                    .showing(format!("inodes of {mount}"), format!("{free:.0} of {size:.0} free")),
            )
        });
        Ruling::worst(each).unwrap_or_else(|| Ruling::pass(well.clone()))
    })
}
