//! Judging: pure rules from facts to verdicts; descriptions and thresholds
//! are data (`assets/checks/*.yml`, a site's `checks/`). Nothing here asks or
//! draws; uses `domain` only.

pub mod acceptance;
pub mod areas;
pub mod catalogue;
pub mod ceph;
pub mod fabric;
pub mod gpu;
pub mod hosts;
pub mod judging;
pub mod observing;
pub mod openstack;
pub mod openwrt;
pub mod platform;
pub mod power;
pub mod router;
pub mod services;
#[cfg(test)]
mod test_samples;

use crate::domain::untrusted::scrub;
use crate::domain::{FactStore, Judgement, Site, Stamp, Target, TargetId};

pub use catalogue::{Catalogue, CheckSpec};

/// Everything a rule may look at.
pub struct Case<'a> {
    /// The site.
    pub site: &'a Site,
    /// Whom the judgement is about.
    pub target: &'a Target,
    /// Everything that is known.
    pub facts: &'a FactStore,
    /// The time.
    pub now: Stamp,
    /// The check's data: thresholds, next steps.
    pub spec: &'a CheckSpec,
}

/// A rule in code, joined to its data by its id.
pub struct Rule {
    /// The check's id.
    pub id: &'static str,
    /// Whether the check is about this target at all.
    pub applies: fn(&Site, &Target) -> bool,
    /// Names of the probes whose answers it needs.
    pub probes: &'static [&'static str],
    /// The rule itself; pure.
    pub judge: fn(&Case<'_>) -> Judgement,
}

/// The layers that judge. A new layer is one line here and one folder.
const REGISTRY: &[&[&[Rule]]] = &[
    hosts::RULES,
    router::RULES,
    &[power::RULES],
    ceph::RULES,
    openstack::RULES,
    platform::RULES,
    services::RULES,
    observing::RULES,
    gpu::RULES,
    acceptance::RULES,
    fabric::RULES,
    openwrt::RULES,
];

/// Every rule that is built.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    REGISTRY.iter().flat_map(|subjects| subjects.iter()).flat_map(|rules| rules.iter())
}

/// Ends the judging of one target: judgements that are one matter are joined,
/// and what rules have put together of names and values is made safe to read
/// on a terminal.
fn settle(judgements: &mut [Judgement]) {
    power::refer(judgements);
    fabric::refer(judgements);
    for judged in judgements {
        scrub(&mut judged.sentence);
        judged.next.iter_mut().for_each(scrub);
    }
}

/// What a judgement rests on, whoever it is about.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The data of the checks.
    pub catalogue: &'a Catalogue,
    /// The site.
    pub site: &'a Site,
    /// Everything that is known.
    pub facts: &'a FactStore,
    /// The time.
    pub now: Stamp,
}

/// Applies the rules that are about a target and that `may` be applied now.
pub fn judge(
    rules: &[&'static Rule],
    known: &Known<'_>,
    target: &Target,
    mut may: impl FnMut(&Rule, &CheckSpec) -> bool,
) -> Vec<Judgement> {
    let Known { catalogue, site, facts, now } = *known;
    let mut all: Vec<Judgement> = rules
        .iter()
        .filter(|rule| (rule.applies)(site, target))
        .filter_map(|rule| {
            let spec = catalogue.get(rule.id)?;
            may(rule, spec).then(|| (rule.judge)(&Case { site, target, facts, now, spec }))
        })
        .collect();
    settle(&mut all);
    all
}

/// All judgements on one target, as at the end of a look: nothing is awaited.
pub fn judge_target(
    catalogue: &Catalogue,
    site: &Site,
    facts: &FactStore,
    target: &TargetId,
    now: Stamp,
) -> Vec<Judgement> {
    let Some(target) = site.target(target) else { return Vec::new() };
    let rules: Vec<&'static Rule> = rules().collect();
    judge(&rules, &Known { catalogue, site, facts, now }, target, |_, _| true)
}
