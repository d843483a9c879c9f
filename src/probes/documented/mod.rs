//! Looking by the commands that the vendor documents: one batched read-only
//! script per place and tick, whose sections are the documented commands.
//!
//! A layer declares keys (`domain::keys::LAYER`, with a [`ProbeInfo`] per
//! script) and gives [`Batch`]es: where the script runs ([`Place`]), whom its
//! facts are of ([`About`]), and its [`Section`]s, each with the pure function
//! that reads its answer. One line in [`REGISTRY`] and everything else follows:
//!
//! ```text
//! pub static LOOK: Batch = Batch {
//!     spec: ProbeSpec { info: &keys::LOOK, layer: Layer::Ceph, title: "…", every_in_view: …, timeout: … },
//!     place: Place::Csh,
//!     about: About::Api(System::Ceph),
//!     command_s: 20,
//!     given: nothing,
//!     sections: &[Section {
//!         name: "status",
//!         program: "ceph status",
//!         script: "t ceph status -f json",
//!         needs: &[],
//!         keys: &[keys::HEALTH.info],
//!         read: |answer, report| {
//!             let status = answer.json("the status of Ceph")?;   // status 0 and JSON, or a cause
//!             report.learn(keys::HEALTH, json_text(status.pointer("/health/status")));
//!             Ok(())
//!         },
//!     }],
//! };
//! ```
//!
//! In a section's script `t CMD…` runs a command with a limit of
//! [`Batch::command_s`] seconds, `r CMD…` the same as root (through `sudo -n`
//! where the account may), `f FILE` prints a small file. Its exit status is
//! that of the section; standard error is kept beside standard output, up to
//! 2,000 bytes. Sections run in shells of their own: no variable goes from one
//! to the next, `cd` neither. What a section cannot tell becomes a cause for
//! its keys: 127 `command-missing`, 126 `sudo-password`, 124 `timed-out`,
//! 77 `password-sealed`, and what `complaints` knows of standard error.
//!
//! To replace one documented command by a native probe later, take its section
//! out and declare its keys under the other probe.

mod ask;
mod complaints;
mod place;
mod script;
mod sections;
#[cfg(test)]
mod shells;

use std::sync::Arc;

use super::{Probe, ProbeSpec};
use crate::domain::keys::KeyInfo;
use crate::domain::{Report, Site, System, Target};

pub use super::hosts::parse::Trouble;
pub(crate) use super::hosts::parse::{first_line, json_text, lines, yes_or_no};
pub use place::Place;
pub use script::{Given, script};
pub use sections::{SectionAnswer, report};

/// One script: what is asked at a place in one go.
#[derive(Debug)]
pub struct Batch {
    /// Name, cadence, layer and time-out. The time-out covers the whole script
    /// and, where several hosts lead to the place, all of them.
    pub spec: ProbeSpec,
    /// Where it runs.
    pub place: Place,
    /// Whom its facts are of.
    pub about: About,
    /// How many seconds one command of it may take.
    pub command_s: u32,
    /// The values that the script gets of the site, for one target.
    pub given: fn(&Site, &Target) -> Vec<Given>,
    /// What is asked, in order.
    pub sections: &'static [Section],
}

/// Whom the facts of a script are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The host it runs on (or from which the place is entered); every such host is asked.
    Host,
    /// A system of the site; the first host of the place that answers speaks for it.
    Api(System),
}

/// One documented command, or a few of one subject.
#[derive(Debug)]
pub struct Section {
    /// Its name in script and answer: a word of letters, digits and dashes, once per batch.
    pub name: &'static str,
    /// The program it runs, for sentences (`kubectl`).
    pub program: &'static str,
    /// POSIX `sh`; may stand in a file of `assets/probes/LAYER/`.
    pub script: &'static str,
    /// Values that it cannot be asked without, by name.
    pub needs: &'static [&'static str],
    /// The keys it may fill; those it leaves out are lost with the cause when
    /// `read` ends in trouble.
    pub keys: &'static [&'static KeyInfo],
    /// Adds to the report what the answer tells. Pure.
    pub read: Read,
}

/// Reads the answer of a section.
pub type Read = fn(&SectionAnswer<'_>, &mut Report) -> Result<(), Trouble>;

/// For a [`Batch`] whose sections need no values of the site.
pub fn nothing(_: &Site, _: &Target) -> Vec<Given> {
    Vec::new()
}

/// The layers that look this way. A new layer is one line here and one folder.
const REGISTRY: &[&[&Batch]] = &[
    super::ceph::BATCHES,
    super::openstack::BATCHES,
    super::platform::BATCHES,
    super::services::BATCHES,
    super::observing::BATCHES,
    super::fabric::BATCHES,
    super::openwrt::BATCHES,
];

/// Every script.
pub fn batches() -> impl Iterator<Item = &'static Batch> {
    REGISTRY.iter().flat_map(|batches| batches.iter().copied())
}

/// The probes of a site.
pub fn layout(site: &Site) -> Vec<Arc<dyn Probe>> {
    batches().flat_map(|batch| ask::probes(batch, site)).collect()
}
