//! Judging the services of a site: registry, certificates, names, sign-on, VPN.

mod certificates;
mod names;
mod registry;
mod source;
mod tunnels;

use crate::checks::Rule;
use crate::checks::hosts::has_role;
use crate::domain::{Role, Site, System, Target, TargetKind};

/// The rules of this layer, by subject.
pub const RULES: &[&[Rule]] =
    &[registry::RULES, source::RULES, certificates::RULES, names::RULES, tunnels::RULES];

/// What the bastion is asked every tick.
pub(crate) const LOOK: &[&str] = &["services.look"];
/// What the bastion is asked every few minutes.
pub(crate) const SURVEY: &[&str] = &["services.survey"];

pub(crate) fn on_bastion(_: &Site, target: &Target) -> bool {
    has_role(target, &[Role::Bastion])
}

pub(crate) fn is_cloud(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Api(System::Openstack)
}

#[cfg(test)]
pub(crate) mod tests;
