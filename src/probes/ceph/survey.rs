//! How the cluster is set up.

use serde_json::Value;

use super::{items, rows};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::ceph::survey as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, SectionAnswer, Trouble, first_line, json_text, lines};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "fsid",
        program: "ceph fsid",
        script: "c fsid",
        needs: &[],
        keys: &[keys::FSID.info],
        read: fsid,
    },
    Section {
        name: "space",
        program: "ceph df",
        // What the manager last counted: without one it would be told as if it were new.
        script: "m df -f json",
        needs: &[],
        keys: &[keys::RAW_USED.info, keys::RAW_TOTAL.info, keys::POOL_USE.info],
        read: space,
    },
    Section {
        name: "modules",
        program: "ceph mgr module ls",
        script: "c mgr module ls -f json",
        needs: &[],
        keys: &[keys::MODULES.info],
        read: modules,
    },
    Section {
        name: "services",
        program: "ceph mgr services",
        script: "m mgr services -f json",
        needs: &[],
        keys: &[keys::SERVICES.info],
        read: services,
    },
    Section {
        name: "versions",
        program: "ceph versions",
        script: "c versions -f json",
        needs: &[],
        keys: &[keys::VERSIONS.info],
        read: versions,
    },
    Section {
        name: "digests",
        program: "ceph auth get-key",
        script: include_str!("../../../assets/probes/ceph/digests.sh"),
        needs: &[],
        keys: &[keys::CLIENT_DIGESTS.info],
        read: |answer, report| {
            report.learn(keys::CLIENT_DIGESTS, digests(answer)?);
            Ok(())
        },
    },
    Section {
        name: "devices",
        program: "ceph orch device ls",
        script: "m orch device ls --format json",
        needs: &[],
        keys: &[keys::DEVICES.info],
        read: devices,
    },
    Section {
        name: "crashes",
        program: "ceph crash ls-new",
        script: "m crash ls-new --format json",
        needs: &[],
        keys: &[keys::CRASHES.info],
        read: crashes,
    },
    Section {
        name: "gateway-spec",
        program: "ceph orch ls rgw --export",
        script: include_str!("../../../assets/probes/ceph/spec.sh"),
        needs: &[],
        keys: &[keys::GATEWAY_SPEC.info],
        read: gateway_spec,
    },
    Section {
        name: "gateway-admin",
        program: "radosgw-admin user info",
        script: include_str!("../../../assets/probes/ceph/admin.sh"),
        needs: &[],
        keys: &[keys::GATEWAY_ADMIN.info, keys::GATEWAY_ADMIN_KEYS.info],
        read: gateway_admin,
    },
    Section {
        name: "gateway-settings",
        program: "ceph config dump",
        script: include_str!("../../../assets/probes/ceph/settings.sh"),
        needs: &[],
        keys: &[keys::GATEWAY_SETTINGS.info],
        read: gateway_settings,
    },
];

pub(super) fn fsid(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let line = first_line(answer.ok()?);
    let groups: Vec<usize> = line.split('-').map(str::len).collect();
    let is_uuid =
        groups == [8, 4, 4, 4, 12] && line.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    if !is_uuid {
        return Err(Trouble::Format("a cluster's identity"));
    }
    report.learn(keys::FSID, line);
    Ok(())
}

pub(super) fn space(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let what = "the space of Ceph";
    let df = answer.json(what)?;
    let number = |at: &str| df.pointer(at).and_then(Value::as_f64);
    let total = number("/stats/total_bytes").ok_or(Trouble::Format(what))?;
    let share = number("/stats/total_used_raw_ratio").or_else(|| {
        let used = number("/stats/total_used_raw_bytes")?;
        (total > 0.0).then_some(used / total)
    });
    let share = share.filter(|share| share.is_finite()).ok_or(Trouble::Format(what))?;
    if total <= 0.0 {
        return Err(Trouble::Format("the space of a cluster with OSDs"));
    }
    report.learn(keys::RAW_TOTAL, total);
    report.learn(keys::RAW_USED, share * 100.0);
    let table = rows(&["pool", "used", "available"], items(df.get("pools")), |pool| {
        let used = pool.pointer("/stats/percent_used").and_then(Value::as_f64);
        vec![
            json_text(pool.get("name")),
            used.map(|used| format!("{:.1}", used * 100.0)).unwrap_or_default(),
            json_text(pool.pointer("/stats/max_avail")),
        ]
    });
    report.learn(keys::POOL_USE, table);
    Ok(())
}

pub(super) fn modules(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = answer.json("the list of the manager's modules")?;
    let enabled = all.get("enabled_modules").and_then(Value::as_array);
    let enabled = enabled.ok_or(Trouble::Format("the list of the manager's modules"))?;
    let always = items(all.get("always_on_modules"));
    report.learn(keys::MODULES, enabled.iter().chain(always).map(|m| json_text(Some(m))).collect());
    Ok(())
}

