//! Judging OpenStack: what the cloud and its nodes told. One file per subject.

mod bare_metal;
mod endpoints;
mod nodes;
mod offers;
mod services;

use crate::checks::judging::{NotKnown, Reading};
use crate::checks::{Case, Rule};
use crate::domain::keys::{FactType, Key};
use crate::domain::{Cause, CauseWord, Role, Site, System, Target, TargetKind, wanted};

/// The rules of this layer, by subject.
pub const RULES: &[&[Rule]] =
    &[services::RULES, bare_metal::RULES, endpoints::RULES, offers::RULES, nodes::RULES];

const LOOK: &[&str] = &["openstack.look"];
const SURVEY: &[&str] = &["openstack.survey"];

/// Whether a target is the cloud.
fn on_cloud(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Api(System::Openstack)
}

/// Whether a target is a control node.
fn on_control(_: &Site, target: &Target) -> bool {
    target.ssh.is_some() && target.is(Role::Control)
}

/// Whether a target has services of the cloud.
fn on_node(_: &Site, target: &Target) -> bool {
    target.ssh.is_some() && (target.is(Role::Control) || target.is(Role::Compute))
}

/// The control nodes of the site.
fn control_nodes(site: &Site) -> impl Iterator<Item = &Target> {
    site.targets.iter().filter(|target| on_control(site, target))
}

/// The lines of something that the inventory expects of the cloud.
fn expected_lines<'a>(case: &Case<'a>, name: &str) -> Vec<&'a str> {
    case.target.wanted.get(name).map_or(Vec::new(), |text| text.lines().collect())
}

/// Whether the inventory plans TLS for the endpoints.
fn plans_tls(case: &Case<'_>) -> bool {
    case.target.wanted.get(wanted::CLOUD_TLS).is_some_and(|planned| planned == "yes")
}

/// A machine's name without its domain.
fn short(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// What the first control node that tells has to say.
fn of_first<'a, T: FactType>(
    read: &mut Reading<'a>,
    key: Key<T>,
) -> Result<(&'a str, T), NotKnown> {
    let mut why = None;
    for node in control_nodes(read.case.site) {
        read.ask(node);
        let told = read.value(key);
        read.ask(read.case.target);
        match told {
            Ok(value) => return Ok((&node.name, value)),
            Err(not_known) => why = why.or(Some(not_known)),
        }
    }
    Err(why.unwrap_or_else(|| NotKnown::because("the inventory has no control node to ask")))
}

/// Whether a client's failure is an answer of the cloud: it was asked and
/// refused, or did not answer. What is sealed with us or missing there says
/// nothing about the cloud.
fn is_of_the_cloud(cause: &Cause) -> bool {
    use CauseWord as W;
    matches!(
        cause.word,
        W::AuthRefused | W::Refused | W::TimedOut | W::Garbled | W::NoRoute | W::Reset | W::Silent
    )
}
