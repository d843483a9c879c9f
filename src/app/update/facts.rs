//! Site, asks and answers.

use crate::checks::{Catalogue, Known};
use crate::domain::{Answer, Layer, ProbeId, Site, Stamp, Target, TargetId};

use super::super::areas::areas;
use super::super::list::listing_in;
use super::super::model::ProbeCounts;
use super::super::site_index::SiteIndex;
use super::super::verdicts::judging::{Judged, Rules, judge, judge_at_the_end};
use super::super::{Effect, Model, RowId};

/// How many targets in view are told; a list that is longer shows no more at once.
const IN_VIEW: usize = 200;

/// Takes in the site. What is known of targets that stay is kept.
pub fn site_loaded(model: &mut Model, site: Site, catalogue: Catalogue, rules: &Rules) {
    model.index = SiteIndex::of(&site);
    model.built = rules.iter().filter_map(|rule| Some(catalogue.get(rule.id)?.layer)).collect();
    model.site = site;
    model.catalogue = catalogue;
    model.is_loaded = true;
    model.readings += 1;
    let index = &model.index;
    let site = &model.site;
    model.facts.targets.retain(|id, _| index.target(site, id).is_some());
    model.probes = counted(model);
    // Gone targets leave the sums; the others keep since when they are so.
    let gone: Vec<TargetId> = model
        .verdicts
        .targets
        .keys()
        .filter(|id| model.index.target(&model.site, id).is_none())
        .cloned()
        .collect();
    for id in gone {
        model.verdicts.replace(&id, 0, Default::default(), model.now, &mut model.history);
    }
    for at in 0..model.site.targets.len() {
        judge_at(model, at, rules);
    }
}

fn counted(model: &Model) -> ProbeCounts {
    let mut counts = ProbeCounts { known: 0, asking: 0, troubled: 0, ..model.probes };
    for state in model.facts.targets.values().flat_map(|facts| facts.probes.values()) {
        counts.known += 1;
        counts.asking += usize::from(state.asking.is_some());
        counts.troubled += usize::from(state.trouble.is_some());
    }
    counts
}

/// An ask was sent.
pub fn asked(model: &mut Model, probe: &ProbeId, at: Stamp) {
    if model.index.target(&model.site, &probe.target).is_none() {
        return;
    }
    model.now = model.now.max(at);
    let before = model.facts.of(&probe.target).probe(probe.probe.as_str());
    let is_known = before.is_some();
    let was_asking = before.is_some_and(|state| state.asking.is_some());
    model.probes.asked += 1;
    model.probes.known += usize::from(!is_known);
    model.probes.asking += usize::from(!was_asking);
    model.facts.asked(probe, at);
}

/// An answer came: it is kept, and the target and its other half are judged again.
pub fn answered(
    model: &mut Model,
    probe: &ProbeId,
    answer: Answer,
    at: Stamp,
    took_ms: u64,
    rules: &Rules,
) {
    if model.index.target(&model.site, &probe.target).is_none() {
        return;
    }
    model.now = model.now.max(at);
    let before = model.facts.of(&probe.target).probe(probe.probe.as_str());
    let is_known = before.is_some();
    let was_asking = before.is_some_and(|state| state.asking.is_some());
    let was_troubled = before.is_some_and(|state| state.trouble.is_some());
    let is_troubled = answer.cause().is_some();
    let counts = &mut model.probes;
    counts.answered += 1;
    counts.known += usize::from(!is_known);
    counts.asking = counts.asking.saturating_sub(usize::from(was_asking));
    counts.troubled =
        counts.troubled.saturating_sub(usize::from(was_troubled)) + usize::from(is_troubled);
    model.facts.take(probe, answer, at, took_ms);
    judge_target(model, &probe.target, rules);
    if let Some(partner) = model.index.partner_of(&model.site, &probe.target) {
        judge_target(model, &partner, rules);
    }
    let told = model.index.told_by(&model.site, &probe.target);
    for at in told {
        judge_at(model, at, rules);
    }
}

fn judge_target(model: &mut Model, id: &TargetId, rules: &Rules) {
    if let Some(at) = model.index.position(id) {
        judge_at(model, at, rules);
    }
}

/// A controller goes by the name of its machine.
fn call(index: &SiteIndex, site: &Site, target: &Target, judged: &mut Judged) {
    if let Some(machine) = &target.machine {
        let found = index.target(site, machine);
        judged.called = found.map_or_else(|| machine.to_string(), |machine| machine.name.clone());
    }
}

/// Judges the target at that place of the site again.
pub fn judge_at(model: &mut Model, at: usize, rules: &Rules) {
    let Some(target) = model.site.targets.get(at) else { return };
    let mut judged = judge(rules, &model.catalogue, &model.site, &model.facts, target, model.now);
    call(&model.index, &model.site, target, &mut judged);
    for change in model.verdicts.replace(&target.id, at, judged, model.now, &mut model.history) {
        model.changes.push(change);
    }
}

/// A look that asks once is over: what was never answered is judged as it is.
pub fn look_ended(model: &mut Model, layers: &[Layer], rules: &Rules) {
    for (at, target) in model.site.targets.iter().enumerate() {
        let known = Known {
            catalogue: &model.catalogue,
            site: &model.site,
            facts: &model.facts,
            now: model.now,
        };
        let mut judged = judge_at_the_end(layers, rules, &known, target);
        call(&model.index, &model.site, target, &mut judged);
        for change in model.verdicts.replace(&target.id, at, judged, model.now, &mut model.history)
        {
            model.changes.push(change);
        }
    }
}

/// Tells which targets are on screen, when they are others than before.
pub fn in_view(model: &mut Model) -> Option<Effect> {
    let mut targets: Vec<TargetId> = Vec::new();
    if let Some(target) = model.route_target() {
        targets.push(target.id.clone());
        targets.extend(model.index.partner_of(&model.site, &target.id));
    }
    if !model.is_too_small_for_all() {
        let areas = areas(model, model.size);
        for panel in model.screen().panels {
            if areas.panel(panel.name).is_none() || panel.is_text {
                continue;
            }
            let listing = listing_in(model, panel, &areas);
            for (row, _) in listing.shown() {
                if let RowId::Target(target) | RowId::Finding(_, target) = row {
                    targets.push(target.clone());
                    targets.extend(model.index.controller_of(target).cloned());
                }
            }
        }
    }
    targets.sort();
    targets.dedup();
    targets.truncate(IN_VIEW);
    if targets == model.in_view {
        return None;
    }
    model.in_view.clone_from(&targets);
    Some(Effect::InView(targets))
}
