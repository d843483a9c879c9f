//! V-OBS, V-SNMP and V-REF: monitoring, and references between parts of the inventory.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::forms;
use super::reading::At;
use super::structure::nearest;
use super::view::{View, list_or_one, text};
use crate::inventory::Kind;

const STORAGE: &str = "phoenix_observability_storage";

fn storage(view: &View<'_>, out: &mut Findings<'_>) -> Option<String> {
    match view.site(STORAGE) {
        Some(at) => out.text(Some(at), STORAGE),
        None => view.default_of(STORAGE),
    }
}

/// V-OBS-01: storage on Ceph has its monitors and gateways, and stays what it was.
pub fn storage_backend_is_possible(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(backend) = storage(view, out) else { return };
    let place = view.site(STORAGE).map_or_else(|| view.file(), |at| at.place().clone());
    if backend == "ceph" {
        for name in ["ceph_mon_hosts", "ceph_rgw_hosts"] {
            if view.site(name).is_none_or(At::is_empty) {
                let sentence = format!("observability stores on Ceph and {name} is not set");
                out.broken(&place, sentence, "name them, or store locally");
            }
        }
    }
    // Before the first deployment nothing can differ from it.
    if view.case.progress.is_done("SW-4.2") == Ok(false) {
        return;
    }
    match view.case.facts.observability_storage.get() {
        Ok(Some(first)) if *first != backend => {
            let first = crate::domain::untrusted::printable(first);
            let sentence = format!("{STORAGE} is {backend}, the first deployment used {first}");
            out.broken(
                &place,
                sentence,
                "a change is a migration that loses metrics and logs (IL-24)",
            );
        }
        Ok(_) => {}
        Err(cause) => out.unknown(
            &place,
            cause,
            format!("whether {STORAGE} is that of the first deployment is not known"),
            "look at the storage class of the running volumes, if there are any",
        ),
    }
}

/// V-OBS-02: local storage is not made for long retention.
pub fn local_storage_is_short(view: &View<'_>, out: &mut Findings<'_>) {
    const WEEK: f64 = 604_800.0;
    if storage(view, out).as_deref() != Some("local") {
        return;
    }
    for name in ["prometheus_retention_period", "loki_retention_period"] {
        let Some(at) = view.site(name) else { continue };
        let Some(said) = out.text(Some(at), name) else { continue };
        if forms::duration_seconds(&said).is_some_and(|seconds| seconds > WEEK) {
            let sentence = format!("{name} is {said} on local storage");
            out.broken(at.place(), sentence, "keep at most 7 days there, or store on Ceph");
        }
    }
}

/// V-OBS-03: thresholds are in the catalogue, percents are percents.
pub fn thresholds_are_known(view: &View<'_>, out: &mut Findings<'_>) {
    for root in ["phoenix_observability_alerts", "phoenix_observability_slis"] {
        let Some(at) = view.site(root) else { continue };
        let known: Vec<&str> = view.case.variables.below(root).map(|v| v.name.as_str()).collect();
        judge_thresholds(view, root, at, &known, out);
    }
}

fn judge_thresholds(
    view: &View<'_>,
    path: &str,
    at: At<'_>,
    known: &[&str],
    out: &mut Findings<'_>,
) {
    if at.resolved().node.is_template() {
        out.text(Some(at), path);
        return;
    }
    for (key, value) in at.entries() {
        let path = format!("{path}.{key}");
        let below = format!("{path}.");
        if known.iter().any(|name| name.starts_with(&below)) {
            judge_thresholds(view, &path, value, known, out);
        } else if !known.contains(&path.as_str()) {
            let hint = match nearest(&path, known.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => "the catalogue has no such key".to_owned(),
            };
            out.broken(
                value.place(),
                format!("{path} is not known and would be silently ignored"),
                &hint,
            );
        } else if is_percent(view, &path)
            && let Some(number) = out.read(value, value.text(), &path)
            && let Ok(number) = number.trim().parse::<f64>()
            && !(0.0..=100.0).contains(&number)
        {
            out.broken(value.place(), format!("{path} is {number}, a percentage is 0 to 100"), "");
        }
    }
}

