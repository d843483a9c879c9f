//! Which checks are asked of a target now.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::checks::{self, Catalogue, Known, Rule};
use crate::domain::{Age, FactStore, Judgement, Layer, Site, Stamp, Target};

/// What came of judging a target.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Judged {
    /// The judgements.
    pub judgements: Vec<Judgement>,
    /// Layers in which a check still waits for a first answer.
    pub awaited: BTreeSet<Layer>,
    /// What people call the target; a controller goes by its machine.
    pub called: String,
}

/// The rules that judge; tests bring their own.
pub type Rules = [&'static Rule];

/// Every rule that is built.
pub fn built() -> &'static Rules {
    static BUILT: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| checks::rules().collect());
    &BUILT
}

/// Within so long of each other the probes of a target are begun: the schedule
/// has all of them due at once and waits only for room.
const BEGUN_WITHIN: Age = Age::seconds(60);

/// Whether every probe that a rule needs has ended its first look, well or
/// not. A probe is asked of the target itself, or, in a rule on a controller,
/// of its machine, in one on a switch of the host that tells of it. One that was not even begun [`BEGUN_WITHIN`] after another
/// one ended is not asked here at all, and the rule says what that leaves unknown.
fn has_ended(rule: &Rule, known: &Known<'_>, target: &Target) -> bool {
    let Known { site, facts, now, .. } = *known;
    let teller = site.teller_of(target).map(|teller| &teller.id);
    let parts = || site.parts_of(target).map(|part| &part.id);
    let places = || std::iter::once(&target.id).chain(&target.machine).chain(teller).chain(parts());
    let state_of = |probe: &str| places().find_map(|place| facts.of(place).probe(probe));
    let states: Vec<_> = rule.probes.iter().map(|probe| state_of(probe)).collect();
    let ended = states.iter().flatten().filter(|state| state.tried.is_some());
    let first = ended.filter_map(|state| state.since).min();
    let is_late = first.is_some_and(|first| now.since(first) > BEGUN_WITHIN);
    states.iter().all(|state| match state {
        Some(state) => state.tried.is_some(),
        None => is_late,
    })
}

/// Judges a target. A check is awaited, not judged, until its probes have ended
/// their first look, each within its time-out: half an answer would be told as
/// a finding that the other half takes back. A check that names no probe rests
/// on what others tell and is judged at once.
pub fn judge(
    rules: &Rules,
    catalogue: &Catalogue,
    site: &Site,
    facts: &FactStore,
    target: &Target,
    now: Stamp,
) -> Judged {
    judge_case(rules, &Known { catalogue, site, facts, now }, target, |_| true)
}

/// Judges a target when a look at these layers (all when empty) is over. No
/// more answers come, so nothing of them is awaited: a check whose probes gave
/// no answer is unknown, not left out.
pub fn judge_at_the_end(
    layers: &[Layer],
    rules: &Rules,
    known: &Known<'_>,
    target: &Target,
) -> Judged {
    judge_case(rules, known, target, |layer| !layers.is_empty() && !layers.contains(&layer))
}

fn judge_case(
    rules: &Rules,
    known: &Known<'_>,
    target: &Target,
    may_await: impl Fn(Layer) -> bool,
) -> Judged {
    let mut awaited = BTreeSet::new();
    let judgements = checks::judge(rules, known, target, |rule, spec| {
        let is_judged = has_ended(rule, known, target) || !may_await(spec.layer);
        if !is_judged {
            awaited.insert(spec.layer);
        }
        is_judged
    });
    Judged { judgements, awaited, called: target.name.clone() }
}
