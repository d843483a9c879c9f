//! Instances and bare-metal nodes.

use super::{LOOK, on_cloud};
use crate::checks::hosts::{Row, and_list, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::openstack as keys;
use crate::domain::{Age, Judgement, Stamp};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "OST-14", applies: on_cloud, probes: LOOK, judge: instances },
    Rule { id: "OST-15", applies: on_cloud, probes: LOOK, judge: nodes },
];

fn instances(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let broken = read.value(keys::BROKEN_SERVERS)?;
        let well = read.value(keys::SERVERS)?;
        let name = read.name();
        let count = broken.rows.len();
        let share = 100.0 * well / (well + count as f64).max(1.0);
        let names: Vec<&str> = rows(&broken).map(|server| server.get("name")).collect();
        let ruling = if count == 0 {
            Ruling::pass(format!("no instance of {name} is in ERROR"))
        } else if share < read.threshold("available_percent") {
            Ruling::fail(format!(
                "{count} instances of {name} are in ERROR, {share:.1} % are available: {}",
                and_list(&names)
            ))
        } else {
            Ruling::warn(format!("{count} instances of {name} are in ERROR: {}", and_list(&names)))
        };
        Ok(rows(&broken)
            .fold(ruling, |ruling, server| ruling.showing(server.get("name"), server.get("id"))))
    })
}

/// States in which a node rests.
const STABLE: [&str; 6] = ["available", "active", "manageable", "enroll", "rescue", "adopted"];

fn is_broken(node: &Row<'_>) -> bool {
    let state = node.get("provision");
    state.ends_with("failed") || state == "error" || node.get("maintenance") == "yes"
}

fn nodes(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let nodes = read.value(keys::BARE_METAL)?;
        let name = read.name();
        let stuck_after = Age::seconds(read.threshold("stuck_min") as i64 * 60);
        let said = |node: &Row<'_>| {
            let state = node.get("provision");
            match (node.get("maintenance"), node.get("fault")) {
                ("yes", "") => format!("{} ({state}, in maintenance)", node.get("node")),
                ("yes", fault) => {
                    format!("{} ({state}, in maintenance for a {fault})", node.get("node"))
                }
                _ => format!("{} ({state})", node.get("node")),
            }
        };
        let broken: Vec<Row<'_>> = rows(&nodes).filter(is_broken).collect();
        // A failed verification goes back to `enroll` without a word but this one.
        let unreached: Vec<Row<'_>> = rows(&nodes)
            .filter(|node| node.get("provision") == "enroll" && !node.get("error").is_empty())
            .collect();
        let stuck: Vec<Row<'_>> = rows(&nodes)
            .filter(|node| !STABLE.contains(&node.get("provision")) && !is_broken(node))
            .filter(|node| {
                let since = Stamp::parse(node.get("since"));
                since.is_some_and(|since| case.now.since(since) > stuck_after)
            })
            .collect();
        let list = |nodes: &[Row<'_>]| and_list(&nodes.iter().map(said).collect::<Vec<_>>());
        let ruling = if !broken.is_empty() {
            Ruling::fail(format!("bare-metal nodes of {name} are broken: {}", list(&broken)))
        } else if !unreached.is_empty() {
            Ruling::fail(format!("{name} does not reach the BMC of {}", list(&unreached)))
        } else if !stuck.is_empty() {
            Ruling::warn(format!(
                "bare-metal nodes of {name} are under way for more than {} minutes: {}",
                stuck_after.as_seconds() / 60,
                list(&stuck)
            ))
        } else {
            Ruling::pass(format!(
                "the {} bare-metal nodes of {name} are as they should be",
                nodes.rows.len()
            ))
        };
        let unwell = broken.iter().chain(&unreached).chain(&stuck);
        Ok(unwell.fold(ruling, |ruling, node| ruling.showing(node.get("node"), node.get("error"))))
    })
}
