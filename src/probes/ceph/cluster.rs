//! What the monitors say.

use serde_json::Value;

use super::{items, rows};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::Word;
use crate::domain::keys::ceph as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, SectionAnswer, Trouble, json_text, lines, yes_or_no};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "ports",
        program: "bash",
        script: include_str!("../../../assets/probes/ceph/ports.sh"),
        needs: &["MONITORS"],
        keys: &[keys::MONITOR_PORTS.info],
        read: ports,
    },
    Section {
        name: "status",
        program: "ceph status",
        script: "c status -f json",
        needs: &[],
        keys: &[
            keys::HEALTH.info,
            keys::HEALTH_CHECKS.info,
            keys::QUORUM_AGE.info,
            keys::MANAGER_ACTIVE.info,
            keys::OSDS_KNOWN.info,
            keys::OSDS_UP.info,
            keys::OSDS_IN.info,
        ],
        read: status,
    },
    Section {
        name: "quorum",
        program: "ceph quorum_status",
        script: "c quorum_status -f json",
        needs: &[],
        keys: &[keys::MONITORS.info],
        read: quorum,
    },
    Section {
        name: "osds",
        program: "ceph osd tree",
        script: "c osd tree -f json",
        needs: &[],
        keys: &[keys::OSDS.info],
        read: osds,
    },
    Section {
        name: "pools",
        program: "ceph osd pool ls detail",
        script: "c osd pool ls detail -f json",
        needs: &[],
        keys: &[keys::POOLS.info],
        read: pools,
    },
    Section {
        name: "flags",
        program: "ceph osd dump",
        script: "c osd dump -f json",
        needs: &[],
        keys: &[keys::FLAGS.info],
        read: flags,
    },
];

pub(super) fn ports(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table = Table::new(&["address", "answer"]);
    for line in lines(answer.ok()?) {
        if let Some((address, word)) = line.split_once(' ') {
            table.push(vec![address.to_owned(), word.to_owned()]);
        }
    }
    table.rows.sort();
    report.learn(keys::MONITOR_PORTS, table);
    Ok(())
}

/// A session that was open before may be served by a monitor that is still
/// electing: what such an answer says is the past, and is no fact.
pub(super) fn status(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let status = answer.json("the status of Ceph")?;
    let health = status.get("health").ok_or(Trouble::Format("the status of Ceph"))?;
    let word = health.get("status").and_then(Value::as_str);
    let word = word.filter(|word| keys::HEALTH.info.words.contains(word));
    let word = word.ok_or(Trouble::Format("a health of Ceph"))?;
    if status.get("quorum").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        return Err(Trouble::Format("the word of a quorum: the monitors are electing"));
    }
    report.learn(keys::HEALTH, Word(word.to_owned()));
    report.learn(keys::HEALTH_CHECKS, checks(health));
    let number = |at: &str| status.pointer(at).and_then(Value::as_f64);
    for (key, at) in [
        (keys::QUORUM_AGE, "/quorum_age"),
        (keys::OSDS_KNOWN, "/osdmap/num_osds"),
        (keys::OSDS_UP, "/osdmap/num_up_osds"),
        (keys::OSDS_IN, "/osdmap/num_in_osds"),
    ] {
        // Before Nautilus the map lay one level deeper.
        let deeper = at.replace("/osdmap/", "/osdmap/osdmap/");
        if let Some(number) = number(at).or_else(|| number(&deeper)) {
            report.learn(key, number);
        }
    }
    if let Some(active) = status.pointer("/mgrmap/available").and_then(Value::as_bool) {
        report.learn(keys::MANAGER_ACTIVE, yes_or_no(active));
    }
    Ok(())
}

