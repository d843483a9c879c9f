//! Which switch each cable of a machine ends at, as the fabric's connections say.

use std::collections::HashMap;

use super::reference;
use super::site_reading::{Reading, short};
use crate::domain::untrusted::printable;

/// The lists of connections that lead from machines to switches.
const LISTS: [&str; 3] = [
    "hedgehog_eslag_connections",
    "hedgehog_bundled_connections",
    "hedgehog_unbundled_connections",
];

/// The cables of every machine: port → `SWITCH PORT`.
#[derive(Debug, Default)]
pub(super) struct Cabling {
    of: HashMap<String, Vec<(String, String)>>,
}

impl Cabling {
    pub fn read(reading: &Reading<'_>) -> Cabling {
        let mut cabling = Cabling::default();
        for found in LISTS.iter().filter_map(|list| reading.find(list)) {
            for entry in found.value.entries() {
                // A connection of a single cable says its ends itself.
                let links = entry.value.get("links").map(|links| links.items());
                for link in links.unwrap_or(std::slice::from_ref(&entry.value)) {
                    let word = |name: &str| {
                        let text = reference::text(link.get(name)?, &found.vars)?;
                        Some(printable(&text)).filter(|text| !text.is_empty())
                    };
                    let port = word("server_port").or_else(|| word("server_interface"));
                    let ends = (word("server"), port, word("switch"));
                    let (Some(server), Some(port), Some(switch)) = ends else { continue };
                    let end = match word("switch_port") {
                        Some(switch_port) => format!("{switch} {switch_port}"),
                        None => switch,
                    };
                    cabling.of.entry(server).or_default().push((port, end));
                }
            }
        }
        cabling
    }

    /// The cables of a machine that goes by any of these names; the domain behind a name does not count.
    pub fn of<'a>(&'a self, names: &[&str]) -> &'a [(String, String)] {
        let of = |name: &&str| self.of.get(*name).or_else(|| self.of.get(short(name)));
        names.iter().find_map(of).map_or(&[], Vec::as_slice)
    }
}
