//! Which checks are asked of a target now.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::checks::{self, Case, Catalogue, Rule};
use crate::domain::{FactStore, Judgement, Layer, Site, Stamp, Target};

/// What came of judging a target.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Judged {
    /// The judgements.
    pub judgements: Vec<Judgement>,
    /// Layers in which a check still waits for a first answer.
    pub awaited: BTreeSet<Layer>,
}

/// The rules that judge; tests bring their own.
pub type Rules = [&'static Rule];

/// Every rule that is built.
pub fn built() -> &'static Rules {
    static BUILT: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| checks::rules().collect());
    &BUILT
}

/// Judges a target. A check whose probes were all never tried is not judged
/// but awaited: before the first answer nothing is known, not even that it cannot be known.
/// A check that names no probe rests on what others tell and is judged at once.
pub fn judge(
    rules: &Rules,
    catalogue: &Catalogue,
    site: &Site,
    facts: &FactStore,
    target: &Target,
    now: Stamp,
) -> Judged {
    let mut judged = Judged::default();
    let known = facts.of(&target.id);
    for rule in rules.iter().filter(|rule| (rule.applies)(site, target)) {
        let Some(spec) = catalogue.get(rule.id) else { continue };
        let was_tried =
            |probe: &&str| known.probe(probe).is_some_and(|state| state.tried.is_some());
        if rule.probes.is_empty() || rule.probes.iter().any(was_tried) {
            judged.judgements.push((rule.judge)(&Case { site, target, facts, now, spec }));
        } else {
            judged.awaited.insert(spec.layer);
        }
    }
    judged
}
