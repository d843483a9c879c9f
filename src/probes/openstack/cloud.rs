//! What the cloud says of its services, instances and bare-metal nodes.

use serde_json::Value;

use super::{field, list, rows, text};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::openstack as keys;
use crate::probes::documented::{Section, SectionAnswer, Trouble};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "compute-services",
        program: "openstack compute service list",
        script: "o compute service list --long -f json",
        needs: &[],
        keys: &[keys::COMPUTE_SERVICES.info],
        read: |answer, report| {
            report.learn(keys::COMPUTE_SERVICES, services(answer)?);
            Ok(())
        },
    },
    Section {
        name: "volume-services",
        program: "openstack volume service list",
        script: "o volume service list --long -f json",
        needs: &[],
        keys: &[keys::VOLUME_SERVICES.info],
        read: |answer, report| {
            report.learn(keys::VOLUME_SERVICES, services(answer)?);
            Ok(())
        },
    },
    Section {
        name: "agents",
        program: "openstack network agent list",
        script: "o network agent list -f json",
        needs: &[],
        keys: &[keys::AGENTS.info],
        read: agents,
    },
    Section {
        name: "speaker",
        program: "openstack bgp dragent list",
        script: include_str!("../../../assets/probes/openstack/speaker.sh"),
        needs: &[],
        keys: &[keys::SPEAKER_AGENTS.info],
        read: speaker,
    },
    Section {
        name: "broken-servers",
        program: "openstack server list",
        script: "o server list --all-projects --status ERROR -f json -c ID -c Name -c Project",
        needs: &[],
        keys: &[keys::BROKEN_SERVERS.info],
        read: broken,
    },
    Section {
        name: "servers",
        program: "openstack server list",
        script: "o server list --all-projects --status ACTIVE --limit -1 -f value -c ID",
        needs: &[],
        keys: &[keys::SERVERS.info],
        read: |answer, report| {
            let ids = answer.ok()?.lines().filter(|line| !line.trim().is_empty());
            report.learn(keys::SERVERS, ids.count() as f64);
            Ok(())
        },
    },
    Section {
        name: "bare-metal",
        program: "openstack baremetal node list",
        script: "o baremetal node list -f json --fields uuid name provision_state power_state maintenance fault last_error provision_updated_at",
        needs: &[],
        keys: &[keys::BARE_METAL.info],
        read: bare_metal,
    },
];

pub(super) fn services(answer: &SectionAnswer<'_>) -> Result<Table, Trouble> {
    let what = "a list of services";
    let all = answer.json(what)?;
    let all = list(&all).ok_or(Trouble::Format(what))?;
    let columns = ["service", "host", "zone", "status", "state", "reason"];
    Ok(rows(&columns, all, |service| {
        vec![
            text(service, &["binary"]),
            text(service, &["host"]),
            text(service, &["zone"]),
            text(service, &["status"]),
            text(service, &["state"]),
            text(service, &["disabled_reason"]),
        ]
    }))
}

/// `true` in the client's JSON, `:-)` and `UP` in its tables.
fn yes_no(value: Option<&Value>) -> String {
    let yes = match value {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(word)) => match word.as_str() {
            ":-)" | "UP" | "True" | "true" => true,
            "XXX" | "DOWN" | "False" | "false" => false,
            _ => return String::new(),
        },
        _ => return String::new(),
    };
    if yes { "yes" } else { "no" }.to_owned()
}

pub(super) fn agents(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "a list of agents";
    let all = answer.json(what)?;
    let all = list(&all).ok_or(Trouble::Format(what))?;
    let table = rows(&["kind", "host", "alive", "admin"], all, |agent| {
        vec![
            text(agent, &["agent_type"]),
            text(agent, &["host"]),
            yes_no(field(agent, &["alive"])),
            yes_no(field(agent, &["admin_state_up", "state"])),
        ]
    });
    report.learn(keys::AGENTS, table);
    Ok(())
}

pub(super) fn speaker(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "a list of dynamic routing agents";
    let said = answer.ok()?.trim();
    let mut table = Table::new(&["host", "alive", "state"]);
    if said != "none" {
        // One list per speaker, one after the other.
        for all in serde_json::Deserializer::from_str(said).into_iter::<Value>() {
            let all = all.map_err(|_| Trouble::Format(what))?;
            for agent in list(&all).ok_or(Trouble::Format(what))? {
                table.push(vec![
                    text(agent, &["host"]),
                    yes_no(field(agent, &["alive"])),
                    yes_no(field(agent, &["state", "admin_state_up"])),
                ]);
            }
        }
    }
    report.learn(keys::SPEAKER_AGENTS, table);
    Ok(())
}

pub(super) fn broken(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "a list of instances";
    let all = answer.json(what)?;
    let all = list(&all).ok_or(Trouble::Format(what))?;
    // The services' own answer may hold others as well.
    let is_broken = |server: &&Value| {
        let status = text(server, &["status"]);
        status.is_empty() || status == "ERROR"
    };
    let broken: Vec<Value> = all.iter().filter(is_broken).cloned().collect();
    let table = rows(&["id", "name", "project"], &broken, |server| {
        let project = text(server, &["project", "project_id", "tenant_id"]);
        vec![text(server, &["id"]), text(server, &["name"]), project]
    });
    report.learn(keys::BROKEN_SERVERS, table);
    Ok(())
}

pub(super) fn bare_metal(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "a list of bare-metal nodes";
    let all = answer.json(what)?;
    let all = list(&all).ok_or(Trouble::Format(what))?;
    let columns = ["node", "provision", "power", "maintenance", "fault", "error", "since"];
    let table = rows(&columns, all, |node| {
        let name = text(node, &["name"]);
        vec![
            if name.is_empty() { text(node, &["uuid"]) } else { name },
            text(node, &["provisioning_state", "provision_state"]),
            text(node, &["power_state"]),
            yes_no(field(node, &["maintenance"])),
            text(node, &["fault"]),
            text(node, &["last_error"]),
            text(
                node,
                &["provision_updated_at", "provisioning_updated_at", "provision updated at"],
            ),
        ]
    });
    report.learn(keys::BARE_METAL, table);
    Ok(())
}
