//! OSDs: whether they run, and how fast they answer.

use std::collections::{BTreeMap, BTreeSet};

use super::{LOOK, MANAGER, believed, is_called, on_cluster, storage_nodes};
use crate::checks::hosts::{Row, and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph as keys;
use crate::domain::keys::ceph::manager;
use crate::domain::{Judgement, wanted};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "CEPH-03", applies: on_cluster, probes: LOOK, judge: up_and_in },
    Rule { id: "CEPH-08", applies: on_cluster, probes: MANAGER, judge: latency },
];

fn is_well(osd: &Row<'_>) -> bool {
    osd.get("status") == "up" && osd.number("reweight").is_some_and(|weight| weight > 0.0)
}

fn up_and_in(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let osds = read.value(keys::OSDS)?;
        let known = read.value(keys::OSDS_KNOWN)?;
        believed(read)?;
        let name = read.name();
        if osds.rows.is_empty() && known == 0.0 {
            return Ok(Ruling::fail(format!(
                "{name} has no OSD: were its disks zapped before they were given to it"
            )));
        }
        if (osds.rows.len() as f64) < known {
            return Err(NotKnown::because(format!(
                "{name} has {known:.0} OSDs and showed {} of them",
                osds.rows.len()
            )));
        }
        // What is wrong, by the host it is on.
        let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut per_host: BTreeMap<&str, usize> = BTreeMap::new();
        for osd in rows(&osds) {
            *per_host.entry(osd.get("host")).or_default() += 1;
            if !is_well(&osd) {
                let state = if osd.get("status") == "up" { "out" } else { osd.get("status") };
                let what = format!("{} is {state}", osd.get("osd"));
                wrong.entry(osd.get("host")).or_default().push(what);
            }
        }
        let mut surplus = Vec::new();
        for node in storage_nodes(case.site) {
            let disks = node.wanted.get(wanted::DATA_DISKS).map_or("", String::as_str);
            let declared = disks.split_whitespace().count();
            if declared == 0 {
                continue;
            }
            let there = per_host.iter().find(|(host, _)| is_called(node, host));
            let (host, count) =
                there.map_or((node.name.as_str(), 0), |(host, count)| (*host, *count));
            if count < declared {
                let what = format!("{host} has {count} OSDs for {declared} declared disks");
                wrong.entry(host).or_default().push(what);
            } else if count > declared {
                surplus.push(format!("{host} has {count} OSDs for {declared} declared disks"));
            }
        }
        let broken: Vec<String> = wrong.values().flatten().cloned().collect();
        let hosts: BTreeSet<&str> = wrong.keys().copied().collect();
        let ruling = if hosts.len() > 1 {
            let hosts: Vec<&str> = hosts.into_iter().collect();
            Ruling::fail(format!(
                "{name} lacks OSDs on {}: {}",
                and_list(&hosts),
                and_list(&broken)
            ))
        } else if !broken.is_empty() {
            Ruling::warn(format!("{name} lacks OSDs on one host: {}", and_list(&broken)))
        } else if !surplus.is_empty() {
            Ruling::warn(format!("{name} has more OSDs than declared: {}", and_list(&surplus)))
        } else {
            Ruling::pass(format!("the {} OSDs of {name} are up and in", osds.rows.len()))
        };
        let unwell: Vec<Row<'_>> = rows(&osds).filter(|osd| !is_well(osd)).collect();
        Ok(unwell.iter().fold(ruling, |ruling, osd| {
            let shown = format!(
                "{}, reweight {}, on {}",
                osd.get("status"),
                osd.get("reweight"),
                osd.get("host")
            );
            ruling.showing(osd.get("osd"), shown)
        }))
    })
}

fn latency(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let latency = read.value(manager::OSD_LATENCY)?;
        let name = read.name();
        let worst = rows(&latency)
            .filter_map(|osd| Some((osd.get("osd"), osd.number("apply_ms")?)))
            .max_by(|one, other| one.1.total_cmp(&other.1));
        let Some((osd, worst)) = worst else {
            return Err(NotKnown::because(format!("{name} told the latency of no OSD")));
        };
        let (well, broken) = (read.threshold("warn_ms"), read.threshold("fail_ms"));
        let slow: Vec<Row<'_>> = rows(&latency)
            .filter(|osd| osd.number("apply_ms").is_some_and(|ms| ms > well))
            .collect();
        let said = format!("{osd} of {name} takes {worst:.0} ms to apply a write");
        let ruling = if worst > broken {
            Ruling::fail(said)
        } else if worst > well {
            Ruling::warn(said)
        } else {
            Ruling::pass(format!("the OSDs of {name} apply writes within {worst:.0} ms"))
        };
        Ok(slow.iter().fold(ruling, |ruling, osd| {
            ruling.showing(
                osd.get("osd"),
                format!("apply {} ms, commit {} ms", osd.get("apply_ms"), osd.get("commit_ms")),
            )
        }))
    })
}
