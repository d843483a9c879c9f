//! What the inventory expects of the management cluster and the services, under
//! the names of `domain::wanted`. No secret is among it.

use super::site_reading::Reading;
use super::{Node, reference};
use crate::domain::wanted as names;

/// What is expected of the whole site. `public` is `CLUSTER.DOMAIN`.
pub(super) fn of_site(
    reading: &Reading<'_>,
    public: Option<&str>,
) -> Vec<(&'static str, Option<String>)> {
    let url = |name: &str| public.map(|public| format!("https://{name}.{public}"));
    let text = |name: &str| reading.text(name);
    let sign_on = |part: &str| reading.text_at("iaas_console", part);
    vec![
        (names::PUBLIC_DOMAIN, text("cluster_public_domain")),
        (names::CLUSTER_NAME, text("cluster_name")),
        (names::PUBLIC_ADDRESS, reading.text_at("management_cluster", "public")),
        (names::GRAFANA_URL, url("grafana")),
        (names::PROMETHEUS_URL, url("prometheus")),
        (names::LOKI_URL, url("loki")),
        (names::REGISTRY_URL, registry(reading)),
        (names::REGISTRY_POPULATE, flag(reading, "registry_populate_images")),
        (names::REGISTRY_IMAGES, images(reading)),
        (names::REGISTRY_NAMESPACE, text("registry_dest_namespace")),
        (names::REGISTRY_TAG, text("registry_image_tag_kolla")),
        (names::REGISTRY_INSECURE, flag(reading, "registry_configure_insecure")),
        (names::CONSOLE_ISSUER, text("iaas_console_tls_cluster_issuer")),
        (names::OBSERVABILITY_ISSUER, text("obs_tls_cluster_issuer")),
        (names::SIGN_ON_TENANT, sign_on("azure_tenant_id")),
        (names::SIGN_ON_CLIENT, sign_on("azure_client_id")),
        (names::SIGN_ON_CALLBACK, sign_on("azure_redirect_uri")),
        (names::OPERATOR_PEERS, peers(reading)),
        (names::OPERATOR_RANGE, range(reading)),
        (names::OBSERVABILITY_STORAGE, text("phoenix_observability_storage")),
        (names::RETENTION, text("prometheus_retention_period")),
    ]
}

/// A yes-or-no value as `yes` or `no`.
fn flag(reading: &Reading<'_>, name: &str) -> Option<String> {
    let found = reading.find(name)?;
    found.value.as_bool().map(|on| if on { "yes" } else { "no" }.to_owned())
}

/// Where the local registry listens: on the bastion, at the port that the
/// inventory names, 5000 without one.
fn registry(reading: &Reading<'_>) -> Option<String> {
    let bastion = reading
        .inventory
        .hosts
        .iter()
        .find(|host| host.groups.iter().any(|group| group == "kolla_bastion"))?;
    let vars = reading.inventory.host_vars(&bastion.name)?;
    let address = vars.get("ansible_host").and_then(|node| reference::text(node, &vars));
    let address = address.map_or_else(|| bastion.name.clone(), |address| address.into_owned());
    let port = reading.text("registry_port").unwrap_or_else(|| "5000".to_owned());
    Some(format!("http://{address}:{port}"))
}

/// How many images are to be mirrored, where the inventory lists them itself.
fn images(reading: &Reading<'_>) -> Option<String> {
    let found = reading.find("registry_image_list")?;
    Some(found.value.items().len()).filter(|number| *number > 0).map(|number| number.to_string())
}

/// The interface of the router that operators come in by.
const OPERATORS: &str = "operator_wg0";

/// The peers of that interface: each with its public key and its addresses.
fn operators(reading: &Reading<'_>) -> Option<Vec<(String, Vec<String>)>> {
    let found = reading.find("openwrt_network_wireguardpeers")?;
    let text = |node: &Node| reference::text(node, &found.vars).map(|text| text.into_owned());
    let mut peers = Vec::new();
    for entry in found.value.entries() {
        let field = |name: &str| entry.value.get(name).and_then(text);
        if field("interface").as_deref() != Some(OPERATORS) {
            continue;
        }
        let addresses = entry.value.get("allowed_ips").map(Node::items).unwrap_or_default();
        peers.push((field("public_key")?, addresses.iter().filter_map(text).collect()));
    }
    Some(peers)
}

fn peers(reading: &Reading<'_>) -> Option<String> {
    let keys: Vec<String> = operators(reading)?.into_iter().map(|(key, _)| key).collect();
    Some(keys.join(" "))
}

/// Addresses in use and in all of the operators' network: without its own
/// address, that of the router and the broadcast.
fn range(reading: &Reading<'_>) -> Option<String> {
    let used: usize = operators(reading)?.iter().map(|(_, addresses)| addresses.len()).sum();
    let found = interface(reading)?;
    let net: ipnet::Ipv4Net = found.parse().ok()?;
    let all = 1_u64 << (32 - net.prefix_len());
    Some(format!("{used} {}", all.saturating_sub(3)))
}

/// The address of the router on the operators' interface.
fn interface(reading: &Reading<'_>) -> Option<String> {
    let found = reading.find("openwrt_network_interfaceshost")?;
    let first = found.value.get(OPERATORS)?.get("wg_addresses")?.items().first()?;
    reference::text(first, &found.vars).map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::names;
    use crate::inventory::site::build_site;
    use crate::inventory::vault::Vault;
    use crate::inventory::{Inventory, Settings};

    #[test]
    fn services_are_known_from_the_inventory() {
        let text = include_str!("../../inventory.example.yml");
        let inventory = Inventory::parse(text, Path::new("inventory.yml")).unwrap();
        let site = build_site(&inventory, &Settings::default(), &Vault::default()).site;
        let of = |name: &str| site.wanted.get(name).cloned().unwrap_or_default();
        let all: Vec<String> = [
            names::GRAFANA_URL,
            names::REGISTRY_URL,
            names::REGISTRY_POPULATE,
            names::CONSOLE_ISSUER,
            names::OPERATOR_RANGE,
            names::OBSERVABILITY_STORAGE,
            names::PUBLIC_ADDRESS,
        ]
        .into_iter()
        .map(|name| format!("{name}={}", of(name)))
        .collect();
        insta::assert_snapshot!(all.join("\n"));
    }
}
