//! The orchestrator: its hosts, daemons and disks.

use super::{MANAGER, SURVEY, expected_lines, is_called, on_cluster, short, storage_nodes};
use crate::checks::hosts::{Row, and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph::{manager, survey};
use crate::domain::{Age, Judgement, Stamp, wanted};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "CEPH-10", applies: on_cluster, probes: MANAGER, judge: hosts },
    Rule { id: "CEPH-11", applies: on_cluster, probes: MANAGER, judge: daemons },
    Rule { id: "CEPH-16", applies: on_cluster, probes: SURVEY, judge: devices },
];

fn hosts(case: &Case<'_>) -> Judgement {
    let planned = expected_lines(case, wanted::CEPH_MONITORS);
    let addresses = expected_lines(case, wanted::CEPH_MONITOR_ADDRESSES);
    judging::judge(case, |read| {
        let hosts = read.value(manager::ORCH_HOSTS)?;
        let name = read.name();
        let find =
            |wanted: &str| rows(&hosts).find(|host| short(host.get("host")) == short(wanted));
        let missing: Vec<&str> =
            planned.iter().copied().filter(|host| find(host).is_none()).collect();
        let with = |wrong: &dyn Fn(&Row<'_>) -> bool| -> Vec<&str> {
            rows(&hosts).filter(|host| wrong(host)).map(|host| host.get("host")).collect()
        };
        let offline = with(&|host| host.get("status").to_lowercase() == "offline");
        let maintained = with(&|host| host.get("status").to_lowercase() == "maintenance");
        let mut odd = Vec::new();
        for (at, wanted) in planned.iter().enumerate() {
            let Some(host) = find(wanted) else { continue };
            if let Some(address) =
                addresses.get(at).filter(|address| **address != host.get("address"))
            {
                odd.push(format!(
                    "{wanted} has the address {}, not {address}",
                    host.get("address")
                ));
            }
            if !host.get("labels").split(' ').any(|label| label == "_admin") {
                odd.push(format!("{wanted} lacks the label _admin"));
            }
        }
        let ruling = if !missing.is_empty() {
            Ruling::fail(format!("the orchestrator of {name} does not know {}", and_list(&missing)))
        } else if !offline.is_empty() {
            Ruling::fail(format!(
                "the orchestrator of {name} does not reach {}",
                and_list(&offline)
            ))
        } else if !maintained.is_empty() {
            Ruling::warn(format!("{} of {name} are in maintenance", and_list(&maintained)))
        } else if !odd.is_empty() {
            Ruling::warn(format!("in the orchestrator of {name} {}", and_list(&odd)))
        } else if hosts.rows.is_empty() {
            Ruling::fail(format!("the orchestrator of {name} knows no host"))
        } else {
            Ruling::pass(format!(
                "the orchestrator of {name} reaches its {} hosts",
                hosts.rows.len()
            ))
        };
        Ok(rows(&hosts).fold(ruling, |ruling, host| {
            let status = host.get("status");
            let status = if status.is_empty() { "reached" } else { status };
            ruling.showing(host.get("host"), format!("{status}, {}", host.get("address")))
        }))
    })
}

fn daemons(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let daemons = read.value(manager::DAEMONS)?;
        let hosts = read.value(manager::ORCH_HOSTS)?;
        let name = read.name();
        if daemons.rows.is_empty() {
            return Err(NotKnown::because(format!("the orchestrator of {name} lists no daemon")));
        }
        let in_maintenance = |host: &str| {
            let mut hosts = rows(&hosts);
            hosts.any(|row| row.get("host") == host && row.get("status") == "maintenance")
        };
        let oldest = Age::seconds(read.threshold("refreshed_min") as i64 * 60);
        let is_old = |daemon: &Row<'_>| {
            Stamp::parse(daemon.get("refreshed")).is_some_and(|at| case.now.since(at) > oldest)
        };
        let (mut broken, mut resting, mut old) = (Vec::new(), Vec::new(), Vec::new());
        for daemon in rows(&daemons) {
            let said = format!(
                "{} on {} is {}",
                daemon.get("daemon"),
                daemon.get("host"),
                daemon.get("status")
            );
            match daemon.get("status") {
                "running" => {}
                "stopped" if in_maintenance(daemon.get("host")) => resting.push(said),
                "starting" => resting.push(said),
                _ => broken.push(said),
            }
            if is_old(&daemon) {
                old.push(daemon.get("host"));
            }
        }
        old.sort_unstable();
        old.dedup();
        let ruling = if !broken.is_empty() {
            Ruling::fail(format!("in {name} {}", and_list(&broken)))
        } else if !resting.is_empty() {
            Ruling::warn(format!("in {name} {}", and_list(&resting)))
        } else if !old.is_empty() {
            Ruling::warn(format!(
                "what {name} says of the daemons on {} is older than {} minutes",
                and_list(&old),
                oldest.as_seconds() / 60
            ))
        } else {
            Ruling::pass(format!("the {} daemons of {name} run", daemons.rows.len()))
        };
        let unwell =
            rows(&daemons).filter(|daemon| daemon.get("status") != "running" || is_old(daemon));
        Ok(unwell.fold(ruling, |ruling, daemon| {
            let shown = format!(
                "{} on {}, refreshed {}",
                daemon.get("status"),
                daemon.get("host"),
                daemon.get("refreshed")
            );
            ruling.showing(daemon.get("daemon"), shown)
        }))
    })
}

fn devices(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let devices = read.value(survey::DEVICES)?;
        let name = read.name();
        let (mut absent, mut taken, mut count) = (Vec::new(), Vec::new(), 0);
        for node in storage_nodes(case.site) {
            let declared = node.wanted.get(wanted::DATA_DISKS).map_or("", String::as_str);
            for path in declared.split_whitespace() {
                count += 1;
                let device = rows(&devices)
                    .find(|row| is_called(node, row.get("host")) && row.get("path") == path);
                match device {
                    None => absent.push(format!("{path} of {}", node.name)),
                    Some(row) if row.get("available") == "false" && row.get("osds").is_empty() => {
                        taken.push(format!("{path} of {} ({})", node.name, row.get("rejected")));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(if count == 0 {
            Ruling::not_yet("the inventory declares no disk for Ceph")
        } else if !absent.is_empty() {
            Ruling::fail(format!("the orchestrator of {name} does not see {}", and_list(&absent)))
        } else if !taken.is_empty() {
            Ruling::warn(format!("not free for {name}: {}", and_list(&taken)))
        } else {
            Ruling::pass(format!("the orchestrator of {name} sees the {count} declared disks"))
        })
    })
}
