//! Ceph's own word, its monitors, its flags, its crashes.

use super::{LOOK, Ports, SURVEY, believed, expected_lines, on_cluster, short};
use crate::checks::hosts::{Row, and_list, rows};
use crate::checks::judging::{self, NotKnown, Reading, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph as keys;
use crate::domain::keys::ceph::{manager, survey};
use crate::domain::{Cause, CauseWord, Judgement, wanted};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "CEPH-01", applies: on_cluster, probes: LOOK, judge: health },
    Rule { id: "CEPH-02", applies: on_cluster, probes: LOOK, judge: monitors },
    Rule { id: "CEPH-12", applies: on_cluster, probes: LOOK, judge: flags },
    Rule { id: "CEPH-17", applies: on_cluster, probes: SURVEY, judge: crashes },
];

/// What a health check means for those who use the cluster, worst first.
const IMPACTS: [(&str, &[&str]); 5] = [
    (
        "access",
        &[
            "OSD_FULL",
            "OSD_SCRUB_ERRORS",
            "PG_DAMAGED",
            "PG_AVAILABILITY",
            "OBJECT_UNFOUND",
            "PG_RECOVERY_FULL",
            "POOL_FULL",
            "OSD_TOO_MANY_REPAIRS",
            "OSD_UNREACHABLE",
            "MDS_ALL_DOWN",
            "FS_DEGRADED",
            "MDS_DAMAGE",
        ],
    ),
    (
        "redundancy",
        &[
            "OSD_DOWN",
            "OSD_HOST_DOWN",
            "PG_DEGRADED",
            "POOL_NO_REDUNDANCY",
            "TOO_FEW_OSDS",
            "OSD_NO_DOWN_OUT_INTERVAL",
            "DEVICE_HEALTH",
        ],
    ),
    (
        "space",
        &[
            "OSD_NEARFULL",
            "OSD_BACKFILLFULL",
            "POOL_NEARFULL",
            "POOL_BACKFILLFULL",
            "OSD_OUT_OF_ORDER_FULL",
        ],
    ),
    (
        "control",
        &[
            "MON_DOWN",
            "MON_CLOCK_SKEW",
            "MON_DISK_LOW",
            "MON_DISK_CRIT",
            "MGR_DOWN",
            "MGR_MODULE_ERROR",
            "MGR_MODULE_DEPENDENCY",
            "RECENT_CRASH",
        ],
    ),
    ("speed", &["SLOW_OPS", "OSD_SLOW_PING_TIME_BACK", "OSD_SLOW_PING_TIME_FRONT"]),
];

/// What the worst of these checks means; `housekeeping` for all others.
fn impact<'c>(codes: impl Iterator<Item = &'c str> + Clone) -> &'static str {
    let worst = IMPACTS.iter().find(|(_, of)| codes.clone().any(|code| of.contains(&code)));
    worst.map_or("housekeeping", |(word, _)| word)
}

fn health(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let word = read.value(keys::HEALTH)?;
        let checks = read.value(keys::HEALTH_CHECKS)?;
        believed(read)?;
        let name = read.name();
        let raised: Vec<Row<'_>> =
            rows(&checks).filter(|check| check.get("muted") != "yes").collect();
        let codes: Vec<&str> = raised.iter().map(|check| check.get("code")).collect();
        let said =
            if codes.is_empty() { "without saying why".to_owned() } else { and_list(&codes) };
        let ruling = match word.0.as_str() {
            "HEALTH_OK" => Ruling::pass(format!("{name} calls itself healthy")),
            "HEALTH_WARN" => Ruling::warn(format!("{name} warns: {said}")),
            _ => Ruling::fail(format!("{name} calls itself broken: {said}")),
        };
        let ruling = match word.0.as_str() {
            "HEALTH_OK" => ruling,
            _ => ruling.because(impact(codes.iter().copied())),
        };
        Ok(rows(&checks).fold(ruling, |ruling, check| {
            let muted = if check.get("muted") == "yes" { " (muted)" } else { "" };
            ruling.showing(check.get("code"), format!("{}{muted}", check.get("message")))
        }))
    })
}

/// What can be said when no monitor answered: the ports tell a cluster without
/// a quorum from a network without a way.
fn without_quorum(read: &mut Reading<'_>, cause: &Cause) -> Result<Ruling, NotKnown> {
    let ports = Ports::of(read);
    let (alive, dead, tried) = (ports.alive.len(), ports.dead.len(), ports.tried);
    if alive + dead == 0 {
        return Err(NotKnown::from_cause(cause));
    }
    let name = read.name();
    let ruling = if ports.exclude_a_quorum() {
        Ruling::fail(format!("{name} has no quorum: {alive} of {tried} monitors live"))
    } else {
        Ruling::fail(format!("{name} has no quorum, though {alive} of {tried} monitors live"))
    };
    let ruling = ruling.caused_by(cause.word.clone()).because("no-quorum");
    let shown = |addresses: &[String]| {
        if addresses.is_empty() { "none".to_owned() } else { addresses.join(", ") }
    };
    Ok(ruling
        .showing("port 3300 greets", shown(&ports.alive))
        .showing("silent or closed", shown(&ports.dead)))
}

