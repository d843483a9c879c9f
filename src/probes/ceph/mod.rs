//! Looking at Ceph: the documented commands where `ceph` knows the cluster, on
//! storage nodes, and from the bastion. What only a manager can answer is a
//! script of its own: it hangs when the manager does, the monitors do not.

mod cluster;
mod gateway;
mod manager;
mod survey;

use std::time::Duration;

use serde_json::Value;

use super::ProbeSpec;
use super::documented::{About, Batch, Given, Place, json_text, nothing};
use crate::domain::fact::Table;
use crate::domain::keys::{ProbeInfo, ceph as keys};
use crate::domain::{Layer, Site, System, Target, TargetKind, wanted};

/// No more rows than this are kept of a table of the cluster.
const MOST_ROWS: usize = 5_000;

pub(crate) use gateway::openssl_time;

/// The scripts of this layer.
pub const BATCHES: &[&Batch] = &[&LOOK, &MANAGER, &SURVEY, &OUTSIDE, &GATEWAY, &GATEWAY_SURVEY];

static LOOK: Batch = Batch {
    spec: spec(&keys::LOOK, "what the monitors of Ceph say", 10, 45),
    place: Place::Csh,
    about: About::Api(System::Ceph),
    command_s: 8,
    given: |_, target| {
        vec![Given::new("MONITORS", lines_of(target, wanted::CEPH_MONITOR_ADDRESSES))]
    },
    sections: cluster::SECTIONS,
};

static MANAGER: Batch = Batch {
    spec: spec(&keys::MANAGER, "what the manager of Ceph says", 10, 60),
    place: Place::Csh,
    about: About::Api(System::Ceph),
    command_s: 6,
    given: nothing,
    sections: manager::SECTIONS,
};

static SURVEY: Batch = Batch {
    spec: spec(&keys::SURVEY, "how Ceph is set up", 120, 120),
    place: Place::Csh,
    about: About::Api(System::Ceph),
    command_s: 10,
    given: nothing,
    sections: survey::SECTIONS,
};

static OUTSIDE: Batch = Batch {
    spec: spec(&keys::OUTSIDE, "keyrings and gateways of Ceph, from the bastion", 120, 60),
    place: Place::Box,
    about: About::Api(System::Ceph),
    command_s: 10,
    given: from_outside,
    sections: gateway::OUTSIDE,
};

static GATEWAY: Batch = Batch {
    spec: spec(&keys::GATEWAY, "whether its object gateway answers", 10, 20),
    place: Place::Cn,
    about: About::Host,
    command_s: 8,
    given: of_gateway,
    sections: gateway::LOOK,
};

static GATEWAY_SURVEY: Batch = Batch {
    spec: spec(&keys::GATEWAY_SURVEY, "how its object gateway is set up", 120, 40),
    place: Place::Cn,
    about: About::Host,
    command_s: 10,
    given: of_gateway,
    sections: gateway::SURVEY,
};

const fn spec(
    info: &'static ProbeInfo,
    title: &'static str,
    in_view_s: u64,
    timeout_s: u64,
) -> ProbeSpec {
    ProbeSpec {
        info,
        layer: Layer::Ceph,
        title,
        every_in_view: Duration::from_secs(in_view_s),
        timeout: Duration::from_secs(timeout_s),
    }
}

/// The lines of something that is expected of a target.
fn lines_of<'a>(target: &'a Target, name: &str) -> std::str::Lines<'a> {
    target.wanted.get(name).map_or("", String::as_str).lines()
}

/// The Ceph cluster of a site.
fn cluster_of(site: &Site) -> Option<&Target> {
    site.targets.iter().find(|target| target.kind == TargetKind::Api(System::Ceph))
}

fn keystone(site: &Site, cluster: &Target) -> Given {
    let name = cluster
        .wanted
        .get(wanted::KEYSTONE_NAME)
        .or_else(|| site.wanted.get(wanted::KEYSTONE_NAME));
    Given::new("KEYSTONE", name.cloned())
}

/// The gateway of one storage node, and Keystone as it reaches it.
fn of_gateway(site: &Site, host: &Target) -> Vec<Given> {
    let Some(cluster) = cluster_of(site) else { return Vec::new() };
    let is_host = |name: &str| name == host.name || host.aliases.iter().any(|alias| alias == name);
    let url = lines_of(cluster, wanted::CEPH_GATEWAYS).find_map(|line| {
        let [name, address, port] = words(line)?;
        is_host(name).then(|| format!("{}://{address}:{port}/", scheme(cluster)))
    });
    vec![Given::new("GATEWAY", url), keystone(site, cluster)]
}

fn from_outside(_: &Site, cluster: &Target) -> Vec<Given> {
    let first = lines_of(cluster, wanted::CEPH_GATEWAYS).next().and_then(words);
    let named = cluster.wanted.get(wanted::CEPH_GATEWAY_NAME).map(String::as_str);
    let at = first.map(|[_, address, port]| format!("{}:{port}", named.unwrap_or(address)));
    let endpoint = at.as_ref().map(|at| format!("{}://{at}", scheme(cluster)));
    let with_tls = at.filter(|_| scheme(cluster) == "https");
    vec![Given::new("GATEWAY", with_tls), Given::new("ENDPOINT", endpoint)]
}

/// The three words of a gateway's line.
fn words(line: &str) -> Option<[&str; 3]> {
    let mut words = line.split(' ');
    Some([words.next()?, words.next()?, words.next()?])
}

fn scheme(cluster: &Target) -> &'static str {
    match cluster.wanted.get(wanted::CEPH_GATEWAY_TLS).map(String::as_str) {
        Some("yes") => "https",
        _ => "http",
    }
}

/// The members of a list; none where there is no list.
fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// A table with a row per item, its cells read from the item.
fn rows<'v>(
    columns: &[&str],
    items: impl Iterator<Item = &'v Value>,
    row: impl Fn(&'v Value) -> Vec<String>,
) -> Table {
    let mut table = Table::new(columns);
    items.take(MOST_ROWS).for_each(|item| table.push(row(item)));
    table
}

/// The texts of a list, one after the other.
fn joined(value: Option<&Value>) -> String {
    let texts: Vec<String> = items(value).map(|text| json_text(Some(text))).collect();
    texts.join(" ")
}
