//! Judging servers that use their GPUs themselves: those that the site names as
//! such. Elsewhere GPUs belong to instances, and the host does not see them.

use crate::checks::hosts::{and_list, rows, version_numbers};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::Key;
use crate::domain::keys::gpu as keys;
use crate::domain::{Judgement, Site, Target, wanted};

const SURVEY: &[&str] = &["gpu.survey"];

/// The rules of this area.
pub const RULES: &[&[Rule]] = &[&[
    Rule { id: "GPU-01", applies: uses_gpus, probes: SURVEY, judge: driver },
    Rule { id: "GPU-02", applies: uses_gpus, probes: SURVEY, judge: framework },
    Rule { id: "GPU-03", applies: uses_gpus, probes: SURVEY, judge: rdma },
    Rule { id: "GPU-04", applies: uses_gpus, probes: SURVEY, judge: direct },
    Rule { id: "GPU-06", applies: uses_gpus, probes: SURVEY, judge: traffic_class },
]];

/// Whether the site says that this host uses its GPUs itself.
fn uses_gpus(site: &Site, target: &Target) -> bool {
    let named = site.wanted.get(wanted::GPU_SERVERS);
    target.ssh.is_some()
        && named.is_some_and(|named| named.split(' ').any(|name| name == target.name))
}

/// The GPUs that each server should have, where the site says.
fn wanted_count(case: &Case<'_>) -> Option<usize> {
    case.site.wanted.get(wanted::GPU_COUNT).and_then(|count| count.parse().ok())
}

fn driver(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(keys::DEVICES)?;
        let said = read.value(keys::DEVICES_SAID)?;
        let (name, least) = (read.name(), read.threshold("driver_major"));
        let number = found.rows.len();
        if number == 0 {
            return Ok(Ruling::fail(format!("the driver of {name} sees no GPU: {said}")));
        }
        let mut rulings = Vec::new();
        if let Some(wanted) = wanted_count(case).filter(|wanted| number < *wanted) {
            rulings.push(Ruling::fail(format!("{name} sees {number} of {wanted} GPUs")));
        }
        for row in rows(&found) {
            let index = row.get("index");
            let major = version_numbers(row.get("driver")).first().copied().unwrap_or(0);
            if (major as f64) < least {
                let driver = row.get("driver");
                rulings.push(Ruling::fail(format!(
                    "{name} has the driver {driver}, {least} is the least"
                )));
            }
            // `[N/A]` is a GPU without error correction.
            if let Some(errors) = row.number("errors").filter(|errors| *errors > 0.0) {
                rulings.push(Ruling::fail(format!(
                    "GPU {index} of {name} has {errors:.0} uncorrected memory errors"
                )));
            }
        }
        let first = rows(&found).next().map_or("", |row| row.get("name"));
        Ok(match Ruling::worst(rulings) {
            Some(ruling) => ruling,
            None => Ruling::pass(format!("{name} sees its {number} GPUs")),
        }
        .showing("GPUs", format!("{number} {first}")))
    })
}

fn framework(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let words = read.value(keys::FRAMEWORK)?;
        let name = read.name();
        let is_there = words.first().is_some_and(|word| word == "True");
        let number: usize = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        Ok(match wanted_count(case) {
            _ if !is_there || number == 0 => Ruling::fail(format!("torch on {name} sees no GPU")),
            Some(wanted) if number != wanted => {
                Ruling::fail(format!("torch on {name} sees {number} of {wanted} GPUs"))
            }
            _ => Ruling::pass(format!("torch on {name} sees {number} GPUs")),
        })
    })
}

/// A number of the sums `OK: 10  WARN: 0  FAIL: 0`.
fn sum(line: &str, name: &str) -> Option<f64> {
    let (_, rest) = line.split_once(&format!("{name}:"))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn tested(case: &Case<'_>, key: Key<String>, what: &str, may_warn: bool) -> Judgement {
    judging::judge(case, |read| {
        let line = read.value(key)?;
        let name = read.name();
        let (Some(failed), Some(warned)) = (sum(&line, "FAIL"), sum(&line, "WARN")) else {
            return Err(NotKnown::because(format!("the test of {what} on {name} has no sums")));
        };
        Ok(if failed > 0.0 {
            Ruling::fail(format!("{failed:.0} tests of {what} fail on {name}"))
        } else if may_warn && warned > 0.0 {
            Ruling::warn(format!("{warned:.0} tests of {what} warn on {name}"))
        } else {
            Ruling::pass(format!("the tests of {what} pass on {name}"))
        }
        .showing("sums", line))
    })
}

fn rdma(case: &Case<'_>) -> Judgement {
    tested(case, keys::RDMA, "the RDMA stack", true)
}

fn direct(case: &Case<'_>) -> Judgement {
    tested(case, keys::GPU_DIRECT, "GPU direct RDMA", false)
}

/// The traffic class of the release.
const CLASS: &str = "104";

fn traffic_class(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let lines = read.value(keys::TRAFFIC_CLASS)?;
        let name = read.name();
        let setting = lines.iter().find_map(|line| line.split_once("NCCL_IB_TC=").map(|(_, v)| v));
        let is_class = |line: &&String| line.bytes().all(|byte| byte.is_ascii_digit());
        let classes: Vec<&String> = lines.iter().filter(is_class).collect();
        let mut wrong = Vec::new();
        if classes.is_empty() || classes.iter().any(|class| *class != CLASS) {
            wrong.push("the traffic class of its RDMA connections");
        }
        if !lines.iter().any(|line| line == "active") {
            wrong.push("the unit rdma-cm-tos");
        }
        if setting.map(|value| value.trim_matches('"')) != Some(CLASS) {
            wrong.push("the setting NCCL_IB_TC");
        }
        Ok(if wrong.is_empty() {
            Ruling::pass(format!("{name} sends RDMA in the lossless class"))
        } else {
            Ruling::fail(format!("{name} is not set to the lossless class: {}", and_list(&wrong)))
        }
        .showing("found", lines.join(", ")))
    })
}

#[cfg(test)]
pub(crate) mod tests;
