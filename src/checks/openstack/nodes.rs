//! What each node says of the services on it.

use super::{control_nodes, on_control, on_node, short};
use crate::checks::hosts::{Row, and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::openstack::{control, node, node_survey};
use crate::domain::{Age, Judgement, Stamp};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "OST-01", applies: on_node, probes: &["node.look"], judge: containers },
    Rule { id: "OST-09", applies: on_control, probes: &["control.look"], judge: database },
    Rule { id: "OST-10", applies: on_control, probes: &["control.look"], judge: bus },
    Rule { id: "OST-21", applies: on_node, probes: &["node.survey"], judge: logs },
    Rule { id: "OST-23", applies: on_control, probes: &["control.look"], judge: l3_agent },
];

/// Containers that have no health check of their own.
const UNCHECKED: [&str; 5] = ["cron", "kolla_toolbox", "fluentd", "keepalived", "tgtd"];

fn containers(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let containers = read.value(node::CONTAINERS)?;
        let name = read.name();
        if containers.rows.is_empty() {
            return Ok(Ruling::not_yet(format!("{name} has no container of the cloud yet")));
        }
        let with = |wrong: &dyn Fn(&Row<'_>) -> bool| -> Vec<&str> {
            rows(&containers).filter(|row| wrong(row)).map(|row| row.get("container")).collect()
        };
        let runs = |row: &Row<'_>| row.get("state") == "running";
        let stopped = with(&|row| !runs(row));
        let unhealthy = with(&|row| runs(row) && row.get("health") == "unhealthy");
        let starting = with(&|row| runs(row) && row.get("health") == "starting");
        let unchecked = with(&|row| {
            let is_tool = UNCHECKED.contains(&row.get("container"));
            runs(row) && row.get("health").is_empty() && !is_tool
        });
        let ruling = if !stopped.is_empty() {
            Ruling::fail(format!("containers of {name} do not run: {}", and_list(&stopped)))
        } else if !unhealthy.is_empty() {
            Ruling::fail(format!("containers of {name} are unhealthy: {}", and_list(&unhealthy)))
        } else if !starting.is_empty() {
            Ruling::warn(format!("containers of {name} are starting: {}", and_list(&starting)))
        } else if !unchecked.is_empty() {
            Ruling::warn(format!("nobody checks the health of {} on {name}", and_list(&unchecked)))
        } else {
            Ruling::pass(format!("the {} containers of {name} are healthy", containers.rows.len()))
        };
        let unwell = rows(&containers).filter(|row| !runs(row) || row.get("health") != "healthy");
        Ok(unwell
            .fold(ruling, |ruling, row| ruling.showing(row.get("container"), row.get("status"))))
    })
}

fn database(case: &Case<'_>) -> Judgement {
    let nodes = control_nodes(case.site).count();
    judging::judge(case, |read| {
        let galera = read.value(control::GALERA)?;
        let name = read.name();
        let of = |variable: &str| {
            rows(&galera).find(|row| row.get("variable") == variable).map(|row| row.get("value"))
        };
        let size = of("wsrep_cluster_size").and_then(|size| size.parse::<usize>().ok());
        let (Some(size), Some(status)) = (size, of("wsrep_cluster_status")) else {
            return Err(NotKnown::because(format!(
                "the database on {name} does not say how its cluster is"
            )));
        };
        let state = of("wsrep_local_state_comment").unwrap_or_default();
        let ready = of("wsrep_ready").unwrap_or_default();
        let ruling = if status != "Primary" {
            Ruling::fail(format!("the database on {name} has no majority: {status}"))
        } else if size <= 1 && nodes > 1 {
            Ruling::fail(format!("the database on {name} stands alone, {nodes} nodes belong to it"))
        } else if ready != "ON" || state != "Synced" {
            Ruling::fail(format!("the database on {name} is not in step: {state}, ready {ready}"))
        } else if size + 1 < nodes {
            Ruling::fail(format!("the database cluster of {name} has {size} of {nodes} nodes"))
        } else if size < nodes {
            Ruling::warn(format!("the database cluster of {name} has {size} of {nodes} nodes"))
        } else {
            Ruling::pass(format!("the database cluster of {name} has its {size} nodes"))
        };
        Ok(rows(&galera)
            .fold(ruling, |ruling, row| ruling.showing(row.get("variable"), row.get("value"))))
    })
}

