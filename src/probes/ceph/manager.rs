//! What only the active manager says.

use serde_json::Value;

use super::{items, joined, rows};
use crate::domain::Report;
use crate::domain::keys::ceph::manager as keys;
use crate::probes::documented::{Section, SectionAnswer, Trouble, json_text};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "pgs",
        program: "ceph pg stat",
        script: "m pg stat -f json",
        needs: &[],
        keys: &[keys::PGS.info, keys::DEGRADED.info, keys::MISPLACED.info, keys::RECOVERY.info],
        read: pgs,
    },
    Section {
        name: "undersized",
        program: "ceph pg dump_stuck",
        script: "m pg dump_stuck undersized 1800 -f json",
        needs: &[],
        keys: &[keys::UNDERSIZED.info],
        read: undersized,
    },
    Section {
        name: "latency",
        program: "ceph osd perf",
        script: "m osd perf -f json",
        needs: &[],
        keys: &[keys::OSD_LATENCY.info],
        read: latency,
    },
    Section {
        name: "orch-hosts",
        program: "ceph orch host ls",
        script: "m orch host ls --format json",
        needs: &[],
        keys: &[keys::ORCH_HOSTS.info],
        read: hosts,
    },
    Section {
        name: "orch-daemons",
        program: "ceph orch ps",
        script: "m orch ps --format json",
        needs: &[],
        keys: &[keys::DAEMONS.info],
        read: daemons,
    },
    Section {
        name: "orch-gateways",
        program: "ceph orch ls rgw",
        script: "m orch ls rgw --format json",
        needs: &[],
        keys: &[keys::GATEWAYS.info],
        read: gateways,
    },
];

pub(super) fn pgs(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "a count of placement groups";
    let stat = answer.json(what)?;
    let summary = stat.get("pg_summary").unwrap_or(&stat);
    let states = summary.get("num_pg_by_state").and_then(Value::as_array);
    let states = states.ok_or(Trouble::Format(what))?;
    let is_ready = stat.get("pg_ready").and_then(Value::as_bool).unwrap_or(true);
    if !is_ready {
        return Err(Trouble::Format("a count yet: the manager has no reports of the OSDs"));
    }
    let table = rows(&["state", "count"], states.iter(), |state| {
        vec![json_text(state.get("name")), json_text(state.get("num"))]
    });
    report.learn(keys::PGS, table);
    // What is nothing is left out of the answer.
    let number = |name: &str| summary.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    report.learn(keys::DEGRADED, number("degraded_objects"));
    report.learn(keys::MISPLACED, number("misplaced_objects"));
    report.learn(keys::RECOVERY, number("recovering_objects_per_sec"));
    Ok(())
}

pub(super) fn undersized(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let text = answer.ok()?.trim();
    // Plain words where nothing is stuck: `ok`.
    let stuck: Value = match text {
        "" | "ok" => Value::Null,
        _ => answer.json("a list of placement groups")?,
    };
    let list = stuck.get("stuck_pg_stats").or(Some(&stuck));
    let groups = items(list).map(|group| json_text(group.get("pgid")));
    report.learn(keys::UNDERSIZED, groups.take(super::MOST_ROWS).collect());
    Ok(())
}

pub(super) fn latency(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let perf = answer.json("the latency of OSDs")?;
    let infos = perf.pointer("/osdstats/osd_perf_infos").or_else(|| perf.get("osd_perf_infos"));
    let infos = infos.and_then(Value::as_array);
    let infos = infos.ok_or(Trouble::Format("the latency of OSDs"))?;
    let mut table = rows(&["osd", "apply_ms", "commit_ms"], infos.iter(), |info| {
        vec![
            format!("osd.{}", json_text(info.get("id"))),
            json_text(info.pointer("/perf_stats/apply_latency_ms")),
            json_text(info.pointer("/perf_stats/commit_latency_ms")),
        ]
    });
    table.rows.sort();
    report.learn(keys::OSD_LATENCY, table);
    Ok(())
}

/// The list that an orchestrator's command prints; nothing at all is no list.
fn list(answer: &SectionAnswer<'_>, what: &'static str) -> Result<Vec<Value>, Trouble> {
    // A few releases say in words that there is none.
    if answer.ok()?.trim().starts_with("No services reported") {
        return Ok(Vec::new());
    }
    match answer.json(what)? {
        Value::Array(items) => Ok(items),
        _ => Err(Trouble::Format(what)),
    }
}

pub(super) fn hosts(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let hosts = list(answer, "the list of the orchestrator's hosts")?;
    let table = rows(&["host", "address", "labels", "status"], hosts.iter(), |host| {
        vec![
            json_text(host.get("hostname")),
            json_text(host.get("addr")),
            joined(host.get("labels")),
            json_text(host.get("status")),
        ]
    });
    report.learn(keys::ORCH_HOSTS, table);
    Ok(())
}

pub(super) fn daemons(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let daemons = list(answer, "the list of the orchestrator's daemons")?;
    let columns = ["daemon", "host", "status", "version", "refreshed"];
    let table = rows(&columns, daemons.iter(), |daemon| {
        let text = |name: &str| json_text(daemon.get(name));
        vec![
            format!("{}.{}", text("daemon_type"), text("daemon_id")),
            text("hostname"),
            text("status_desc"),
            text("version"),
            text("last_refresh"),
        ]
    });
    report.learn(keys::DAEMONS, table);
    Ok(())
}

pub(super) fn gateways(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let services = list(answer, "the list of gateway services")?;
    let columns = ["service", "running", "size", "hosts", "port"];
    let table = rows(&columns, services.iter(), |service| {
        let port = service.pointer("/spec/rgw_frontend_port");
        let port = port.or_else(|| service.pointer("/status/ports/0"));
        vec![
            json_text(service.get("service_name")),
            json_text(service.pointer("/status/running")),
            json_text(service.pointer("/status/size")),
            joined(service.pointer("/placement/hosts")),
            json_text(port),
        ]
    });
    report.learn(keys::GATEWAYS, table);
    Ok(())
}
