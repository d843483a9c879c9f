//! The site: what the inventory and `shopfloor.yml` say, as the rest of the product needs it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Target, TargetId};

/// A site, resolved and without secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Site {
    /// Its directory.
    pub directory: PathBuf,
    /// Short name for the header: `name` in `shopfloor.yml`, else `cluster_name`, else the directory's name.
    pub name: String,
    /// The warning word of the site (`PROD`), if it has one.
    pub word: Option<String>,
    /// The colour role or colour of that word.
    pub colour: Option<String>,
    /// Whether this is the embedded demo site.
    pub is_demo: bool,
    /// Whether an inventory was found; without one the screen opens and offers the example.
    pub has_inventory: bool,
    /// Whether one of the groups of an AI Factory is present.
    pub is_ai_factory: bool,
    /// All targets, in the order of the inventory.
    pub targets: Vec<Target>,
    /// Serial lines that `shopfloor.yml` names.
    #[serde(default)]
    pub serial_lines: Vec<SerialLine>,
    /// Site-wide values that checks compare with (expected VLANs, NTP server …).
    pub wanted: BTreeMap<String, String>,
    /// Thresholds of `shopfloor.yml` and `checks/`, by `CHECK-ID.name`.
    pub thresholds: BTreeMap<String, f64>,
    /// What is wrong with the files the site was read from, one printable line each.
    pub problems: Vec<String>,
}

/// A serial line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialLine {
    /// Its id under `/dev/serial/by-id`.
    pub id: String,
    /// What is at its other end.
    pub target: String,
    /// Its speed in bits per second, if the site says.
    pub baud: Option<u32>,
}

impl Site {
    /// The target of that id.
    pub fn target(&self, id: &TargetId) -> Option<&Target> {
        self.targets.iter().find(|target| &target.id == id)
    }

    /// The management controller of a machine.
    pub fn bmc_of(&self, machine: &TargetId) -> Option<&Target> {
        self.targets.iter().find(|target| target.machine.as_ref() == Some(machine))
    }
}
