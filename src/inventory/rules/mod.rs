//! The validation rules V-*: each a small pure function over what the files
//! say, the time, live answers and progress (`ai-factory/inventory.md` section 16).
//!
//! A rule that cannot be judged says `unknown` with a cause: `password-sealed`,
//! `template` (only Ansible evaluates it), `not-asked` (a live answer or a step's
//! state that nobody looked up), `not-said` (the files do not say it), or the cause
//! of the failed look. Rules about an AI factory apply where
//! one of its groups is present. To add a rule: a row in `assets/inventory/rules.yml`,
//! a function in the file of its subject, a line in [`ALL`].

mod addresses;
mod bgp;
mod ceph;
mod console;
mod dhcp;
mod fabric;
mod findings;
mod forms;
mod gateway;
mod hedgehog;
mod inline;
mod links;
mod live;
mod names;
mod observing;
mod reading;
mod required;
mod secrets;
mod structure;
mod tls;
mod types;
mod view;
mod wireguard;

#[cfg(test)]
mod tests;

pub use findings::Findings;
pub use live::{LiveFacts, Progress, Release, Seen, SiteFiles};
pub use reading::{At, Reading};
pub use secrets::looks_secret;
pub use view::{FACTORY_GROUPS, View};

use super::variables::Catalogue;
use super::vault::Vault;
use super::{Inventory, Problem};
use crate::domain::Stamp;

/// What rules judge, and what they may know beyond it.
pub struct Case<'a> {
    /// The inventory.
    pub inventory: &'a Inventory,
    /// The time, for what expires.
    pub now: Stamp,
    /// Live answers.
    pub facts: &'a LiveFacts,
    /// Where the site stands in the procedure.
    pub progress: &'a Progress,
    /// Variables, rules and steps.
    pub variables: &'a Catalogue,
    /// Opens vault values in memory; with an empty one what depends on them is unknown.
    pub vault: &'a Vault,
}

impl std::fmt::Debug for Case<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("inventory", &self.inventory.file).finish_non_exhaustive()
    }
}

/// A rule's function.
pub type Rule = fn(&View<'_>, &mut Findings<'_>);

/// Where a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// To every inventory.
    Everywhere,
    /// Where one of the AI factory's groups is present.
    AiFactory,
}

use Applies::{AiFactory, Everywhere};

