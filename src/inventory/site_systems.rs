//! What the inventory expects of the systems of a site: the Ceph cluster and
//! the cloud. Of secrets the head of a digest is kept, for comparing.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use secrecy::ExposeSecret as _;

use super::site_reading::Reading;
use super::vault::Vault;
use super::{Kind, Node, reference};
use crate::domain::wanted as names;
use crate::domain::{System, Target, TargetKind};

/// What is expected of a system.
pub(super) fn wanted(system: System, reading: &Reading<'_>) -> BTreeMap<String, String> {
    let expected = match system {
        System::Ceph => of_ceph(reading),
        System::Openstack => of_cloud(reading),
        System::Management => Vec::new(),
    };
    let said = |(name, value): (&str, Option<String>)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((name.to_owned(), value))
    };
    expected.into_iter().filter_map(said).collect()
}

/// Adds what is compared with secrets: heads of digests, of those that are open.
pub(super) fn with_digests(targets: &mut [Target], reading: &Reading<'_>, vault: &Vault) {
    for target in targets {
        let (name, digest) = match target.kind {
            TargetKind::Api(System::Ceph) => {
                (names::CEPH_GATEWAY_KEY, open(reading, vault, "rgw_auth", Some("access_key")))
            }
            TargetKind::Api(System::Openstack) => {
                (names::CLOUD_RABBIT_URL, open(reading, vault, "os_rabbitmq_url", None))
            }
            _ => continue,
        };
        if let Some(digest) = digest {
            target.wanted.insert(name.to_owned(), digest);
        }
    }
}

/// The head of the digest of a secret; none while it is sealed.
fn open(reading: &Reading<'_>, vault: &Vault, name: &str, path: Option<&str>) -> Option<String> {
    let found = reading.find(name)?;
    let node = path.map_or(Some(&*found.value), |path| found.value.at(path))?;
    match &node.kind {
        Kind::Vault(sealed) => vault.open(sealed).ok().map(|secret| digest(secret.expose_secret())),
        _ => reference::text(node, &found.vars).map(|text| digest(&text)),
    }
}

fn of_ceph(reading: &Reading<'_>) -> Vec<(&'static str, Option<String>)> {
    let keystone = "post_deployment";
    vec![
        (names::CEPH_FSID, reading.text("ceph_fsid")),
        (names::CEPH_MONITORS, Some(texts(reading, "ceph_mon_hosts", None))),
        (names::CEPH_MONITOR_ADDRESSES, Some(texts(reading, "ceph_mon_ips", None))),
        (names::CEPH_REPLICATION, reading.text_at("ceph", "osd_replication")),
        (names::CEPH_GATEWAYS, Some(gateways(reading))),
        (names::CEPH_GATEWAY_TLS, flag(reading, "ceph_rgw_tls_enabled", None)),
        (names::CEPH_GATEWAY_NAME, reading.text("ceph_rgw_tls_cn")),
        (
            names::CEPH_GATEWAY_VERIFIES,
            flag(reading, keystone, Some("configure_ceph_rgw_keystone.verify_ssl")),
        ),
        (names::KEYSTONE_NAME, reading.text("kolla_internal_fqdn")),
    ]
}

fn of_cloud(reading: &Reading<'_>) -> Vec<(&'static str, Option<String>)> {
    vec![
        (names::KEYSTONE_NAME, reading.text("kolla_internal_fqdn")),
        (names::CLOUD_TLS, flag(reading, "openstack_tls", Some("enabled"))),
        (names::CLOUD_FLAVOURS, Some(texts(reading, "flavors", Some("ost_name")))),
        (names::CLOUD_NETWORKS, Some(texts(reading, "networks", Some("ost_name")))),
    ]
}

/// The first sixteen digits of the SHA-256 of a text without a newline at its
/// end: enough to say whether two secrets are the same one, too little to learn it.
pub(crate) fn digest(secret: &str) -> String {
    let sum = Sha256::digest(secret.trim_end_matches('\n').as_bytes());
    sum.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The texts of a list, or of one field of its entries, a line each.
fn texts(reading: &Reading<'_>, name: &str, field: Option<&str>) -> String {
    let Some(found) = reading.find(name) else { return String::new() };
    let text = |node: &Node| -> Option<String> {
        let node = field.map_or(Some(node), |field| node.get(field))?;
        reference::text(node, &found.vars).map(|text| text.into_owned())
    };
    let all: Vec<String> = found.value.items().iter().filter_map(text).collect();
    all.join("\n")
}

/// The gateways of `ceph_rgw_hosts`, a line `HOST ADDRESS PORT` each.
fn gateways(reading: &Reading<'_>) -> String {
    let Some(found) = reading.find("ceph_rgw_hosts") else { return String::new() };
    let line = |entry: &Node| -> Option<String> {
        let text = |field: &str| reference::text(entry.get(field)?, &found.vars);
        let port = text("port").map_or_else(|| "8080".to_owned(), |port| port.into_owned());
        Some(format!("{} {} {port}", text("host")?, text("ip")?))
    };
    let all: Vec<String> = found.value.items().iter().filter_map(line).collect();
    all.join("\n")
}

/// A yes-or-no value as `yes` or `no`.
fn flag(reading: &Reading<'_>, name: &str, path: Option<&str>) -> Option<String> {
    let found = reading.find(name)?;
    let node = path.map_or(Some(&*found.value), |path| found.value.at(path))?;
    node.as_bool().map(|on| if on { "yes" } else { "no" }.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::inventory::site::build_site;
    use crate::inventory::vault::Vault;
    use crate::inventory::{Inventory, Settings};

    #[test]
    fn systems_are_targets_with_what_the_inventory_expects_of_them() {
        let text = include_str!("../../inventory.example.yml");
        let inventory = Inventory::parse(text, Path::new("inventory.yml")).unwrap();
        let site = build_site(&inventory, &Settings::default(), &Vault::default()).site;
        let ceph = site.find("ceph").unwrap();
        assert_eq!((ceph.kind, ceph.id.as_str()), (TargetKind::Api(System::Ceph), "api:ceph"));
        let of = |target: &Target, name: &str| target.wanted.get(name).cloned().unwrap_or_default();
        assert_eq!(of(ceph, names::CEPH_MONITORS), "ceph-01\nceph-02\nceph-03");
        assert_eq!(of(ceph, names::CEPH_REPLICATION), "3");
        assert_eq!(of(ceph, names::CEPH_GATEWAY_TLS), "no");
        assert!(of(ceph, names::CEPH_GATEWAYS).starts_with("ceph-01 10.33.0.21 8080\nceph-02 "));
        // What is sealed is not compared.
        assert_eq!(of(ceph, names::CEPH_GATEWAY_KEY), "");
        let cloud = site.find("openstack").unwrap();
        assert_eq!(of(cloud, names::CLOUD_FLAVOURS), "gpu.8x\ngpu.1x");
        assert_eq!(of(cloud, names::CLOUD_TLS), "yes");
    }

    #[test]
    fn two_secrets_are_compared_by_the_head_of_their_digest() {
        // printf %s secret | sha256sum | cut -c1-16
        assert_eq!(digest("secret\n"), "2bb80d537b1da3e3");
    }
}