pub(super) fn services(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = answer.json("the services of the manager")?;
    let all = all.as_object().ok_or(Trouble::Format("the services of the manager"))?;
    let mut table = Table::new(&["service", "url"]);
    for (name, url) in all.iter().take(super::MOST_ROWS) {
        table.push(vec![printable(name), json_text(Some(url))]);
    }
    report.learn(keys::SERVICES, table);
    Ok(())
}

pub(super) fn versions(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = answer.json("the versions of the daemons")?;
    let overall = all.get("overall").and_then(Value::as_object);
    let overall = overall.ok_or(Trouble::Format("the versions of the daemons"))?;
    let mut table = Table::new(&["version", "daemons"]);
    for (version, count) in overall.iter().take(super::MOST_ROWS) {
        // `ceph version 20.2.1 (…) tentacle (stable)`: the number tells them apart.
        let short = version.strip_prefix("ceph version ").unwrap_or(version);
        let short = short.split(" (").next().unwrap_or(short);
        table.push(vec![printable(short), json_text(Some(count))]);
    }
    report.learn(keys::VERSIONS, table);
    Ok(())
}

/// Lines `CLIENT DIGEST`.
pub(super) fn digests(answer: &SectionAnswer<'_>) -> Result<Table, Trouble> {
    let mut table = Table::new(&["client", "digest"]);
    for line in lines(answer.ok()?) {
        if let Some((client, digest)) = line.split_once(' ')
            && digest.len() == 16
            && digest.chars().all(|c| c.is_ascii_hexdigit())
        {
            table.push(vec![client.to_owned(), digest.to_owned()]);
        }
    }
    Ok(table)
}

pub(super) fn devices(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let hosts = answer.json("the list of disks")?;
    let hosts = hosts.as_array().ok_or(Trouble::Format("the list of disks"))?;
    let mut table = Table::new(&["host", "path", "available", "rejected", "osds"]);
    for host in hosts {
        for device in items(host.get("devices")).take(super::MOST_ROWS) {
            let osds: Vec<String> =
                items(device.get("lvs")).map(|lv| json_text(lv.get("osd_id"))).collect();
            let reasons: Vec<String> =
                items(device.get("rejected_reasons")).map(|why| json_text(Some(why))).collect();
            let name = host.get("name").or_else(|| host.get("addr"));
            table.push(vec![
                json_text(name),
                json_text(device.get("path")),
                json_text(device.get("available")),
                reasons.join(", "),
                osds.join(" "),
            ]);
        }
    }
    report.learn(keys::DEVICES, table);
    Ok(())
}

pub(super) fn crashes(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let crashes = answer.json("the list of crashes")?;
    let crashes = crashes.as_array().ok_or(Trouble::Format("the list of crashes"))?;
    let table = rows(&["daemon", "at"], crashes.iter(), |crash| {
        let name = crash.get("entity_name").or_else(|| crash.get("utsname_hostname"));
        vec![json_text(name), json_text(crash.get("timestamp"))]
    });
    report.learn(keys::CRASHES, table);
    Ok(())
}

pub(super) fn gateway_spec(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut said = Vec::new();
    for line in lines(answer.ok()?) {
        match line.trim().split_once(':') {
            Some(("ssl", value)) if value.trim() == "true" => said.push("ssl".to_owned()),
            Some(("rgw_frontend_ssl_certificate", value)) if !value.trim().is_empty() => {
                said.push("certificate".to_owned());
            }
            _ => {}
        }
    }
    report.learn(keys::GATEWAY_SPEC, said);
    Ok(())
}

pub(super) fn gateway_admin(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let columns = ["capability", "permission"];
    // That there is no such user is an answer.
    if answer.status != 0 && answer.stderr.contains("no user info saved") {
        report.learn(keys::GATEWAY_ADMIN, Table::new(&columns));
        report.learn(keys::GATEWAY_ADMIN_KEYS, Vec::new());
        return Ok(());
    }
    let user = answer.json("a gateway user")?;
    if user.get("user_id").and_then(Value::as_str).is_none() {
        return Err(Trouble::Format("a gateway user"));
    }
    let caps = items(user.get("caps"));
    let table =
        rows(&columns, caps, |cap| vec![json_text(cap.get("type")), json_text(cap.get("perm"))]);
    report.learn(keys::GATEWAY_ADMIN, table);
    let digests = items(user.get("digests")).map(|digest| json_text(Some(digest)));
    report.learn(keys::GATEWAY_ADMIN_KEYS, digests.collect());
    Ok(())
}

pub(super) fn gateway_settings(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let settings = answer.json("the gateways' settings")?;
    let settings = settings.as_array().ok_or(Trouble::Format("the gateways' settings"))?;
    let table = rows(&["setting", "value"], settings.iter(), |setting| {
        let name = json_text(setting.get("name"));
        let value = json_text(setting.get("value"));
        // The script has taken it out already; nothing that looks like it becomes a fact.
        let is_secret = name.contains("password") && !value.is_empty();
        let value = if is_secret { "set".to_owned() } else { value };
        vec![name, value]
    });
    report.learn(keys::GATEWAY_SETTINGS, table);
    Ok(())
}
