//! What nodes say of the cloud's services on them.

use serde_json::Value;

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::openstack::{control, control_survey, node, node_survey};
use crate::probes::documented::{Section, SectionAnswer, Trouble, first_line, json_text, lines};

pub(super) const CONTAINERS: &[Section] = &[Section {
    name: "containers",
    program: "podman",
    script: include_str!("../../../assets/probes/openstack/containers.sh"),
    needs: &[],
    keys: &[node::CONTAINERS.info],
    read: containers,
}];

pub(super) const LOGS: &[Section] = &[Section {
    name: "logs",
    program: "tail of /var/log/kolla",
    script: include_str!("../../../assets/probes/openstack/logs.sh"),
    needs: &[],
    keys: &[node_survey::LOG_ERRORS.info],
    read: logs,
}];

pub(super) const CONTROL: &[Section] = &[
    Section {
        name: "galera",
        program: "mysql in the container mariadb",
        script: include_str!("../../../assets/probes/openstack/galera.sh"),
        needs: &[],
        keys: &[control::GALERA.info],
        read: galera,
    },
    Section {
        name: "rabbit",
        program: "rabbitmqctl in the container rabbitmq",
        script: include_str!("../../../assets/probes/openstack/rabbit.sh"),
        needs: &[],
        keys: &[control::RABBIT.info, control::RABBIT_TROUBLE.info],
        read: rabbit,
    },
    Section {
        name: "virtual-address",
        program: "ip addr show",
        script: include_str!("../../../assets/probes/openstack/virtual.sh"),
        needs: &[],
        keys: &[control::VIRTUAL_ADDRESS.info],
        read: |answer, report| {
            let line = first_line(answer.ok()?);
            let count = line.rsplit(' ').next().and_then(|word| word.parse::<f64>().ok());
            let count = count.ok_or(Trouble::Format("a count of addresses"))?;
            report.learn(control::VIRTUAL_ADDRESS, count);
            Ok(())
        },
    },
    Section {
        name: "l3-agent",
        program: "podman inspect neutron_l3_agent",
        script: include_str!("../../../assets/probes/openstack/l3.sh"),
        needs: &[],
        keys: &[control::L3_AGENT.info],
        read: l3_agent,
    },
];

pub(super) const SURVEY: &[Section] = &[
    Section {
        name: "orphans",
        program: "mysql in the container mariadb",
        script: include_str!("../../../assets/probes/openstack/orphans.sh"),
        needs: &[],
        keys: &[control_survey::ORPHANS.info],
        read: |answer, report| {
            let count = first_line(answer.ok()?).parse::<u32>();
            let count = count.map_err(|_| Trouble::Format("a count"))?;
            report.learn(control_survey::ORPHANS, f64::from(count));
            Ok(())
        },
    },
    Section {
        name: "bus-url",
        program: "grep of ironic.conf",
        script: include_str!("../../../assets/probes/openstack/bus.sh"),
        needs: &[],
        keys: &[control_survey::BUS_URLS.info],
        read: |answer, report| {
            let is_digest =
                |line: &String| line.len() == 16 && line.chars().all(|c| c.is_ascii_hexdigit());
            report.learn(control_survey::BUS_URLS, lines(answer.ok()?).filter(is_digest).collect());
            Ok(())
        },
    },
];

pub(super) fn containers(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table = Table::new(&["container", "state", "health", "status"]);
    for line in answer.ok()?.lines().filter(|line| !line.trim().is_empty()) {
        // The columns are parted by tabs, which are not printable: apart first.
        let columns: Vec<String> =
            line.split('\t').map(crate::domain::untrusted::printable).collect();
        let [name, state, status] = columns.as_slice() else {
            return Err(Trouble::Format("podman's list of containers"));
        };
        let health = status.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        let health = health.filter(|word| ["healthy", "unhealthy", "starting"].contains(word));
        let health = health.unwrap_or_default().to_owned();
        table.push(vec![name.clone(), state.to_lowercase(), health, status.clone()]);
    }
    report.learn(node::CONTAINERS, table);
    Ok(())
}

pub(super) fn galera(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table = Table::new(&["variable", "value"]);
    for line in answer.ok()?.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(value)) = (words.next(), words.next())
            && name.starts_with("wsrep_")
        {
            let printable = crate::domain::untrusted::printable;
            table.push(vec![printable(name), printable(value)]);
        }
    }
    if table.rows.is_empty() {
        return Err(Trouble::Format("the state of a database cluster"));
    }
    report.learn(control::GALERA, table);
    Ok(())
}

pub(super) fn rabbit(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "the state of the message bus";
    let status = answer.json(what)?;
    let list = |name: &str| status.get(name).and_then(Value::as_array);
    let running = list("running_nodes").ok_or(Trouble::Format(what))?;
    let known = list("disk_nodes").into_iter().chain(list("ram_nodes")).flatten().chain(running);
    let mut table = Table::new(&["node", "running", "maintenance"]);
    for node in known {
        let name = json_text(Some(node));
        if table.rows.iter().any(|row| table.cell(row, "node") == name) {
            continue;
        }
        let maintenance = status.get("maintenance_status").and_then(|all| all.get(&name));
        let maintenance = match json_text(maintenance).as_str() {
            "" | "not under maintenance" | "regular" => "no",
            _ => "yes",
        };
        let is_running = if running.contains(node) { "yes" } else { "no" };
        table.push(vec![name, is_running.to_owned(), maintenance.to_owned()]);
    }
    let mut trouble = Vec::new();
    match status.get("partitions") {
        Some(Value::Object(parts)) if !parts.is_empty() => trouble.push("partitions".to_owned()),
        Some(Value::Array(parts)) if !parts.is_empty() => trouble.push("partitions".to_owned()),
        _ => {}
    }
    for alarm in list("alarms").into_iter().flatten() {
        let kind = alarm.get("resource").or_else(|| alarm.get("type")).or(Some(alarm));
        trouble.push(format!("alarm {}", json_text(kind)).trim_end().to_owned());
    }
    report.learn(control::RABBIT, table);
    report.learn(control::RABBIT_TROUBLE, trouble);
    Ok(())
}

pub(super) fn l3_agent(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut said = lines(answer.ok()?);
    let first = said.next().ok_or(Trouble::Format("the state of a container"))?;
    let (health, started) =
        first.split_once(' ').ok_or(Trouble::Format("the state of a container"))?;
    let mut table = Table::new(&["health", "started", "namespaces"]);
    table.push(vec![health.to_owned(), started.to_owned(), said.next().unwrap_or_default()]);
    report.learn(control::L3_AGENT, table);
    Ok(())
}

pub(super) fn logs(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table = Table::new(&["service", "lines", "last"]);
    for line in answer.ok()?.lines().take(super::MOST_ROWS) {
        let columns: Vec<String> =
            line.split('\t').map(crate::domain::untrusted::printable).collect();
        if let [service, count, last] = columns.as_slice() {
            table.push(vec![service.clone(), count.clone(), last.clone()]);
        }
    }
    report.learn(node_survey::LOG_ERRORS, table);
    Ok(())
}
