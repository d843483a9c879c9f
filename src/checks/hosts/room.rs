//! Room: memory, load, file systems.

use super::{LOOK, gigabytes, has_role, is_host, percent, rows};
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