fn is_percent(view: &View<'_>, path: &str) -> bool {
    let mut rows = view.case.variables.variables().iter();
    rows.any(|variable| variable.name == path && variable.rule.starts_with("percent"))
}

/// V-SNMP-01: privacy needs its protocol, AES, and its password.
pub fn privacy_is_complete(view: &View<'_>, out: &mut Findings<'_>) {
    for auth in view.site("snmp_auths").into_iter().flat_map(At::items) {
        let level = out.text(auth.get("security_level"), "security_level");
        if level.as_deref() != Some("authPriv") {
            continue;
        }
        let name = text(auth, "name").unwrap_or_default();
        for key in ["priv_protocol", "priv_password"] {
            if auth.get(key).is_none_or(At::is_empty) {
                let sentence = format!("{name} is authPriv and has no {key}");
                out.broken(
                    auth.place(),
                    sentence,
                    "authPriv needs priv_protocol AES and priv_password",
                );
            }
        }
        if let Some(at) = auth.get("priv_protocol").filter(|at| !at.is_empty())
            && let Some(protocol) = out.text(Some(at), "priv_protocol")
            && !protocol.to_ascii_uppercase().starts_with("AES")
        {
            out.broken(at.place(), format!("priv_protocol of {name} is {protocol}"), "use AES");
        }
    }
}

/// Names in a key of each entry of a list or mapping.
fn names_of(at: Option<At<'_>>) -> BTreeSet<String> {
    at.into_iter().flat_map(At::each).filter_map(|entry| text(entry, "name")).collect()
}

/// V-REF-01: names that refer to other entries exist.
pub fn references_resolve(view: &View<'_>, out: &mut Findings<'_>) {
    judge_list(view, "ipmi_targets", "module", "ipmi_exporter_modules", out);
    judge_list(view, "snmp_targets", "auth", "snmp_auths", out);
    for controller in view.members("hedgehog_control") {
        let names = |path: &str| names_of(controller.at(path));
        let switches = names("hedgehog_switches");
        let servers = names("hedgehog_servers");
        let namespaces = names("hedgehog_vlan_namespaces");
        for (key, switch) in controller.at("hedgehog_switches").into_iter().flat_map(At::entries) {
            for at in switch.get("vlan_namespaces").into_iter().flat_map(list_or_one) {
                refer(key, at, &namespaces, "hedgehog_vlan_namespaces", out);
            }
        }
        for kind in super::links::KINDS {
            let Some(at) = controller.at(kind) else { continue };
            judge_connections(at, &switches, &servers, out);
        }
    }
}

fn judge_list(view: &View<'_>, list: &str, key: &str, of: &str, out: &mut Findings<'_>) {
    let known = names_of(view.site(of));
    for entry in view.site(list).into_iter().flat_map(At::items) {
        if let Some(at) = entry.get(key) {
            let name = text(entry, "name").unwrap_or_else(|| list.to_owned());
            refer(&name, at, &known, of, out);
        }
    }
}

/// Every `switch` and `server` anywhere in a kind of connection.
fn judge_connections(
    at: At<'_>,
    switches: &BTreeSet<String>,
    servers: &BTreeSet<String>,
    out: &mut Findings<'_>,
) {
    for inner in at.items() {
        judge_connections(inner, switches, servers, out);
    }
    for (key, value) in at.entries() {
        match key {
            "switch" => refer("a connection", value, switches, "hedgehog_switches", out),
            "server" => refer("a connection", value, servers, "hedgehog_servers", out),
            _ if matches!(value.node.kind, Kind::Map(_) | Kind::List(_)) => {
                judge_connections(value, switches, servers, out);
            }
            _ => {}
        }
    }
}

fn refer(who: &str, at: At<'_>, known: &BTreeSet<String>, of: &str, out: &mut Findings<'_>) {
    let Some(name) = out.read(at, at.text(), "a reference") else { return };
    if !known.contains(&name) {
        let hint = match nearest(&name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("add it to {of}"),
        };
        out.broken(at.place(), format!("{who} refers to {name}, which is not in {of}"), &hint);
    }
}