/// The checks by their codes: a map in the command's answer, a list in the dashboard's.
fn checks(health: &Value) -> Table {
    let columns = ["code", "severity", "count", "muted", "message"];
    let row = |code: &str, check: &Value| {
        let muted = check.get("muted").and_then(Value::as_bool).unwrap_or(false);
        vec![
            printable(code),
            json_text(check.get("severity")),
            json_text(check.pointer("/summary/count")),
            if muted { "yes" } else { "no" }.to_owned(),
            json_text(check.pointer("/summary/message")),
        ]
    };
    let mut table = Table::new(&columns);
    match health.get("checks") {
        Some(Value::Object(checks)) => {
            checks.iter().for_each(|(code, check)| table.push(row(code, check)));
        }
        list => items(list).for_each(|check| {
            table.push(row(check.get("type").and_then(Value::as_str).unwrap_or(""), check));
        }),
    }
    table
}

pub(super) fn quorum(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "the quorum of Ceph";
    let quorum = answer.json(what)?;
    let names: Vec<String> =
        items(quorum.get("quorum_names")).map(|name| json_text(Some(name))).collect();
    let map = quorum.pointer("/monmap/mons").and_then(Value::as_array);
    let map = map.ok_or(Trouble::Format(what))?;
    let table = rows(&["monitor", "quorum", "address"], map.iter(), |mon| {
        let name = json_text(mon.get("name"));
        let address = mon.get("public_addr").or_else(|| mon.get("addr"));
        let address = json_text(address);
        let address = address.split('/').next().unwrap_or_default().to_owned();
        let is_in = if names.contains(&name) { "yes" } else { "no" };
        vec![name, is_in.to_owned(), address]
    });
    report.learn(keys::MONITORS, table);
    Ok(())
}

pub(super) fn osds(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let tree = answer.json("the tree of OSDs")?;
    let nodes = tree.get("nodes").and_then(Value::as_array);
    let nodes = nodes.ok_or(Trouble::Format("the tree of OSDs"))?;
    let is = |node: &&Value, kind: &str| node.get("type").and_then(Value::as_str) == Some(kind);
    let host_of = |id: Option<&Value>| {
        let mut hosts = nodes.iter().filter(|node| is(node, "host"));
        let host = hosts.find(|host| items(host.get("children")).any(|child| Some(child) == id));
        json_text(host.and_then(|host| host.get("name")))
    };
    let stray = items(tree.get("stray"));
    let all = nodes.iter().chain(stray).filter(|node| is(node, "osd"));
    let table = rows(&["osd", "host", "status", "reweight", "class"], all, |osd| {
        vec![
            json_text(osd.get("name")),
            host_of(osd.get("id")),
            json_text(osd.get("status")),
            json_text(osd.get("reweight")),
            json_text(osd.get("device_class")),
        ]
    });
    report.learn(keys::OSDS, table);
    Ok(())
}

pub(super) fn pools(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let pools = answer.json("the list of pools")?;
    let pools = pools.as_array().ok_or(Trouble::Format("the list of pools"))?;
    const COLUMNS: [&str; 9] = [
        "pool",
        "size",
        "min_size",
        "pg_num",
        "pg_num_target",
        "pg_placement_num",
        "pg_placement_num_target",
        "autoscale",
        "applications",
    ];
    let table = rows(&COLUMNS, pools.iter(), |pool| {
        let mut row: Vec<String> = ["pool_name"]
            .iter()
            .chain(COLUMNS.get(1..7).unwrap_or_default())
            .chain(&["pg_autoscale_mode"])
            .map(|name| json_text(pool.get(*name)))
            .collect();
        let used = pool.get("application_metadata").and_then(Value::as_object);
        let used: Vec<String> =
            used.into_iter().flatten().map(|(name, _)| printable(name)).collect();
        row.push(used.join(" "));
        row
    });
    report.learn(keys::POOLS, table);
    Ok(())
}

pub(super) fn flags(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let map = answer.json("the map of OSDs")?;
    let flags: Vec<String> = match (map.get("flags_set"), map.get("flags")) {
        (Some(set @ Value::Array(_)), _) => {
            items(Some(set)).map(|flag| json_text(Some(flag))).collect()
        }
        (_, Some(Value::String(all))) => all.split(',').map(printable).collect(),
        _ => return Err(Trouble::Format("the map of OSDs")),
    };
    report.learn(keys::FLAGS, flags);
    Ok(())
}
