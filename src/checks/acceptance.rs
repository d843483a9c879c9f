//! Checks of the end-to-end acceptance that other checks answer. The rest needs
//! test objects or a person, and is asked by the acceptance plan.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::hosts::has_role;
use super::judging::{self, NotKnown, Ruling};
use super::platform::is_management;
use super::{Case, Catalogue, CheckSpec, Rule};
use crate::domain::{Judgement, Role, Site, Target, Verdict};

/// The rules of this area.
pub const RULES: &[&[Rule]] = &[&[
    Rule {
        id: "E2E-01",
        applies: is_management,
        probes: &["console.look"],
        judge: |case| by(case, &["MGMT-09"]),
    },
    Rule {
        id: "E2E-02",
        applies: on_router,
        probes: &[],
        judge: |case| by(case, &["WRT-13", "WRT-14", "OST-08"]),
    },
    Rule { id: "E2E-03", applies: on_router, probes: &[], judge: |case| by(case, &["WRT-18"]) },
]];

fn on_router(_: &Site, target: &Target) -> bool {
    has_role(target, &[Role::RouterVm])
}

/// The data of the other checks, with the thresholds of the site's settings.
fn spec(site: &Site, id: &str) -> Option<CheckSpec> {
    static BUILT_IN: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::load(&[], &BTreeMap::new()).0);
    let mut spec = BUILT_IN.get(id)?.clone();
    for (name, value) in &mut spec.thresholds {
        if let Some(own) = site.thresholds.get(&format!("{id}.{name}")) {
            *value = *own;
        }
    }
    Some(spec)
}

/// The worst of what these checks say, of every target that they are about.
/// One of which nothing is known leaves the whole unknown, unless another fails.
fn by(case: &Case<'_>, ids: &[&str]) -> Judgement {
    // It rests on what those rest on.
    let (mut source, mut seen) = (String::new(), None);
    let mut judgement = judging::judge(case, |_| {
        let mut rulings = Vec::new();
        let mut unknown = None;
        for id in ids {
            let rule = super::rules().find(|rule| rule.id == *id);
            let told = rule.zip(spec(case.site, id)).map(|(rule, spec)| {
                let about = |target: &&Target| (rule.applies)(case.site, target);
                let targets = case.site.targets.iter().filter(about);
                let judged =
                    targets.map(|target| (rule.judge)(&Case { target, spec: &spec, ..*case }));
                judged.collect::<Vec<_>>()
            });
            let told = told.unwrap_or_default();
            if told.is_empty() {
                rulings.push(Ruling::not_yet(format!("{id} is about nothing that the site has")));
            }
            for one in told {
                if source.is_empty() {
                    source.clone_from(&one.source);
                }
                seen = match (seen, one.seen) {
                    (Some(oldest), Some(at)) => Some(std::cmp::min(oldest, at)),
                    (known, at) => known.or(at),
                };
                if one.verdict == Verdict::Unknown {
                    unknown.get_or_insert(format!("{id}: {}", one.sentence));
                }
                rulings.push(
                    Ruling::new(one.verdict, one.sentence.clone()).showing(*id, one.sentence),
                );
            }
        }
        let failed = rulings.iter().any(|one| one.verdict() == Verdict::Fail);
        if let Some(why) = unknown.filter(|_| !failed) {
            return Err(NotKnown::because(why));
        }
        let well = format!("{} {}", ids.join(", "), if ids.len() == 1 { "passes" } else { "pass" });
        Ok(super::platform::together(rulings, well))
    });
    if !source.is_empty() {
        (judgement.source, judgement.seen) = (source, judgement.seen.or(seen));
    }
    judgement
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::hosts::worlds::{NOW, World};
    use crate::checks::judge_target;
    use crate::domain::TargetId;

    #[test]
    fn what_other_checks_answer_is_open_while_they_are() {
        let world = World::of(Role::RouterVm);
        let (catalogue, _) = Catalogue::load(&[], &BTreeMap::new());
        let id = TargetId::from("m-01");
        let all = judge_target(&catalogue, &world.site, &world.store(), &id, NOW);
        for id in ["E2E-02", "E2E-03"] {
            let told = all.iter().find(|told| told.check.as_str() == id).unwrap();
            let is_open = matches!(told.verdict, Verdict::Unknown | Verdict::NotYet);
            assert!(is_open, "{id}: {}", told.sentence);
        }
    }
}
