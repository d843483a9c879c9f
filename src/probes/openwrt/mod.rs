//! Looking at the router VM: its services, tunnels and routes, and from the
//! bastion what it serves.

mod bird;
mod dhcp;
mod firewall;
mod served;
mod state;

use std::time::Duration;

use super::ProbeSpec;
use super::documented::{About, Batch, Given, Place, Section, nothing};
use crate::domain::keys::openwrt as keys;
use crate::domain::{Layer, Role, Site, Target, wanted};

/// The scripts of the router VM.
pub const BATCHES: &[&Batch] = &[&LOOK, &SURVEY, &SERVED];

static LOOK: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::LOOK,
        layer: Layer::Router,
        title: "services, tunnels and routes of the router, over SSH",
        every_in_view: Duration::from_secs(10),
        timeout: Duration::from_secs(30),
    },
    place: Place::Wrt,
    about: About::Host,
    command_s: 5,
    given: nothing,
    sections: &[
        state::CLOCK,
        state::SERVICES,
        dhcp::CONFIGURATION,
        dhcp::BOUND,
        dhcp::LEASES,
        state::WIREGUARD,
        bird::PROTOCOLS,
        bird::ROUTES,
        state::LOG,
    ],
};

static SURVEY: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::SURVEY,
        layer: Layer::Router,
        title: "firewall and files of the router, over SSH",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(45),
    },
    place: Place::Wrt,
    about: About::Host,
    command_s: 10,
    given: nothing,
    sections: &[
        state::SHARE,
        state::DUMMY,
        firewall::BANIP,
        firewall::ALLOWED,
        firewall::FORWARD_RULES,
    ],
};

static SERVED: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::SERVED,
        layer: Layer::Router,
        title: "what the bastion gets from the router",
        every_in_view: Duration::from_secs(60),
        timeout: Duration::from_secs(60),
    },
    place: Place::B0,
    about: About::Host,
    command_s: 10,
    given: router,
    sections: &[served::NAMES, served::PUBLIC, served::TFTP, served::BOOT, served::FIRMWARE],
};

/// The router's address, the names it must know, a name that is let through
/// although its address is private.
fn router(site: &Site, _: &Target) -> Vec<Given> {
    let router = site.targets.iter().find(|target| target.is(Role::RouterVm));
    let word = |name: &str| router.and_then(|router| router.wanted.get(name)).cloned();
    let names = word(wanted::ROUTER_NAMES).unwrap_or_default();
    let names: Vec<&str> = names
        .split(' ')
        .filter_map(|word| word.split('=').next())
        .filter(|n| !n.is_empty())
        .collect();
    // One with a dot stands in a zone that is exempt; the first will do.
    let exempt = names.iter().copied().find(|name| name.contains('.'));
    vec![
        Given::new("ROUTER", word(wanted::ADDRESS)),
        Given::new("EXEMPT", exempt),
        Given::new("NAMES", names),
    ]
}

const fn section(
    name: &'static str,
    program: &'static str,
    script: &'static str,
    keys: &'static [&'static crate::domain::keys::KeyInfo],
    read: super::documented::Read,
) -> Section {
    Section { name, program, script, needs: &[], keys, read }
}
