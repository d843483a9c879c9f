//! The agents of the switches: what every switch said last, through the
//! Kubernetes API of the fabric controller.
//!
//! Only `status` is asked for, and of `spec` the few wanted values: the rest
//! holds the users' password hashes and half of the bytes.

use serde_json::{Map, Value};

use super::section;
use crate::domain::fact::Table;
use crate::domain::keys::fabric as keys;
use crate::domain::untrusted::printable;
use crate::domain::{Report, Stamp};
use crate::probes::documented::{Section, SectionAnswer, Trouble};
use crate::probes::hosts::parse::json_text;

pub(super) const AGENTS: Section = section(
    "agents",
    include_str!("../../../assets/probes/fabric/agents.sh"),
    &[
        keys::AGENTS.info,
        keys::PORTS.info,
        keys::SESSIONS.info,
        keys::PARTS.info,
        keys::RESOURCES.info,
    ],
    read,
);

/// One agent: what is wanted of it and what it said.
struct Agent {
    name: String,
    generation: String,
    wanted_version: String,
    wanted_roce: String,
    status: Value,
}

const WHAT: &str = "the list of agents";

fn read(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let agents = agents(answer.ok()?)?;
    let mut tables = Tables::new();
    for agent in &agents {
        tables.take(agent);
    }
    report.learn(keys::AGENTS, tables.agents);
    report.learn(keys::PORTS, tables.ports);
    report.learn(keys::SESSIONS, tables.sessions);
    report.learn(keys::PARTS, tables.parts);
    report.learn(keys::RESOURCES, tables.resources);
    Ok(())
}

/// The agents of either form: a line each of values parted by tabs, the last
/// of them the status as JSON; or the whole list as JSON.
fn agents(text: &str) -> Result<Vec<Agent>, Trouble> {
    if text.trim_start().starts_with('{') {
        let list: Value = serde_json::from_str(text).map_err(|_| Trouble::Format(WHAT))?;
        let items = list.get("items").and_then(Value::as_array).ok_or(Trouble::Format(WHAT))?;
        return Ok(items.iter().map(of_object).collect());
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| of_line(line).ok_or(Trouble::Format(WHAT))).collect()
}

fn of_object(object: &Value) -> Agent {
    let at = |path: &str| json_text(object.pointer(path));
    let own = at("/spec/version/override");
    Agent {
        name: at("/metadata/name"),
        generation: at("/metadata/generation"),
        wanted_version: if own.is_empty() { at("/spec/version/default") } else { own },
        wanted_roce: at("/spec/switch/roce"),
        status: object.get("status").cloned().unwrap_or(Value::Null),
    }
}

fn of_line(line: &str) -> Option<Agent> {
    let mut parts = line.splitn(6, '\t').map(str::trim);
    let mut next = || parts.next().map(printable);
    let (name, generation, own, usual, roce) = (next()?, next()?, next()?, next()?, next()?);
    let status = match parts.next()? {
        "" => Value::Null,
        text => serde_json::from_str(text).ok()?,
    };
    let wanted_version = if own.is_empty() { usual } else { own };
    Some(Agent { name, generation, wanted_version, wanted_roce: roce, status })
}

struct Tables {
    agents: Table,
    ports: Table,
    sessions: Table,
    parts: Table,
    resources: Table,
}

impl Tables {
    fn new() -> Tables {
        Tables {
            agents: Table::new(&[
                "switch",
                "heartbeat",
                "wanted",
                "applied",
                "applied_at",
                "attempt",
                "attempt_at",
                "version",
                "wanted_version",
                "reboot",
                "roce",
                "wanted_roce",
                "serial",
                "platform",
            ]),
            ports: Table::new(&["switch", "port", "admin", "oper", "error"]),
            sessions: Table::new(&["switch", "vrf", "neighbour", "enabled", "state"]),
            parts: Table::new(&[
                "switch", "kind", "name", "present", "good", "value", "high", "critical",
            ]),
            resources: Table::new(&["switch", "resource", "used", "available"]),
        }
    }

