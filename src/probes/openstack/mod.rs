//! Looking at OpenStack: the documented commands of its client where its
//! credentials are, what its nodes say of the services on them, and what the
//! bastion is answered and shown.

mod cloud;
mod endpoints;
mod nodes;
mod setup;

use std::time::Duration;

use serde_json::Value;

use super::ProbeSpec;
use super::documented::{About, Batch, Given, Place, json_text, nothing};
use crate::domain::fact::Table;
use crate::domain::keys::{ProbeInfo, openstack as keys};
use crate::domain::{Layer, Site, System, Target, wanted};

/// No more rows than this are kept of a table of the cloud.
const MOST_ROWS: usize = 5_000;

/// The scripts of this layer.
pub const BATCHES: &[&Batch] = &[
    &LOOK,
    &SURVEY,
    &IDENTITY,
    &OUTSIDE,
    &CONTROL_NODE,
    &COMPUTE_NODE,
    &CONTROL_LOGS,
    &COMPUTE_LOGS,
    &CONTROL,
    &CONTROL_SURVEY,
];

static LOOK: Batch = Batch {
    spec: spec(&keys::LOOK, "what the cloud says of its services", 15, 120),
    place: Place::Box,
    about: About::Api(System::Openstack),
    command_s: 20,
    given: nothing,
    sections: cloud::SECTIONS,
};

static SURVEY: Batch = Batch {
    spec: spec(&keys::SURVEY, "what the cloud offers", 120, 180),
    place: Place::Box,
    about: About::Api(System::Openstack),
    command_s: 30,
    given: nothing,
    sections: setup::SECTIONS,
};

static IDENTITY: Batch = Batch {
    spec: spec(&keys::IDENTITY, "whether the identity service answers", 10, 20),
    place: Place::B0,
    about: About::Api(System::Openstack),
    command_s: 10,
    given: keystone,
    sections: endpoints::IDENTITY,
};

static OUTSIDE: Batch = Batch {
    spec: spec(&keys::OUTSIDE, "the certificates of the cloud's ports", 120, 30),
    place: Place::B0,
    about: About::Api(System::Openstack),
    command_s: 10,
    given: keystone,
    sections: endpoints::CERTIFICATES,
};

static CONTROL_NODE: Batch = Batch {
    spec: spec(&keys::NODE, "containers of the cloud on the node", 10, 20),
    place: Place::Oc,
    about: About::Host,
    command_s: 10,
    given: nothing,
    sections: nodes::CONTAINERS,
};

static COMPUTE_NODE: Batch = Batch {
    spec: spec(&keys::NODE, "containers of the cloud on the node", 10, 20),
    place: Place::Cp,
    about: About::Host,
    command_s: 10,
    given: nothing,
    sections: nodes::CONTAINERS,
};

static CONTROL_LOGS: Batch = Batch {
    spec: spec(&keys::NODE_SURVEY, "logs of the cloud on the node", 120, 60),
    place: Place::Oc,
    about: About::Host,
    command_s: 15,
    given: nothing,
    sections: nodes::LOGS,
};

static COMPUTE_LOGS: Batch = Batch {
    spec: spec(&keys::NODE_SURVEY, "logs of the cloud on the node", 120, 60),
    place: Place::Cp,
    about: About::Host,
    command_s: 15,
    given: nothing,
    sections: nodes::LOGS,
};

static CONTROL: Batch = Batch {
    spec: spec(&keys::CONTROL, "database, message bus and routers of the control node", 10, 40),
    place: Place::Oc,
    about: About::Host,
    command_s: 10,
    given: nothing,
    sections: nodes::CONTROL,
};

static CONTROL_SURVEY: Batch = Batch {
    spec: spec(&keys::CONTROL_SURVEY, "leftovers on the control node", 120, 60),
    place: Place::Oc,
    about: About::Host,
    command_s: 15,
    given: nothing,
    sections: nodes::SURVEY,
};

const fn spec(
    info: &'static ProbeInfo,
    title: &'static str,
    in_view_s: u64,
    timeout_s: u64,
) -> ProbeSpec {
    ProbeSpec {
        info,
        layer: Layer::Openstack,
        title,
        every_in_view: Duration::from_secs(in_view_s),
        timeout: Duration::from_secs(timeout_s),
    }
}

fn keystone(site: &Site, cloud: &Target) -> Vec<Given> {
    let name = cloud.wanted.get(wanted::KEYSTONE_NAME);
    let name = name.or_else(|| site.wanted.get(wanted::KEYSTONE_NAME));
    vec![Given::new("KEYSTONE", name.cloned())]
}

/// The members of a list: the list itself, as the client prints it, or the only
/// list in an object, as the services' own answers have it.
fn list(value: &Value) -> Option<&Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        Value::Object(fields) => fields.values().find_map(Value::as_array),
        _ => None,
    }
}

/// A field of an item by any of its names. The client heads its columns
/// `Agent Type` where the services say `agent_type`: both are the same name.
fn field<'v>(item: &'v Value, names: &[&str]) -> Option<&'v Value> {
    let same = |name: &str, other: &str| {
        let plain = |text: &str| text.to_ascii_lowercase().replace([' ', '-'], "_");
        plain(name) == plain(other)
    };
    let fields = item.as_object()?;
    names
        .iter()
        .find_map(|name| fields.iter().find(|(key, _)| same(key, name)).map(|(_, value)| value))
}

/// The same as text.
fn text(item: &Value, names: &[&str]) -> String {
    json_text(field(item, names))
}

/// A table with a row per item.
fn rows(columns: &[&str], items: &[Value], row: impl Fn(&Value) -> Vec<String>) -> Table {
    let mut table = Table::new(columns);
    items.iter().take(MOST_ROWS).for_each(|item| table.push(row(item)));
    table
}
