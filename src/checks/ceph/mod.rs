//! Judging Ceph: what the cluster, its orchestrator and its object gateways
//! told. One file per subject.

mod daemons;
mod gateway;
mod gateway_setup;
mod health;
mod osds;
mod placement;
mod pools;
mod setup;

use crate::checks::judging::{NotKnown, Reading};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph as keys;
use crate::domain::{Role, Site, System, Target, TargetKind, wanted};

/// The rules of this layer, by subject.
pub const RULES: &[&[Rule]] = &[
    health::RULES,
    osds::RULES,
    placement::RULES,
    pools::RULES,
    daemons::RULES,
    setup::RULES,
    gateway::RULES,
    gateway_setup::RULES,
];

/// The pools that OpenStack works with.
const POOLS: [&str; 4] = ["images", "volumes", "backups", "vms"];

const LOOK: &[&str] = &["ceph.look"];
const MANAGER: &[&str] = &["ceph.manager"];
const SURVEY: &[&str] = &["ceph.survey"];

/// Whether a target is the Ceph cluster.
fn on_cluster(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Api(System::Ceph)
}

/// What the inventory expects of the cluster; none where it does not say.
fn expected<'a>(case: &Case<'a>, name: &str) -> Option<&'a str> {
    case.target.wanted.get(name).map(String::as_str)
}

/// The lines of something that the inventory expects of the cluster.
fn expected_lines<'a>(case: &Case<'a>, name: &str) -> Vec<&'a str> {
    expected(case, name).map_or(Vec::new(), |text| text.lines().collect())
}

/// The storage nodes of the site.
fn storage_nodes(site: &Site) -> impl Iterator<Item = &Target> {
    site.targets.iter().filter(|target| target.ssh.is_some() && target.is(Role::Storage))
}

/// A machine's name without its domain.
fn short(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Whether a machine of the site goes by this name in the cluster.
fn is_called(target: &Target, name: &str) -> bool {
    let mut names = target.aliases.iter().map(String::as_str).chain([target.name.as_str()]);
    names.any(|own| short(own) == short(name))
}

/// Monitors by what their ports answer.
struct Ports {
    /// Those that greet.
    alive: Vec<String>,
    /// Those that refuse, or take the connection and stay silent.
    dead: Vec<String>,
    /// All that were tried.
    tried: usize,
}

impl Ports {
    /// What the ports answered at the last look; nothing where nobody could try them.
    fn of(read: &mut Reading<'_>) -> Ports {
        let table = read.observe(keys::MONITOR_PORTS);
        let table = table.fresh().cloned().unwrap_or_default();
        let with = |words: &[&str]| -> Vec<String> {
            let rows = super::hosts::rows(&table);
            let of = rows.filter(|row| words.contains(&row.get("answer")));
            of.map(|row| row.get("address").to_owned()).collect()
        };
        Ports {
            alive: with(&["banner"]),
            dead: with(&["refused", "silent"]),
            tried: table.rows.len(),
        }
    }

    /// Whether more are dead than a quorum can do without.
    fn exclude_a_quorum(&self) -> bool {
        self.tried > 0 && self.dead.len() * 2 >= self.tried
    }
}

/// A cluster that has just lost its quorum repeats its last word for some
/// seconds: it is not believed while most of its monitors are dead.
fn believed(read: &mut Reading<'_>) -> Result<(), NotKnown> {
    let ports = Ports::of(read);
    if ports.exclude_a_quorum() {
        return Err(NotKnown::because(format!(
            "{} still answers, but {} of its {} monitors are dead: what it says is the past",
            read.name(),
            ports.dead.len(),
            ports.tried
        )));
    }
    Ok(())
}

/// The number that an expected value is.
fn expected_number(case: &Case<'_>, name: &str) -> Option<f64> {
    expected(case, name).and_then(|text| text.parse().ok())
}

/// The copies that the inventory expects of a pool.
fn replication(case: &Case<'_>) -> Option<f64> {
    expected_number(case, wanted::CEPH_REPLICATION)
}
