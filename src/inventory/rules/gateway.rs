//! V-RGW: the object gateway.

use super::ceph::storage_addresses;
use super::findings::Findings;
use super::reading::At;
use super::view::{View, text};

fn tls_switch<'v>(view: &'v View<'_>, out: &mut Findings<'_>) -> Option<At<'v>> {
    let at = view.site("ceph_rgw_tls_enabled")?;
    (out.read(at, at.bool(), "ceph_rgw_tls_enabled") == Some(true)).then_some(at)
}

/// V-RGW-01: with TLS on, name, hosts and certificate are there.
pub fn tls_is_complete(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(enabled) = tls_switch(view, out) else { return };
    for name in ["ceph_rgw_tls_cn", "ceph_rgw_hosts"] {
        if view.site(name).is_none_or(|at| at.is_empty()) {
            let sentence = format!("ceph_rgw_tls_enabled is on and {name} is not set");
            out.broken(
                enabled.place(),
                sentence,
                "the certificate needs a name and the gateways' addresses",
            );
        }
    }
    for file in ["assets/ceph/rgw-tls.crt", "assets/ceph/rgw-tls.key"] {
        match view.case.facts.files.get(file) {
            Ok(Some(_)) => {}
            Ok(None) => {
                let sentence = format!("ceph_rgw_tls_enabled is on and {file} is not there");
                out.broken(enabled.place(), sentence, "make the certificate before HW-7.8");
            }
            Err(cause) => out.unknown(
                enabled.place(),
                cause,
                format!("whether {file} is there is not known"),
                "it must be in the site directory before HW-7.8",
            ),
        }
    }
}

/// V-RGW-02: gateways are storage nodes with their storage addresses, and in the certificate.
pub fn hosts_are_storage_nodes(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(list) = view.site("ceph_rgw_hosts") else {
        let storage =
            view.site_text("phoenix_observability_storage").unwrap_or_else(|| "ceph".into());
        if storage == "ceph" && view.site("ceph_mon_hosts").is_some() {
            let place = view.site("phoenix_observability_storage").or(view.site("ceph_mon_hosts"));
            let place = place.map_or_else(|| view.file(), |at| at.place().clone());
            out.broken(
                &place,
                "observability stores on Ceph and ceph_rgw_hosts is not set",
                "name the gateways",
            );
        }
        return;
    };
    let nodes = storage_addresses(view);
    let mut wanted: Vec<String> = Vec::new();
    for gateway in list.items() {
        let Some(host) = text(gateway, "host") else { continue };
        let ip = text(gateway, "ip");
        wanted.push(host.clone());
        wanted.extend(ip.clone());
        match nodes.get(&host) {
            None => {
                let at = gateway.get("host").unwrap_or(gateway);
                let sentence =
                    format!("{host} of ceph_rgw_hosts is no storage node of servers.list");
                out.broken(at.place(), sentence, "gateways run on storage nodes");
            }
            Some(Some(storage)) if ip.as_ref().is_some_and(|ip| ip != storage) => {
                let at = gateway.get("ip").unwrap_or(gateway);
                let sentence = format!(
                    "the gateway on {host} has another address than its storage_ip {storage}"
                );
                out.broken(at.place(), sentence, "write the storage address");
            }
            Some(_) => {}
        }
    }
    if tls_switch(view, out).is_none() {
        return;
    }
    wanted.extend(view.site_text("ceph_rgw_tls_cn"));
    match view.case.facts.gateway_certificate.get() {
        Ok(names) => {
            for name in wanted.iter().filter(|name| !names.contains(name)) {
                let sentence = format!("the gateway's certificate does not name {name}");
                out.broken(
                    list.place(),
                    sentence,
                    "make the certificate anew with all names and addresses",
                );
            }
        }
        Err(cause) => out.unknown(
            list.place(),
            cause,
            "which names the gateway's certificate has is not known",
            "look with openssl x509 -noout -ext subjectAltName",
        ),
    }
}
