//! Looking at management controllers: Redfish over HTTPS and IPMI 2.0, each
//! for itself, so that one can be judged by the other.

pub mod ipmi;
pub mod redfish;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use super::Probe;
use crate::domain::{Health, Limits, SensorPlace, Site, TargetKind};

/// The probes of every management controller of the site.
pub fn layout(site: &Site) -> Vec<Arc<dyn Probe>> {
    let mut probes: Vec<Arc<dyn Probe>> = Vec::new();
    for target in site.targets.iter().filter(|target| target.kind == TargetKind::Bmc) {
        let Some(endpoint) = &target.bmc else { continue };
        let machine = target.machine.as_ref().and_then(|id| site.target(id));
        probes.push(Arc::new(redfish::RedfishProbe::new(target, machine, endpoint)));
        probes.push(Arc::new(ipmi::IpmiProbe::new(target, machine, endpoint)));
    }
    probes
}

/// Where a temperature sensor sits, by its name; vendors write `Inlet Temp`,
/// `Inlet_Temp`, `System Board Inlet Temp`, `Chassis Intake Temp`, `01-Inlet Ambient`, `Ambient Temp`.
fn place_by_name(name: &str) -> SensorPlace {
    let name = name.to_ascii_lowercase();
    let elsewhere = ["gpu", "nic", "hca", "psu", "ps1", "ps2", "outlet", "exhaust"];
    if ["inlet", "intake", "ambient"].iter().any(|word| name.contains(word))
        && !elsewhere.iter().any(|word| name.contains(word))
    {
        SensorPlace::Inlet
    } else {
        SensorPlace::Inside
    }
}

/// Limits without those that say nothing: controllers report 0 for an upper
/// limit that is not set.
fn sound(limits: Limits) -> Limits {
    let upper = |limit: Option<f64>| limit.filter(|limit| *limit != 0.0);
    Limits { high_warn: upper(limits.high_warn), high_fail: upper(limits.high_fail), ..limits }
}

/// The worst of several judgements, without those that say nothing.
fn worst(healths: impl IntoIterator<Item = Health>) -> Option<Health> {
    healths.into_iter().filter(|health| *health >= Health::Ok).max()
}
