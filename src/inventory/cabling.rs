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

/// The list of connections between switches, and the names of their ends.
const BETWEEN: [(&str, [&str; 2]); 2] = [
    ("hedgehog_fabric_connections", ["leaf", "spine"]),
    ("hedgehog_mesh_connections", ["leaf1", "leaf2"]),
];

/// The cables of every machine: port → `SWITCH PORT`; those of every switch: port → `MACHINE PORT`.
#[derive(Debug, Default)]
pub(super) struct Cabling {
    of: HashMap<String, Vec<(String, String)>>,
    wires: HashMap<String, Vec<(String, String)>>,
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
                        Some(switch_port) => {
                            let wire = (switch_port.clone(), format!("{server} {port}"));
                            cabling.wires.entry(switch.clone()).or_default().push(wire);
                            format!("{switch} {switch_port}")
                        }
                        None => switch,
                    };
                    cabling.of.entry(server).or_default().push((port, end));
                }
            }
        }
        cabling.between_switches(reading);
        cabling
    }

    fn between_switches(&mut self, reading: &Reading<'_>) {
        for (list, [one, other]) in BETWEEN {
            let Some(found) = reading.find(list) else { continue };
            for entry in found.value.entries() {
                for link in entry.value.get("links").map(|links| links.items()).unwrap_or_default()
                {
                    let end = |which: &str| {
                        let word = |name: &str| {
                            let text =
                                reference::text(link.at(&format!("{which}.{name}"))?, &found.vars)?;
                            Some(printable(&text)).filter(|text| !text.is_empty())
                        };
                        Some((word("switch")?, word("port")?))
                    };
                    let (Some(one), Some(other)) = (end(one), end(other)) else { continue };
                    for ((switch, port), (far, far_port)) in
                        [(one.clone(), other.clone()), (other, one)]
                    {
                        let wire = (port, format!("{far} {far_port}"));
                        self.wires.entry(switch).or_default().push(wire);
                    }
                }
            }
        }
    }

    /// The cables of a switch that goes by any of these names.
    pub fn at_switch<'a>(&'a self, names: &[&str]) -> &'a [(String, String)] {
        names.iter().find_map(|name| self.wires.get(*name)).map_or(&[], Vec::as_slice)
    }

    /// The cables of a machine that goes by any of these names; the domain behind a name does not count.
    pub fn of<'a>(&'a self, names: &[&str]) -> &'a [(String, String)] {
        let of = |name: &&str| self.of.get(*name).or_else(|| self.of.get(short(name)));
        names.iter().find_map(of).map_or(&[], Vec::as_slice)
    }
}
