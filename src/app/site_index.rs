//! Where in the site a target stands, and which targets judge together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{RackPlace, Role, Site, System, Target, TargetId, TargetKind};

/// The list of what has no rack in the inventory, as a rack of its own.
pub const UNPLACED: &str = "without a rack";

/// A rack and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rack {
    /// Its name.
    pub name: String,
    /// Its boxes from the top down, those without a unit last. Controllers stand in their machines.
    pub boxes: Vec<TargetId>,
    /// The same boxes: where each is in the site and in the rack.
    #[serde(default)]
    pub standings: Vec<Standing>,
}

/// Where a box stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its place in `site.targets`.
    pub at: usize,
    /// Its lowest unit, where the inventory names it.
    pub unit: Option<u16>,
    /// How many units it fills, at least one.
    pub height: u16,
}

/// Look-up by id for `site.targets`, made anew whenever the site is read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SiteIndex {
    position: BTreeMap<TargetId, usize>,
    controllers: BTreeMap<TargetId, TargetId>,
    /// The places of switches in `site.targets`.
    #[serde(default)]
    switches: Vec<usize>,
    /// What the palette searches for each target, by its place in `site.targets`:
    /// every name, alias, serial number and rack.
    pub search_texts: Vec<String>,
    /// The racks by name (`r9` before `r10`), then what stands in none.
    pub racks: Vec<Rack>,
}

impl SiteIndex {
    /// The index of a site. Of two targets with one id the first counts, as in `Site::target`.
    pub fn of(site: &Site) -> SiteIndex {
        let mut index = SiteIndex::default();
        for (at, target) in site.targets.iter().enumerate() {
            index.position.entry(target.id.clone()).or_insert(at);
            if target.kind == TargetKind::Switch {
                index.switches.push(at);
            }
            if let Some(machine) = &target.machine {
                index.controllers.entry(machine.clone()).or_insert_with(|| target.id.clone());
            }
        }
        index.racks = index.racks_of(site);
        index.search_texts = site.targets.iter().map(search_text).collect();
        index
    }

    fn racks_of(&self, site: &Site) -> Vec<Rack> {
        let mut racks: BTreeMap<_, (String, Vec<Standing>)> = BTreeMap::new();
        let mut unplaced = Vec::new();
        let boxes = site
            .targets
            .iter()
            .enumerate()
            .filter(|(_, target)| !matches!(target.kind, TargetKind::Api(_)))
            .filter(|(_, target)| target.kind != TargetKind::Bmc || target.machine.is_none());
        for (at, target) in boxes {
            match self.place_of(site, target) {
                Some(RackPlace { rack, unit, height }) => {
                    let (_, standings) =
                        racks.entry(natural(rack)).or_insert_with(|| (rack.clone(), Vec::new()));
                    standings.push(Standing { at, unit: *unit, height: (*height).max(1) });
                }
                None => unplaced.push(Standing { at, unit: None, height: 1 }),
            }
        }
        let id = |standing: &Standing| site.targets.get(standing.at).map(|t| t.id.clone());
        let rack = |name: String, standings: Vec<Standing>| Rack {
            name,
            boxes: standings.iter().filter_map(id).collect(),
            standings,
        };
        let placed = racks.into_values().map(|(name, mut standings)| {
            standings.sort_by_key(|standing| std::cmp::Reverse(standing.unit));
            rack(name, standings)
        });
        let without = (!unplaced.is_empty()).then(|| rack(UNPLACED.to_owned(), unplaced));
        placed.chain(without).collect()
    }

    /// How many racks the site has. What stands in none is listed like a rack, but is none.
    pub fn named_racks(&self) -> usize {
        self.racks.iter().filter(|rack| rack.name != UNPLACED).count()
    }

    /// The same in words: `3 racks and what is in none`.
    pub fn rack_words(&self) -> String {
        let named = self.named_racks();
        let racks = if named == 1 { "1 rack".to_owned() } else { format!("{named} racks") };
        if named < self.racks.len() { format!("{racks} and what is in none") } else { racks }
    }

    /// Where a target stands; where the inventory places only the controller, the machine is there too.
    pub fn place_of<'a>(&self, site: &'a Site, target: &'a Target) -> Option<&'a RackPlace> {
        target.rack.as_ref().or_else(|| {
            let partner = self.partner_of(site, &target.id)?;
            self.target(site, &partner)?.rack.as_ref()
        })
    }

    /// The target of that id.
    pub fn target<'a>(&self, site: &'a Site, id: &TargetId) -> Option<&'a Target> {
        site.targets.get(*self.position.get(id)?)
    }

    /// The place of a target in `site.targets`.
    pub fn position(&self, id: &TargetId) -> Option<usize> {
        self.position.get(id).copied()
    }

    /// The management controller of a machine.
    pub fn controller_of(&self, machine: &TargetId) -> Option<&TargetId> {
        self.controllers.get(machine)
    }

    /// The places in `site.targets` of what this host tells of, in rules that
    /// read its facts.
    pub fn told_by(&self, site: &Site, id: &TargetId) -> Vec<usize> {
        match self.target(site, id) {
            Some(host) if host.is_teller() => self.switches.clone(),
            // A storage node's gateway is one of Ceph's, a control node one of the cloud's.
            Some(host) if host.is(Role::Storage) => self.systems_at(site, System::Ceph),
            Some(host) if host.is(Role::Control) => self.systems_at(site, System::Openstack),
            _ => Vec::new(),
        }
    }

    fn systems_at(&self, site: &Site, system: System) -> Vec<usize> {
        let is_it = |target: &Target| target.kind == TargetKind::Api(system);
        // They stand behind the machines and controllers: from the end there is nothing to search.
        site.targets.iter().rposition(is_it).into_iter().collect()
    }

    /// The other half of a machine: its controller, or the machine of a controller.
    /// What one of them answers can turn a verdict on the other.
    pub fn partner_of(&self, site: &Site, id: &TargetId) -> Option<TargetId> {
        let target = self.target(site, id)?;
        target.machine.clone().or_else(|| self.controllers.get(id).cloned())
    }
}

fn search_text(target: &Target) -> String {
    let rack = target.rack.as_ref().map(|place| &place.rack);
    let names = std::iter::once(&target.name).chain(&target.aliases);
    let names: Vec<&str> = names.chain(&target.serial).chain(rack).map(String::as_str).collect();
    names.join(" ")
}

/// Text and numbers apart, so that `r10` comes after `r9`.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut number = String::new();
    for c in name.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        if !number.is_empty() {
            let digits = std::mem::take(&mut number);
            parts.push((std::mem::take(&mut text), digits.parse().unwrap_or(u64::MAX)));
        }
        text.push(c);
    }
    // The digits themselves tell `r1` from `r01`, which are two racks.
    parts.push((text, number.parse().unwrap_or(0)));
    parts.push((number, 0));
    parts
}

#[cfg(test)]
mod tests {
    use super::super::scenes;
    use super::*;

    #[test]
    fn a_machine_and_its_controller_are_partners() {
        let site = scenes::site(&["gpu-01", "gpu-02"]);
        let index = SiteIndex::of(&site);
        let bmc = TargetId::from("bmc:gpu-02");
        let host = TargetId::from("gpu-02");
        assert_eq!(index.partner_of(&site, &host), Some(bmc.clone()));
        assert_eq!(index.partner_of(&site, &bmc), Some(host.clone()));
        assert_eq!(index.target(&site, &host).map(|t| &t.id), Some(&host));
        assert_eq!(index.target(&site, &TargetId::from("gpu-09")), None);
    }
}
