//! Compute, volume and network services.

use std::collections::BTreeMap;

use super::{LOOK, control_nodes, on_cloud, short};
use crate::checks::hosts::{Row, and_list, rows};
use crate::checks::judging::{self, NotKnown, Reading, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::Judgement;
use crate::domain::fact::Table;
use crate::domain::keys::openstack as keys;

pub(super) const RULES: &[Rule] = &[
    Rule { id: "OST-05", applies: on_cloud, probes: LOOK, judge: compute },
    Rule { id: "OST-06", applies: on_cloud, probes: LOOK, judge: volume },
    Rule { id: "OST-07", applies: on_cloud, probes: LOOK, judge: agents },
    Rule { id: "OST-08", applies: on_cloud, probes: LOOK, judge: speaker },
];

/// The services of a list by how they are: `host: service`.
struct Services<'t> {
    down: Vec<Row<'t>>,
    disabled: Vec<Row<'t>>,
    unknown: Vec<Row<'t>>,
    count: usize,
}

impl<'t> Services<'t> {
    fn of(table: &'t Table) -> Services<'t> {
        let mut services = Services {
            down: Vec::new(),
            disabled: Vec::new(),
            unknown: Vec::new(),
            count: table.rows.len(),
        };
        for service in rows(table) {
            match (service.get("status"), service.get("state")) {
                ("enabled", "up") => {}
                ("enabled", "down") => services.down.push(service),
                ("disabled", _) => services.disabled.push(service),
                // Nothing but a name: the cell or the service that knows it did not answer.
                _ => services.unknown.push(service),
            }
        }
        services
    }
}

fn named(services: &[Row<'_>]) -> String {
    let names: Vec<String> = services
        .iter()
        .map(|service| format!("{} on {}", service.get("service"), service.get("host")))
        .collect();
    and_list(&names)
}

/// Whether the pattern is that of a dead message bus: every compute down at
/// once, though those that need no bus to report are up, and every network
/// agent dead. It is one incident, not hundreds.
fn is_the_bus(compute: &Table, read: &mut Reading<'_>) -> bool {
    let all = |wanted: &str, state: &str| {
        let mut found = rows(compute)
            .filter(|row| row.get("service") == wanted && row.get("status") == "enabled")
            .peekable();
        found.peek().is_some() && found.all(|row| row.get("state") == state)
    };
    let agents = read.observe(keys::AGENTS);
    let agents_dead = agents.fresh().is_some_and(|agents| {
        !agents.rows.is_empty() && rows(agents).all(|agent| agent.get("alive") == "no")
    });
    all("nova-compute", "down") && all("nova-conductor", "up") && agents_dead
}

fn judge_services(read: &Reading<'_>, table: &Table, what: &str) -> Result<Ruling, NotKnown> {
    let name = read.name();
    let services = Services::of(table);
    if services.count == 0 {
        // For an account without the role the list is filtered away to nothing.
        return Err(NotKnown::because(format!(
            "{name} lists no {what} service: it has none, or the account may not see them"
        )));
    }
    let ruling = if !services.down.is_empty() {
        Ruling::fail(format!("{what} services of {name} are down: {}", named(&services.down)))
    } else if !services.unknown.is_empty() {
        return Err(NotKnown::because(format!(
            "{name} does not know the state of {}: the cell they are in does not answer",
            named(&services.unknown)
        )));
    } else if !services.disabled.is_empty() {
        Ruling::warn(format!(
            "{what} services of {name} are disabled: {}",
            named(&services.disabled)
        ))
    } else {
        Ruling::pass(format!("the {} {what} services of {name} are up", services.count))
    };
    let unwell = services.down.iter().chain(&services.disabled);
    Ok(unwell.fold(ruling, |ruling, service| {
        let reason = service.get("reason");
        let reason = if reason.is_empty() { String::new() } else { format!(", {reason}") };
        let shown = format!("{}, {}{reason}", service.get("status"), service.get("state"));
        ruling.showing(format!("{} {}", service.get("service"), service.get("host")), shown)
    }))
}

fn compute(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let services = read.value(keys::COMPUTE_SERVICES)?;
        let ruling = judge_services(read, &services, "compute")?;
        Ok(if is_the_bus(&services, read) {
            let count = rows(&services).filter(|row| row.get("service") == "nova-compute").count();
            let name = read.name();
            ruling
                .saying(format!("the {count} computes of {name} and every network agent are down together: the message bus"))
                .because("message-bus")
        } else {
            ruling
        })
    })
}

