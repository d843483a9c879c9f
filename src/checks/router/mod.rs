//! Judging the router box: firmware, virtualisation, bridge, serial lines.

mod machine;
mod network;
mod serial;
mod virtualisation;

pub(crate) use virtualisation::vm_of;

use crate::checks::Rule;
use crate::domain::{Role, Site, Target};

/// The rules of this layer, by subject.
pub const RULES: &[&[Rule]] =
    &[machine::RULES, network::RULES, virtualisation::RULES, serial::RULES];

/// Whether a target is the router box.
fn on_router_box(_: &Site, target: &Target) -> bool {
    crate::checks::hosts::has_role(target, &[Role::RouterBox])
}

#[cfg(test)]
mod tests;