fn bus(case: &Case<'_>) -> Judgement {
    let nodes: Vec<&str> = control_nodes(case.site).map(|node| node.name.as_str()).collect();
    judging::judge(case, |read| {
        let rabbit = read.value(control::RABBIT)?;
        let trouble = read.value(control::RABBIT_TROUBLE)?;
        let name = read.name();
        let host = |row: &Row<'_>| -> String {
            let name = row.get("node");
            short(name.split_once('@').map_or(name, |(_, host)| host)).to_owned()
        };
        let running: Vec<String> =
            rows(&rabbit).filter(|row| row.get("running") == "yes").map(|row| host(&row)).collect();
        let missing: Vec<&str> = nodes
            .iter()
            .copied()
            .filter(|node| !running.iter().any(|there| there == short(node)))
            .collect();
        let resting: Vec<String> = rows(&rabbit)
            .filter(|row| row.get("maintenance") == "yes")
            .map(|row| host(&row))
            .collect();
        let ruling = if !trouble.is_empty() {
            Ruling::fail(format!("the message bus of {name} has {}", and_list(&trouble)))
        } else if running.len() * 2 <= nodes.len() {
            Ruling::fail(format!(
                "the message bus of {name} has no majority: {} of {} nodes run",
                running.len(),
                nodes.len()
            ))
        } else if !missing.is_empty() {
            Ruling::warn(format!("the message bus of {name} lacks {}", and_list(&missing)))
        } else if !resting.is_empty() {
            Ruling::warn(format!(
                "{} of the message bus of {name} are under maintenance",
                and_list(&resting)
            ))
        } else {
            Ruling::pass(format!("the message bus of {name} has its {} nodes", running.len()))
        };
        Ok(rows(&rabbit).fold(ruling, |ruling, row| {
            let state = if row.get("running") == "yes" { "runs" } else { "does not run" };
            ruling.showing(row.get("node"), state)
        }))
    })
}

fn logs(case: &Case<'_>) -> Judgement {
    judging::from(case, node_survey::LOG_ERRORS, |read, errors| {
        let name = read.name();
        let services: Vec<&str> = rows(&errors).map(|row| row.get("service")).collect();
        let ruling = if services.is_empty() {
            Ruling::pass(format!(
                "the cloud's logs on {name} have no error of the last ten minutes"
            ))
        } else {
            Ruling::warn(format!(
                "the cloud's logs on {name} have errors of {}",
                and_list(&services)
            ))
        };
        rows(&errors).fold(ruling, |ruling, row| {
            ruling.showing(
                row.get("service"),
                format!("{} lines, the last {}", row.get("lines"), row.get("last")),
            )
        })
    })
}

/// A time as podman or docker writes it: RFC 3339, or `2027-01-07 09:00:00` with whatever follows.
fn started(text: &str) -> Option<Stamp> {
    Stamp::parse(text).or_else(|| {
        let mut words = text.split_whitespace();
        let (day, time) = (words.next()?, words.next()?);
        let time = time.split('.').next()?;
        Stamp::parse(&format!("{day}T{time}Z"))
    })
}

fn l3_agent(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let agent = read.value(control::L3_AGENT)?;
        let name = read.name();
        let Some(agent) = rows(&agent).next() else {
            return Err(NotKnown::because(format!("{name} did not tell how its L3 agent is")));
        };
        let grace = Age::seconds(read.threshold("starting_s") as i64);
        let young = started(agent.get("started")).is_some_and(|at| case.now.since(at) < grace);
        let ruling = match agent.get("health") {
            "healthy" => Ruling::pass(format!("the L3 agent on {name} is healthy")),
            "starting" if young => Ruling::warn(format!("the L3 agent on {name} is starting")),
            "starting" => Ruling::fail(format!(
                "the L3 agent on {name} does not come up: the clean-up of its namespaces may be stuck"
            )),
            "unhealthy" => Ruling::fail(format!("the L3 agent on {name} is unhealthy")),
            other => {
                return Err(NotKnown::because(format!(
                    "podman on {name} says of the L3 agent's health: {other}"
                )));
            }
        };
        let shown = format!(
            "{} since {}, {} routers",
            agent.get("health"),
            agent.get("started"),
            agent.get("namespaces")
        );
        Ok(ruling.showing("neutron_l3_agent", shown))
    })
}