fn volume(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let services = read.value(keys::VOLUME_SERVICES)?;
        judge_services(read, &services, "volume")
    })
}

/// Kinds of agents without which tenants lose their way out.
const ROUTING: [&str; 3] = ["L3 agent", "DHCP agent", "BGP dynamic routing agent"];

fn agents(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let agents = read.value(keys::AGENTS)?;
        let name = read.name();
        if agents.rows.is_empty() {
            return Err(NotKnown::because(format!(
                "{name} lists no network agent: it has none, or the account may not see them"
            )));
        }
        if let Some(agent) = rows(&agents).find(|agent| agent.get("alive").is_empty()) {
            return Err(NotKnown::because(format!(
                "{name} does not say whether the {} on {} lives",
                agent.get("kind"),
                agent.get("host")
            )));
        }
        let dead: Vec<Row<'_>> = rows(&agents).filter(|agent| agent.get("alive") == "no").collect();
        let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for agent in rows(&agents) {
            let (all, gone) = kinds.entry(agent.get("kind")).or_default();
            *all += 1;
            *gone += usize::from(agent.get("alive") == "no");
        }
        let names: Vec<String> = dead
            .iter()
            .map(|agent| format!("{} on {}", agent.get("kind"), agent.get("host")))
            .collect();
        // One that somebody has drained carries nothing any more.
        let carries = |agent: &&Row<'_>| agent.get("admin") != "no";
        let routing = dead.iter().filter(carries).any(|agent| ROUTING.contains(&agent.get("kind")));
        let redundant = kinds.values().all(|(all, gone)| *gone == 0 || (*gone == 1 && *all > 1));
        let ruling = if dead.is_empty() {
            Ruling::pass(format!("the {} network agents of {name} live", agents.rows.len()))
        } else if dead.len() == agents.rows.len() {
            Ruling::fail(format!("every network agent of {name} is dead: is the message bus down"))
                .because("message-bus")
        } else if !routing && redundant {
            Ruling::warn(format!("a network agent of {name} is dead: {}", and_list(&names)))
        } else {
            Ruling::fail(format!("network agents of {name} are dead: {}", and_list(&names)))
        };
        Ok(dead
            .iter()
            .fold(ruling, |ruling, agent| ruling.showing(agent.get("kind"), agent.get("host"))))
    })
}

fn speaker(case: &Case<'_>) -> Judgement {
    let nodes: Vec<&str> = control_nodes(case.site).map(|node| node.name.as_str()).collect();
    judging::judge(case, |read| {
        let agents = read.value(keys::SPEAKER_AGENTS)?;
        let name = read.name();
        if agents.rows.is_empty() {
            return Ok(Ruling::not_yet(format!("{name} has no BGP speaker with agents")));
        }
        let is_node = |host: &str| nodes.iter().any(|node| short(node) == short(host));
        let listed =
            |node: &str| rows(&agents).any(|agent| short(agent.get("host")) == short(node));
        let missing: Vec<&str> = nodes.iter().copied().filter(|node| !listed(node)).collect();
        let stray: Vec<&str> =
            rows(&agents).map(|agent| agent.get("host")).filter(|host| !is_node(host)).collect();
        let dead: Vec<&str> = rows(&agents)
            .filter(|agent| agent.get("alive") != "yes" || agent.get("state") != "yes")
            .map(|agent| agent.get("host"))
            .collect();
        let ruling = if !missing.is_empty() {
            Ruling::fail(format!(
                "the BGP speaker of {name} lacks {}: its floating addresses are not announced",
                and_list(&missing)
            ))
        } else if !dead.is_empty() {
            Ruling::fail(format!("the dynamic routing agents on {} do not work", and_list(&dead)))
        } else if !stray.is_empty() {
            Ruling::fail(format!(
                "the BGP speaker of {name} still has {}, no control node",
                and_list(&stray)
            ))
        } else {
            Ruling::pass(format!("the BGP speaker of {name} has its {} agents", nodes.len()))
        };
        Ok(rows(&agents).fold(ruling, |ruling, agent| {
            let shown = format!("alive {}, up {}", agent.get("alive"), agent.get("state"));
            ruling.showing(agent.get("host"), shown)
        }))
    })
}
