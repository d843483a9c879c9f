//! Tests of the rules: the example as it is, and the smallest breach of each rule in it.

mod bench;
mod random;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use secrecy::SecretString;

use super::*;
use crate::domain::Verdict;

pub(super) const EXAMPLE: &str = include_str!("../../../inventory.example.yml");
const SAMPLE: &str = include_str!("../../../tests/fixtures/reference/inventory.sample.yml");

/// The documented password of the example's vault values.
pub(super) const PASSWORD: &str = "shopfloor-example";

/// What surrounds an inventory.
pub(super) struct Surroundings {
    pub facts: LiveFacts,
    pub progress: Progress,
    pub vault: Vault,
    pub now: Stamp,
}

impl Surroundings {
    /// Nobody asked anything, no password.
    pub fn bare() -> Surroundings {
        Surroundings {
            facts: LiveFacts::default(),
            progress: Progress::default(),
            vault: Vault::default(),
            now: Stamp::parse("2026-11-21T12:00:00Z").unwrap(),
        }
    }

    /// Everything was asked and is well, before the installation has begun; vault values stay sealed.
    pub fn well() -> Surroundings {
        let mut around = Surroundings::bare();
        let facts = &mut around.facts;
        facts.ceph_fsid = Seen::Known(None);
        facts.onie_route = Seen::Known(true);
        facts.observability_storage = Seen::Known(None);
        for host in ["router-box", "192.168.40.250"] {
            facts.search_domains.insert(host.into(), Seen::Known(vec!["harbour".into()]));
        }
        facts.files.set("iplists/operators", Some("198.51.100.0/24\n"));
        around.progress.done = Seen::Known(BTreeSet::new());
        around
    }

    /// The same with the example's password.
    pub fn opened() -> Surroundings {
        let mut around = Surroundings::well();
        around.vault.put("default", SecretString::from(PASSWORD));
        around
    }

    pub fn check(&self, text: &str, up_to: Option<&str>) -> Vec<Problem> {
        let inventory = Inventory::parse(text, Path::new("inventory.yml")).expect("it parses");
        let case = Case {
            inventory: &inventory,
            now: self.now,
            facts: &self.facts,
            progress: &self.progress,
            variables: Catalogue::shipped().unwrap(),
            vault: &self.vault,
        };
        check_inventory(&case, up_to)
    }
}

pub(super) fn shown(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|p| format!("{} {} {} {}\n", p.rule, p.verdict, p.place, p.sentence))
        .collect()
}

#[test]
fn the_example_has_no_problem_at_all() {
    let problems = Surroundings::opened().check(EXAMPLE, None);
    assert!(problems.is_empty(), "{}", shown(&problems));
    let last = Catalogue::shipped().unwrap().steps().last().unwrap().clone();
    let problems = Surroundings::opened().check(EXAMPLE, Some(&last));
    assert!(problems.is_empty(), "{}", shown(&problems));
}

#[test]
fn the_example_alone_has_only_unknowns() {
    let problems = Surroundings::bare().check(EXAMPLE, None);
    assert!(problems.iter().all(|p| p.verdict == Verdict::Unknown), "{}", shown(&problems));
    let rules: BTreeSet<&str> = problems.iter().map(|p| p.rule.as_str()).collect();
    let wanted = [
        "V-CEPH-05",
        "V-CON-02",
        "V-DHCP-02",
        "V-DNS-04",
        "V-HH-03",
        "V-IPL-01",
        "V-OBS-01",
        "V-SEC-03",
    ];
    assert_eq!(rules.into_iter().collect::<Vec<_>>(), wanted);
    for problem in &problems {
        let cause = problem.cause.as_ref().expect("an unknown has a cause").word();
        let is_sealed = matches!(problem.rule.as_str(), "V-CON-02" | "V-HH-03" | "V-SEC-03");
        assert_eq!(
            cause,
            if is_sealed { "password-sealed" } else { "not-asked" },
            "{}",
            problem.rule
        );
    }
}

/// Variables that the example need not show: obsolete or announced ones, and rows that are no keys.
#[test]
fn every_variable_appears_in_the_example() {
    let catalogue = Catalogue::shipped().unwrap();
    let inventory = Inventory::parse(EXAMPLE, Path::new("inventory.yml")).unwrap();
    let around = Surroundings::bare();
    let case = Case {
        inventory: &inventory,
        now: around.now,
        facts: &around.facts,
        progress: &around.progress,
        variables: catalogue,
        vault: &around.vault,
    };
    let view = View::new(&case, None);
    let declared = view.declared();
    let comments: BTreeSet<&str> = EXAMPLE
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix('#'))
        .flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_')))
        .collect();
    let mut commented = BTreeSet::new();
    for variable in catalogue.variables() {
        if !variable.is_key() || variable.required == "removed" || variable.source == "D26" {
            continue;
        }
        let roots: Vec<&str> = match variable.root() {
            "*_connections" => vec!["hedgehog_eslag_connections", "hedgehog_bundled_connections"],
            root => vec![root],
        };
        let is_live = declared
            .iter()
            .filter(|d| roots.contains(&d.name))
            .any(|d| !types::matches(d.at, variable).is_empty());
        if is_live {
            continue;
        }
        assert!(comments.contains(variable.leaf()), "{} is not in the example", variable.name);
        commented.insert(variable.name.as_str());
    }
    // Alternatives, and what only other releases or states of a site have.
    let wanted = [
        "ceph.pg_count",
        "ceph_osd_devices",
        "ceph_rgw_tls_cn",
        "cluster_top_level_domain",
        "hedgehog.authorized_keys",
        "hedgehog.authorized_keys[].key",
        "hedgehog.authorized_keys[].name",
        "hedgehog.login_password",
        "hedgehog.switch_users",
        "hedgehog.switch_users.*.authorized_keys",
        "hedgehog.switch_users.*.password",
        "hedgehog_switches.*.port_breakouts",
        "hedgehog_switches.*.port_speeds",
        "iaas_console.google_client_id",
        "iaas_console.google_client_secret",
        "iaas_console.google_redirect_uri",
        "migrate_mgt_cluster",
        "registry_image_list",
    ];
    assert_eq!(commented.into_iter().collect::<Vec<_>>(), wanted);
}