fn monitors(case: &Case<'_>) -> Judgement {
    let planned = expected_lines(case, wanted::CEPH_MONITORS);
    judging::judge(case, |read| {
        let trouble = read.observe(keys::MONITORS).trouble;
        if let Some(cause) =
            trouble.filter(|cause| cause.word == CauseWord::System("no-quorum".into()))
        {
            return without_quorum(read, &cause);
        }
        let monitors = read.value(keys::MONITORS)?;
        let name = read.name();
        let all: Vec<Row<'_>> = rows(&monitors).collect();
        let (inside, outside): (Vec<_>, Vec<_>) =
            all.iter().partition(|monitor| monitor.get("quorum") == "yes");
        let known = |name: &&&str| all.iter().any(|m| short(m.get("monitor")) == short(name));
        let absent = planned.iter().filter(|name| !known(name)).copied();
        let missing: Vec<&str> =
            outside.iter().map(|monitor: &&Row<'_>| monitor.get("monitor")).chain(absent).collect();
        let count = all.len();
        let ports = Ports::of(read);
        let ruling = if inside.len() * 2 <= count || ports.exclude_a_quorum() {
            let lost = if ports.exclude_a_quorum() { ports.dead.len() } else { outside.len() };
            Ruling::fail(format!("{name} has lost its quorum: {lost} of {count} monitors are out"))
                .because("no-quorum")
        } else if count < 3 || count.is_multiple_of(2) {
            Ruling::fail(format!(
                "{name} has {count} monitors, an odd number of three or more is needed"
            ))
        } else if !missing.is_empty() {
            Ruling::warn(format!("{name} lacks {} in its quorum", and_list(&missing)))
        } else {
            Ruling::pass(format!("the {count} monitors of {name} have a quorum"))
        };
        Ok(all.iter().fold(ruling, |ruling, monitor| {
            let state = if monitor.get("quorum") == "yes" { "in the quorum" } else { "out" };
            ruling.showing(monitor.get("monitor"), format!("{state}, {}", monitor.get("address")))
        }))
    })
}

/// Flags that somebody sets for a while and has to take back.
const FLAGS: [&str; 11] = [
    "noout",
    "nobackfill",
    "norebalance",
    "norecover",
    "noscrub",
    "nodeep-scrub",
    "pause",
    "pauserd",
    "pausewr",
    "nodown",
    "noup",
];

fn flags(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let set = read.value(keys::FLAGS)?;
        let name = read.name();
        let left: Vec<&str> =
            set.iter().map(String::as_str).filter(|flag| FLAGS.contains(flag)).collect();
        // The orchestrator knows which host somebody has put aside.
        let hosts = read.observe(manager::ORCH_HOSTS);
        let maintained = hosts.fresh().and_then(|hosts| {
            let mut hosts = rows(hosts);
            hosts
                .find(|host| host.get("status") == "maintenance")
                .map(|host| host.get("host").to_owned())
        });
        let paused = left.iter().any(|flag| flag.starts_with("pause"));
        let said = and_list(&left);
        let ruling = match maintained {
            _ if left.is_empty() => Ruling::pass(format!("{name} has no flag left over")),
            _ if paused => {
                Ruling::fail(format!("{name} is paused: nothing can be read or written ({said})"))
                    .because("access")
            }
            Some(host) => {
                Ruling::warn(format!("{name} has {said} set while {host} is in maintenance"))
            }
            None => Ruling::fail(format!("{name} has {said} set, and no host is in maintenance")),
        };
        Ok(ruling.showing("flags_set", set.join(", ")))
    })
}

fn crashes(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::CRASHES, |read, crashes| {
        let name = read.name();
        let count = crashes.rows.len();
        if count == 0 {
            return Ruling::pass(format!("{name} has no new crash"));
        }
        let mut daemons: Vec<&str> = rows(&crashes).map(|crash| crash.get("daemon")).collect();
        daemons.sort_unstable();
        daemons.dedup();
        let ruling =
            Ruling::warn(format!("{name} has {count} new crashes, of {}", and_list(&daemons)));
        rows(&crashes)
            .fold(ruling, |ruling, crash| ruling.showing(crash.get("daemon"), crash.get("at")))
    })
}