/// Every rule with its function. V-YAML-01 is judged while the files are read;
/// its problems are in [`Inventory::problems`]. V-TYPE-50 to 53 are one walk
/// over the tables ([`types`]).
pub const ALL: &[(&str, Applies, Rule)] = &[
    ("V-YAML-02", AiFactory, structure::groups_have_hosts),
    ("V-YAML-03", AiFactory, structure::names_are_known),
    ("V-SEC-01", AiFactory, secrets::secrets_are_sealed),
    ("V-SEC-02", AiFactory, secrets::credentials_should_be_sealed),
    ("V-SEC-03", Everywhere, secrets::one_password_opens_all),
    ("V-SEC-04", Everywhere, secrets::nothing_looks_like_a_secret),
    ("V-IP-01", AiFactory, addresses::addresses_are_unique),
    ("V-IP-02", AiFactory, addresses::static_addresses_lie_outside_pools),
    ("V-IP-03", AiFactory, addresses::networks_do_not_overlap),
    ("V-MAC-01", AiFactory, addresses::hardware_addresses_are_unique),
    ("V-LEASE-01", AiFactory, dhcp::every_machine_has_an_address),
    ("V-DHCP-01", AiFactory, dhcp::interfaces_with_leases_have_a_pool),
    ("V-DHCP-02", AiFactory, dhcp::onie_reaches_its_firmware),
    ("V-VLAN-01", AiFactory, dhcp::vlans_are_the_agreed_ones),
    ("V-DNS-01", AiFactory, names::names_are_valid),
    ("V-DNS-02", AiFactory, names::local_matches_domain),
    ("V-DNS-03", AiFactory, names::services_are_overridden),
    ("V-DNS-04", AiFactory, names::search_domains_are_ours),
    ("V-TLS-01", AiFactory, tls::issuers_are_equal),
    ("V-TLS-02", AiFactory, tls::certificate_settings_are_complete),
    ("V-TLS-03", AiFactory, tls::challenges_are_forwarded),
    ("V-TLS-04", AiFactory, tls::staging_comes_first),
    ("V-SSO-01", AiFactory, console::one_provider_is_complete),
    ("V-GHCR-01", AiFactory, console::registry_credentials_are_set),
    ("V-HH-01", AiFactory, hedgehog::controller_has_its_lease),
    ("V-HH-02", AiFactory, hedgehog::credentials_are_rotated),
    ("V-HH-03", AiFactory, hedgehog::image_can_be_fetched),
    ("V-HH-04", AiFactory, hedgehog::obsolete_keys_are_gone),
    ("V-DISK-01", AiFactory, ceph::disks_are_disjoint),
    ("V-CEPH-01", AiFactory, ceph::monitors_are_odd),
    ("V-CEPH-02", AiFactory, ceph::monitors_are_storage_nodes),
    ("V-CEPH-03", AiFactory, ceph::monitor_addresses_match),
    ("V-CEPH-04", AiFactory, ceph::storage_nodes_are_monitors),
    ("V-CEPH-05", AiFactory, ceph::fsid_is_the_clusters),
    ("V-CEPH-06", AiFactory, ceph::copies_fit_the_hosts),
    ("V-CEPH-07", AiFactory, ceph::zapping_is_confirmed),
    ("V-CEPH-08", AiFactory, ceph::named_devices_are_data_disks),
    ("V-CEPH-09", AiFactory, ceph::placement_groups_fit),
    ("V-RGW-01", AiFactory, gateway::tls_is_complete),
    ("V-RGW-02", AiFactory, gateway::hosts_are_storage_nodes),
    ("V-CON-01", AiFactory, console::operators_are_named),
    ("V-CON-02", AiFactory, console::kubeconfig_points_at_the_controller),
    ("V-PG-01", AiFactory, console::database_credentials_are_complete),
    ("V-BGP-01", AiFactory, bgp::pools_fit),
    ("V-BGP-02", AiFactory, bgp::service_address_is_shared),
    ("V-BGP-03", AiFactory, bgp::prefix_is_announced),
    ("V-BGP-04", AiFactory, bgp::patterns_use_a_tilde),
    ("V-WG-01", AiFactory, wireguard::peers_have_an_interface),
    ("V-WG-02", AiFactory, wireguard::peers_do_not_overlap),
    ("V-WG-03", AiFactory, wireguard::ports_are_allowed),
    ("V-BAN-01", AiFactory, wireguard::internal_networks_are_allowed),
    ("V-IPL-01", AiFactory, wireguard::operators_may_come_in),
    ("V-OBS-01", AiFactory, observing::storage_backend_is_possible),
    ("V-OBS-02", AiFactory, observing::local_storage_is_short),
    ("V-OBS-03", AiFactory, observing::thresholds_are_known),
    ("V-SNMP-01", AiFactory, observing::privacy_is_complete),
    ("V-REF-01", AiFactory, observing::references_resolve),
    ("V-FAB-01", AiFactory, fabric::system_numbers_fit),
    ("V-FAB-02", AiFactory, fabric::only_leaves_have_tunnels),
    ("V-FAB-03", AiFactory, fabric::redundancy_groups_are_whole),
    ("V-FAB-04", AiFactory, fabric::namespaces_are_disjoint),
    ("V-FAB-05", AiFactory, links::bundles_stay_on_one_switch),
    ("V-FAB-06", AiFactory, links::eslag_spans_its_group),
    ("V-FAB-07", AiFactory, links::link_addresses_pair),
    ("V-FAB-08", AiFactory, links::ports_are_used_once),
    ("V-FAB-09", AiFactory, links::every_server_is_connected),
];

/// Judges an inventory by every rule whose step is reached; `up_to` is a step
/// of the procedure (`--for STEP`), `None` for all. Sorted by place.
pub fn check_inventory(case: &Case<'_>, up_to: Option<&str>) -> Vec<Problem> {
    let view = View::new(case, up_to);
    let mut problems: Vec<Problem> = case.inventory.problems.clone();
    // The tables take as long as the rules, and neither waits for the other.
    let (mut of_rules, mut of_tables) = std::thread::scope(|scope| {
        let tables = scope.spawn(|| match view.is_ai_factory() {
            true => types::judge(&view),
            false => Vec::new(),
        });
        let of_rules = by_rules(&view, up_to);
        match tables.join() {
            Ok(of_tables) => (of_rules, of_tables),
            Err(fault) => std::panic::resume_unwind(fault),
        }
    });
    problems.append(&mut of_rules);
    problems.append(&mut of_tables);
    problems.sort_by(|a, b| (&a.place, &a.rule).cmp(&(&b.place, &b.rule)));
    problems.dedup();
    problems
}

/// What the rules find that are functions of their own.
fn by_rules(view: &View<'_>, up_to: Option<&str>) -> Vec<Problem> {
    let case = view.case;
    let mut problems = Vec::new();
    for (id, applies, rule) in ALL {
        if *applies == AiFactory && !view.is_ai_factory() {
            continue;
        }
        let Some(row) = case.variables.rule(id) else { continue };
        if !case.variables.reached(row.first_step(), up_to) {
            continue;
        }
        let mut findings = Findings::of(row);
        rule(view, &mut findings);
        problems.append(&mut findings.problems);
    }
    problems
}
