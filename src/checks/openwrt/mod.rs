//! Judging the router VM: its services, names and addresses, tunnels, routes,
//! firewall, and what it serves to others.

mod dhcp;
mod firewall;
mod routing;
mod served;
mod services;

use crate::checks::hosts::has_role;
use crate::checks::{Case, Rule};
use crate::domain::{Role, Site, Target};

/// The rules of the router VM, by subject.
pub const RULES: &[&[Rule]] =
    &[services::RULES, dhcp::RULES, served::RULES, routing::RULES, firewall::RULES];

const LOOK: &[&str] = &["openwrt.look"];
const SURVEY: &[&str] = &["openwrt.survey"];
const SERVED: &[&str] = &["openwrt.served"];

fn on_router(_: &Site, target: &Target) -> bool {
    has_role(target, &[Role::RouterVm])
}

/// On the bastion, of a site with a router VM.
fn on_bastion(site: &Site, target: &Target) -> bool {
    has_role(target, &[Role::Bastion]) && router_of(site).is_some()
}

fn router_of(site: &Site) -> Option<&Target> {
    site.targets.iter().find(|target| target.is(Role::RouterVm))
}

/// The words of something that the inventory expects of the case's target.
fn words<'a>(case: &'a Case<'_>, name: &str) -> Vec<&'a str> {
    let words = case.target.wanted.get(name).map_or("", String::as_str);
    words.split(' ').filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests;
