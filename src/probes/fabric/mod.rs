//! Looking at the switched fabric through its controller: the documented
//! commands (`hedgehog` in the vendor's words). One file per subject; the
//! controller tells of itself, of the switches, of the wiring.

mod agents;
mod console;
mod controller;
mod credentials;
mod switches;
mod wiring;

use std::time::Duration;

use super::ProbeSpec;
use super::documented::{About, Batch, Given, Place, Section, nothing};
use crate::domain::keys::fabric as keys;
use crate::domain::{Layer, Site, Target, TargetKind, wanted};

/// The scripts of this layer.
pub const BATCHES: &[&Batch] = &[&LOOK, &SURVEY, &SWITCHES, &CONSOLE];

static LOOK: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::LOOK,
        layer: Layer::Fabric,
        title: "switches and controller, by kubectl on the fabric controller",
        every_in_view: Duration::from_secs(10),
        timeout: Duration::from_secs(45),
    },
    place: Place::Hh,
    about: About::Host,
    command_s: 15,
    given: nothing,
    sections: &[
        controller::CLOCK,
        controller::API,
        agents::AGENTS,
        controller::PODS,
        controller::FABRICATOR,
        controller::INSTALLER,
    ],
};

static SURVEY: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::SURVEY,
        layer: Layer::Fabric,
        title: "wiring, accounts and logs, by kubectl on the fabric controller",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(90),
    },
    place: Place::Hh,
    about: About::Host,
    command_s: 15,
    given: nothing,
    sections: &[
        wiring::SWITCHES,
        wiring::CONNECTIONS,
        wiring::LLDP,
        wiring::INSPECT,
        wiring::TENANCY,
        credentials::USERS,
        credentials::SHADOW,
        controller::KEY_SETS,
        controller::ROOM,
        controller::LOGS,
        controller::DEPLOYMENTS,
    ],
};

static SWITCHES: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::SWITCHES,
        layer: Layer::Fabric,
        title: "the switches themselves, over SSH from the fabric controller",
        every_in_view: Duration::from_secs(300),
        timeout: Duration::from_secs(90),
    },
    place: Place::Hh,
    about: About::Host,
    command_s: 20,
    given: switch_addresses,
    sections: &[switches::LOGINS, switches::AGENT_LOGS],
};

static CONSOLE: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::CONSOLE,
        layer: Layer::Fabric,
        title: "the console's way to the fabric, from the bastion",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(45),
    },
    place: Place::Box,
    about: About::Host,
    command_s: 15,
    given: nothing,
    sections: &[console::KUBECONFIG],
};

/// `NAME=ADDRESS` of every switch whose address the inventory names.
fn switch_addresses(site: &Site, _: &Target) -> Vec<Given> {
    let switches = site.targets.iter().filter(|target| target.kind == TargetKind::Switch);
    let words = switches.filter_map(|switch| {
        Some(format!("{}={}", switch.name, switch.wanted.get(wanted::ADDRESS)?))
    });
    vec![Given::new("SWITCHES", words)]
}

/// For the `const` sections of the files here.
const fn section(
    name: &'static str,
    script: &'static str,
    keys: &'static [&'static crate::domain::keys::KeyInfo],
    read: super::documented::Read,
) -> Section {
    Section { name, program: "kubectl", script, needs: &[], keys, read }
}

#[cfg(test)]
mod tests;