    fn take(&mut self, agent: &Agent) {
        let status = &agent.status;
        let at = |path: &str| json_text(status.pointer(path));
        // What is absent is zero or false, once there is a status at all.
        let flag = |path: &str| yes(status.pointer(path));
        let said = |text: String| if status.is_object() { text } else { String::new() };
        let wanted_roce = if agent.wanted_roce == "true" { "yes" } else { "no" };
        self.agents.push(vec![
            agent.name.clone(),
            time(status.get("lastHeartbeat")),
            agent.generation.clone(),
            at("/lastAppliedGen"),
            time(status.get("lastAppliedTime")),
            at("/lastAttemptGen"),
            time(status.get("lastAttemptTime")),
            at("/version"),
            agent.wanted_version.clone(),
            said(flag("/rebootRequired")),
            said(flag("/state/roce")),
            wanted_roce.to_owned(),
            at("/state/nos/serialNumber"),
            at("/state/nos/platformName"),
        ]);
        let Some(state) = status.get("state") else { return };
        self.take_ports(&agent.name, state);
        self.take_sessions(&agent.name, state);
        self.take_parts(&agent.name, state);
        let stats = state.pointer("/criticalResources/stats").and_then(Value::as_object);
        for (name, used) in stats.into_iter().flatten() {
            let Some(resource) = name.strip_suffix("Used") else { continue };
            let available = state.pointer("/criticalResources/stats");
            let available = available.and_then(|all| all.get(format!("{resource}Available")));
            let row = [&agent.name, &printable(resource), &number(Some(used)), &number(available)];
            self.resources.push(row.map(String::clone).to_vec());
        }
    }

    fn take_ports(&mut self, switch: &str, state: &Value) {
        for (port, value) in map(state.get("interfaces")) {
            let word =
                |one: &str, other: &str| json_text(value.get(one).or_else(|| value.get(other)));
            let error = yes(value.get("errDisabled"));
            let is_enabled = yes(value.get("enabled")) == "yes";
            if (!is_enabled && error == "no") || self.ports.rows.len() >= keys::MOST_PORTS {
                continue;
            }
            let (admin, oper) = (word("admin", "adminStatus"), word("oper", "operStatus"));
            self.ports.push(vec![switch.to_owned(), printable(port), admin, oper, error]);
        }
    }

    fn take_sessions(&mut self, switch: &str, state: &Value) {
        for (vrf, neighbours) in map(state.get("bgpNeighbors")) {
            for (address, session) in map(Some(neighbours)) {
                let state = session.get("state").or_else(|| session.get("sessionState"));
                self.sessions.push(vec![
                    switch.to_owned(),
                    printable(vrf),
                    printable(address),
                    yes(session.get("enabled")),
                    json_text(state),
                ]);
            }
        }
    }

    fn take_parts(&mut self, switch: &str, state: &Value) {
        let platform = state.get("platform");
        let mut push = |kind: &str, name: &str, cells: [String; 5]| {
            let [present, good, value, high, critical] = cells;
            let (kind, name) = (kind.to_owned(), printable(name));
            self.parts.push(vec![
                switch.to_owned(),
                kind,
                name,
                present,
                good,
                value,
                high,
                critical,
            ]);
        };
        for (kind, list) in [("fan", "fans"), ("psu", "psus")] {
            for (name, part) in map(platform.and_then(|platform| platform.get(list))) {
                let (present, good) = (yes(part.get("presence")), yes(part.get("status")));
                let none = String::new;
                push(kind, name, [present, good, none(), none(), none()]);
            }
        }
        let temperatures =
            platform.and_then(|all| all.get("temps").or_else(|| all.get("temperatures")));
        for (name, sensor) in map(temperatures) {
            let either =
                |one: &str, other: &str| number(sensor.get(one).or_else(|| sensor.get(other)));
            push(
                "temperature",
                name,
                [
                    "yes".to_owned(),
                    "yes".to_owned(),
                    either("temp", "temperature"),
                    either("highThreshold", "high"),
                    either("critHighThreshold", "criticalHighThreshold"),
                ],
            );
        }
    }
}

/// The entries of a JSON object; none of anything else.
fn map(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.and_then(Value::as_object).unwrap_or(&NOTHING).iter()
}

/// A flag that is left out where it is false.
fn yes(value: Option<&Value>) -> String {
    let is_so = value.and_then(Value::as_bool).unwrap_or(false);
    if is_so { "yes" } else { "no" }.to_owned()
}

/// A number that is left out where it is zero.
fn number(value: Option<&Value>) -> String {
    value.and_then(Value::as_f64).map_or_else(String::new, |number| number.to_string())
}

/// Seconds since 1970 of an RFC 3339 time; empty where there is none.
pub(super) fn time(value: Option<&Value>) -> String {
    let stamp = value.and_then(Value::as_str).and_then(Stamp::parse);
    stamp.map_or_else(String::new, |stamp| stamp.seconds().to_string())
}