#[test]
fn every_vault_value_of_the_example_opens() {
    let inventory = Inventory::parse(EXAMPLE, Path::new("inventory.yml")).unwrap();
    let around = Surroundings::opened();
    let mut count = 0;
    for group in inventory.groups.values() {
        for node in group.inline.values() {
            view::walk(node, "", &mut |node, _| {
                if let crate::inventory::Kind::Vault(text) = &node.kind {
                    assert!(around.vault.open(text).is_ok(), "{}", node.place);
                    count += 1;
                }
            });
        }
    }
    assert!(count >= 15, "{count}");
}

/// The reference says which findings its own sample has, and no others.
#[test]
fn the_sample_has_the_findings_that_its_head_names() {
    let problems = Surroundings::bare().check(SAMPLE, None);
    let found: Vec<(&str, Verdict)> = problems
        .iter()
        .filter(|p| p.verdict != Verdict::Unknown || p.rule == "V-CEPH-07")
        .map(|p| (p.rule.as_str(), p.verdict))
        .collect();
    let wanted = [
        ("V-CEPH-06", Verdict::Warn),
        ("V-CEPH-07", Verdict::Unknown),
        ("V-SEC-02", Verdict::Warn),
        ("V-SEC-04", Verdict::Warn),
        ("V-HH-02", Verdict::Warn),
    ];
    assert_eq!(found, wanted, "{}", shown(&problems));
}

#[test]
fn other_inventories_are_not_judged_as_an_ai_factory() {
    for name in ["icn", "infra-cloud", "vcluster"] {
        let file = format!("{}/tests/fixtures/reference/{name}.yml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(file).unwrap();
        for problem in Surroundings::bare().check(&text, None) {
            let rule = problem.rule.as_str();
            assert!(matches!(rule, "V-YAML-01" | "V-SEC-03" | "V-SEC-04"), "{name}: {rule}");
        }
    }
}

#[test]
fn a_step_asks_only_for_what_it_needs() {
    let broken = EXAMPLE
        .replace("ceph_mon_hosts: [ceph-01, ceph-02, ceph-03]", "ceph_mon_hosts: [ceph-01]")
        .replace("openwrt_dhcp_dnsmasq_local: /harbour/", "openwrt_dhcp_dnsmasq_local: /haven/");
    let around = Surroundings::well();
    let rules = |step: Option<&str>| -> BTreeMap<String, usize> {
        let mut rules = BTreeMap::new();
        for problem in around.check(&broken, step) {
            *rules.entry(problem.rule).or_insert(0) += 1;
        }
        rules
    };
    assert!(!rules(Some("HW-4P.5")).contains_key("V-DNS-02"));
    assert!(rules(Some("HW-5.0")).contains_key("V-DNS-02"));
    assert!(!rules(Some("HW-5.0")).contains_key("V-CEPH-01"));
    assert!(rules(Some("HW-7.3")).contains_key("V-CEPH-01"));
    assert!(rules(None).contains_key("V-CEPH-01"));
}

#[test]
fn a_template_is_unknown_and_a_reference_is_followed() {
    let around = Surroundings::well();
    let unknown = EXAMPLE.replace(
        "ceph_fsid: \"5b0c7c56-2f0e-4f0a-9d6b-3a1f2e7d9c44\"",
        "ceph_fsid: \"{{ lookup('file', 'fsid') }}\"",
    );
    let problems = around.check(&unknown, None);
    let fsid: Vec<_> = problems.iter().filter(|p| p.rule == "V-CEPH-05").collect();
    assert_eq!(fsid.len(), 1);
    assert_eq!(fsid[0].verdict, Verdict::Unknown);
    assert_eq!(fsid[0].cause.as_ref().unwrap().word(), "template");
    let followed = EXAMPLE.replace(
        "ceph_fsid: \"5b0c7c56-2f0e-4f0a-9d6b-3a1f2e7d9c44\"",
        "our_fsid: nonsense\n    ceph_fsid: \"{{ our_fsid }}\"",
    );
    let problems = around.check(&followed, None);
    assert!(problems.iter().any(|p| p.rule == "V-CEPH-05" && p.verdict == Verdict::Fail));
}

#[test]
fn problems_come_in_the_order_of_the_file() {
    let broken =
        EXAMPLE.replace("role: server-leaf", "role: leaf").replace("role: storage", "role: store");
    let problems = Surroundings::well().check(&broken, None);
    assert!(problems.len() > 5);
    assert!(problems.is_sorted_by_key(|p| p.place.clone()));
}
