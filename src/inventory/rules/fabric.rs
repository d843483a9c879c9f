//! V-FAB-01 to 04: switches, redundancy groups, VLAN namespaces.

use std::collections::BTreeMap;

use super::dhcp::namespace_ranges;
use super::findings::Findings;
use super::reading::At;
use super::view::{View, text};

fn is_spine(switch: At<'_>) -> bool {
    text(switch, "role").as_deref() == Some("spine")
}

/// Private numbers (RFC 6996).
fn is_private(asn: i64) -> bool {
    (64_512..=65_534).contains(&asn) || (4_200_000_000..=4_294_967_294).contains(&asn)
}

/// V-FAB-01: one number for all spines; each leaf a private one of its own.
pub fn system_numbers_fit(view: &View<'_>, out: &mut Findings<'_>) {
    let switches = view.switches();
    let mut spines: Option<(i64, &str)> = None;
    for (key, switch) in switches.iter().filter(|(_, switch)| is_spine(*switch)) {
        let Some(at) = switch.get("asn") else { continue };
        let Some(asn) = out.read(at, at.int(), "asn") else { continue };
        match spines {
            Some((first, other)) if first != asn => {
                let sentence =
                    format!("asn of the spine {key} is {asn}, that of {other} is {first}");
                out.broken(
                    at.place(),
                    sentence,
                    "all spines of a fabric share one number, 65100 by convention",
                );
            }
            Some(_) => {}
            None => spines = Some((asn, key)),
        }
    }
    let mut leaves: BTreeMap<i64, &str> = BTreeMap::new();
    for (key, switch) in switches.iter().filter(|(_, switch)| !is_spine(*switch)) {
        let Some(at) = switch.get("asn") else { continue };
        let Some(asn) = out.read(at, at.int(), "asn") else { continue };
        if let Some((spine, name)) = spines.filter(|(spine, _)| *spine == asn) {
            let sentence =
                format!("asn of the leaf {key} is {spine}, which is the spines' ({name})");
            out.broken(at.place(), sentence, "give each leaf a number of its own");
        } else if let Some(other) = leaves.insert(asn, key) {
            out.broken(
                at.place(),
                format!("asn {asn} belongs to {other} and to {key}"),
                "give each leaf a number of its own",
            );
        } else if !is_private(asn) {
            let sentence = format!("asn {asn} of {key} is not a private one");
            out.broken(at.place(), sentence, "64512 to 65534 are private");
        }
    }
}

/// V-FAB-02: leaves have a tunnel address, spines have none.
pub fn only_leaves_have_tunnels(view: &View<'_>, out: &mut Findings<'_>) {
    for (key, switch) in view.switches() {
        match switch.get("vtep_ip") {
            Some(at) if is_spine(switch) => {
                out.broken(
                    at.place(),
                    format!("the spine {key} has a vtep_ip"),
                    "take it out; only leaves end tunnels",
                );
            }
            None if text(switch, "role").is_some() && !is_spine(switch) => {
                out.broken(
                    switch.place(),
                    format!("the leaf {key} has no vtep_ip"),
                    "172.30.12.N/32 by convention",
                );
            }
            _ => {}
        }
    }
}

/// V-FAB-03: redundancy groups exist by that exact name and have two members.
pub fn redundancy_groups_are_whole(view: &View<'_>, out: &mut Findings<'_>) {
    for controller in view.members("hedgehog_control") {
        let mut members: BTreeMap<String, (usize, At<'_>)> = BTreeMap::new();
        for (key, group) in
            controller.at("hedgehog_switch_groups").into_iter().flat_map(At::entries)
        {
            let name = text(group, "name").unwrap_or_else(|| key.to_owned());
            members.insert(name, (0, group));
        }
        for (key, switch) in controller.at("hedgehog_switches").into_iter().flat_map(At::entries) {
            let Some(at) = switch.at("redundancy.group") else { continue };
            let Some(name) = out.text(Some(at), "redundancy.group") else { continue };
            match members.get_mut(&name) {
                Some((count, _)) => *count += 1,
                None => {
                    let near = members.keys().find(|known| known.eq_ignore_ascii_case(&name));
                    let hint = near.map_or_else(
                        || "add it to hedgehog_switch_groups".to_owned(),
                        |near| format!("it is written {near} there; case matters"),
                    );
                    let sentence = format!(
                        "{key} is in the redundancy group {name}, which hedgehog_switch_groups does not have"
                    );
                    out.broken(at.place(), sentence, &hint);
                }
            }
        }
        for (name, (count, at)) in members {
            if count < 2 {
                let sentence = format!(
                    "the redundancy group {name} has {count} members, at least 2 are needed"
                );
                out.broken(at.place(), sentence, "name it in redundancy.group of both switches");
            }
        }
    }
}

/// V-FAB-04: VLAN namespaces lie in 1..4094 and apart from one another.
///
/// The site's own VLANs in a namespace are V-VLAN-01's business.
pub fn namespaces_are_disjoint(view: &View<'_>, out: &mut Findings<'_>) {
    let mut ranges = namespace_ranges(view);
    for (name, range, low, high) in &ranges {
        if low > high {
            out.broken(
                range.place(),
                format!("a range of {name} begins at {low}, after its end {high}"),
                "swap them",
            );
        } else if *low < 1 || *high > 4094 {
            let sentence = format!("{low} to {high} of {name} holds reserved ids");
            out.broken(range.place(), sentence, "VLAN ids go from 1 to 4094");
        }
    }
    ranges.sort_by_key(|(_, range, low, _)| (*low, range.place().line, range.place().column));
    let mut widest: Option<(String, i64)> = None;
    for (name, range, low, high) in ranges {
        if let Some((before, end)) = &widest
            && low <= *end
        {
            let sentence =
                format!("{low} to {high} of {name} overlaps {before}, which goes up to {end}");
            out.broken(range.place(), sentence, "give each namespace ids of its own");
        }
        if widest.as_ref().is_none_or(|(_, end)| high > *end) {
            widest = Some((name, high));
        }
    }
}
