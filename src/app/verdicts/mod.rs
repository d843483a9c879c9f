//! What the checks say of every target, and the sums over it. Everything is
//! kept up to date target by target: an answer costs what one target costs,
//! however many there are.

mod folding;
mod group;
pub mod judging;
mod summary;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::finding::standing_of;
use crate::domain::{CheckId, Judgement, Layer, Stamp, TargetId, Verdict};

use super::changes::Change;
use super::history::{History, Turn};

pub use group::{Group, GroupId, Member};
pub use judging::Judged;
pub use summary::{Counts, LayerSummary, Minute, Standing};

/// What the checks say of one target.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TargetVerdicts {
    /// Every judgement, in the order of the rules.
    pub judgements: Vec<Judgement>,
    /// Findings that likely have the cause of another one on this target: check to that check.
    pub folded: BTreeMap<CheckId, CheckId>,
    /// Layers in which checks of it wait for a first answer.
    pub awaited: BTreeSet<Layer>,
    /// Its place in `site.targets`.
    pub place: usize,
    /// What people call it; a controller goes by its machine.
    #[serde(default)]
    pub called: String,
}

impl TargetVerdicts {
    /// The worst verdict, `not-yet` when nothing else was said; `None` when
    /// nothing was judged yet.
    pub fn worst(&self) -> Option<Verdict> {
        let verdicts = self.judgements.iter().map(|judgement| judgement.verdict);
        verdicts.max_by_key(|verdict| verdict.weight())
    }

    /// What is most worth saying of the target in a layer: its worst judgement.
    /// One that folds under another is told by that one, so it comes after it;
    /// among equals the order is that of findings.
    pub fn leading(&self, layer: Layer) -> Option<&Judgement> {
        let mine = self.judgements.iter().filter(|judgement| judgement.layer == layer);
        mine.min_by_key(|judgement| {
            let weight = std::cmp::Reverse(judgement.verdict.weight());
            (weight, self.folded.contains_key(&judgement.check), standing_of(judgement))
        })
    }

    /// What a check says.
    pub fn of_check(&self, check: &CheckId) -> Option<&Judgement> {
        self.judgements.iter().find(|judgement| &judgement.check == check)
    }

    /// How many findings fold under this one.
    pub fn folded_under(&self, check: &CheckId) -> usize {
        self.folded.values().filter(|leader| *leader == check).count()
    }

    /// The layers it was judged in.
    fn judged_layers(&self) -> BTreeSet<Layer> {
        self.judgements.iter().map(|judgement| judgement.layer).collect()
    }
}

/// What the checks say of every target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdicts {
    /// By target; a target without any check has no entry.
    pub targets: BTreeMap<TargetId, TargetVerdicts>,
    /// The sums by layer; every layer has an entry.
    pub layers: BTreeMap<Layer, LayerSummary>,
    #[serde(default)]
    revision: u64,
}

impl Default for Verdicts {
    fn default() -> Verdicts {
        Verdicts {
            targets: BTreeMap::new(),
            layers: Layer::ALL.into_iter().map(|layer| (layer, LayerSummary::default())).collect(),
            revision: 0,
        }
    }
}

impl Verdicts {
    /// What the checks say of a target; nothing, if none does.
    pub fn of(&self, target: &TargetId) -> &TargetVerdicts {
        static NOTHING: TargetVerdicts = TargetVerdicts {
            judgements: Vec::new(),
            folded: BTreeMap::new(),
            awaited: BTreeSet::new(),
            place: 0,
            called: String::new(),
        };
        self.targets.get(target).unwrap_or(&NOTHING)
    }

    /// What a check says of a target.
    pub fn judgement(&self, check: &CheckId, target: &TargetId) -> Option<&Judgement> {
        self.targets.get(target)?.of_check(check)
    }

    /// The sums of a layer.
    pub fn layer(&self, layer: Layer) -> &LayerSummary {
        static NOTHING: std::sync::LazyLock<LayerSummary> =
            std::sync::LazyLock::new(LayerSummary::default);
        self.layers.get(&layer).unwrap_or(&NOTHING)
    }

    /// The judgements that share a row, if there still are any.
    pub fn group(&self, id: &GroupId) -> Option<(Layer, &Group)> {
        self.layers.iter().find_map(|(layer, summary)| {
            let groups = summary.checks.get(&id.check)?;
            Some((*layer, groups.iter().find(|group| &group.id == id)?))
        })
    }

    /// Findings of all layers, folded ones included.
    pub fn findings(&self) -> usize {
        self.layers.values().map(|layer| layer.counts.findings()).sum()
    }

    /// Counts up whenever something is said that was not said before. Only
    /// when facts were seen last and what proves a verdict may be other where it did not.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Replaces what is said of the target at that place of the site. Fills in
    /// since when each verdict is what it is, and returns the verdicts that turned.
    ///
    /// A first verdict is compared with what was kept of the check before this
    /// console began; every verdict that is not what it was goes to be kept.
    pub fn replace(
        &mut self,
        target: &TargetId,
        place: usize,
        judged: Judged,
        now: Stamp,
        history: &mut History,
    ) -> Vec<Change> {
        let old = self.targets.remove(target).unwrap_or_default();
        let mut judgements = judged.judgements;
        for judgement in &mut judgements {
            let before = match old.of_check(&judgement.check) {
                Some(before) => Some((before.verdict, before.since)),
                None => history
                    .take_finding(target, &judgement.check)
                    .map(|(verdict, since)| (verdict, Some(since))),
            };
            let is_same = before.is_some_and(|(verdict, _)| verdict == judgement.verdict);
            judgement.since = match before {
                Some((_, since)) if is_same => since,
                _ => Some(now),
            };
            let is_first = old.of_check(&judgement.check).is_none();
            if is_first || !is_same {
                history.turned.push(turn_of(judgement, now));
            }
        }
        let folded = folding::fold(&judgements);
        let new = TargetVerdicts {
            judgements,
            folded,
            awaited: judged.awaited,
            place,
            called: judged.called,
        };
        let turned = turned(&old, &new, now);
        self.account(target, &old, &new, now);
        if !new.judgements.is_empty() || !new.awaited.is_empty() {
            self.targets.insert(target.clone(), new);
        }
        turned
    }

    /// Every verdict, to be kept.
    pub fn as_turns(&self, now: Stamp) -> Vec<Turn> {
        let all = self.targets.values().flat_map(|target| &target.judgements);
        all.map(|judgement| turn_of(judgement, judgement.since.unwrap_or(now))).collect()
    }

    /// What was kept before this console began came later than first
    /// verdicts: those that say the same are so since then.
    pub fn adopt(&mut self, history: &mut History, now: Stamp) {
        let targets: Vec<TargetId> =
            history.findings.keys().filter(|id| self.targets.contains_key(*id)).cloned().collect();
        for target in targets {
            let Some(old) = self.targets.remove(&target) else { continue };
            let mut new = old.clone();
            for judgement in &mut new.judgements {
                let before = history.take_finding(&target, &judgement.check);
                if let Some((verdict, since)) = before
                    && verdict == judgement.verdict
                {
                    judgement.since = Some(since);
                }
            }
            self.account(&target, &old, &new, now);
            self.targets.insert(target, new);
        }
    }

    /// Moves the sums from what was said of a target to what is said now.
    fn account(
        &mut self,
        target: &TargetId,
        old: &TargetVerdicts,
        new: &TargetVerdicts,
        now: Stamp,
    ) {
        let stays = staying(old, new);
        let is_new = stays.len() < old.judgements.len().max(new.judgements.len())
            || (&old.awaited, old.place) != (&new.awaited, new.place);
        self.revision += u64::from(is_new);
        let touched: BTreeSet<Layer> = old
            .judged_layers()
            .into_iter()
            .chain(new.judged_layers())
            .chain(old.awaited.iter().copied())
            .chain(new.awaited.iter().copied())
            .collect();
        for layer in touched {
            let summary = self.layers.entry(layer).or_default();
            summary.take_out(layer, target, old, &stays);
            summary.take_in(layer, target, new, &stays);
            summary.note(now);
        }
    }

    /// The time went on: the history of each layer gets its minutes.
    pub fn clock(&mut self, now: Stamp) {
        for summary in self.layers.values_mut() {
            summary.note(now);
        }
    }
}

/// The checks that say of a target what they said before, in words and sums.
fn staying<'a>(old: &TargetVerdicts, new: &'a TargetVerdicts) -> BTreeSet<&'a CheckId> {
    let says = |verdicts: &TargetVerdicts, judgement: &Judgement| {
        (verdicts.folded.get(&judgement.check).cloned(), verdicts.folded_under(&judgement.check))
    };
    let pairs = old.judgements.iter().zip(&new.judgements);
    pairs
        .filter(|(was, is)| {
            was.check == is.check
                && (was.layer, was.verdict, was.since) == (is.layer, is.verdict, is.since)
                && was.sentence == is.sentence
                && (&was.cause, &was.reason) == (&is.cause, &is.reason)
                && old.called == new.called
                && says(old, was) == says(new, is)
        })
        .map(|(_, is)| &is.check)
        .collect()
}

fn turn_of(judgement: &Judgement, now: Stamp) -> Turn {
    Turn {
        at: now,
        check: judgement.check.clone(),
        target: judgement.target.clone(),
        layer: judgement.layer,
        verdict: judgement.verdict,
        sentence: judgement.sentence.clone(),
    }
}

/// The verdicts that turned from `old` to `new`. A first verdict is no
/// change, and a finding that folds under another is told by that one.
fn turned(old: &TargetVerdicts, new: &TargetVerdicts, now: Stamp) -> Vec<Change> {
    let told = |verdicts: &TargetVerdicts, judgement: &Judgement| {
        !verdicts.folded.contains_key(&judgement.check)
    };
    new.judgements
        .iter()
        .filter_map(|judgement| {
            let before = old.of_check(&judgement.check)?;
            let is_told = told(new, judgement) && told(old, before);
            (before.verdict != judgement.verdict && is_told).then(|| Change {
                number: 0,
                at: now,
                layer: judgement.layer,
                target: judgement.target.clone(),
                check: judgement.check.clone(),
                from: before.verdict,
                to: judgement.verdict,
                sentence: judgement.sentence.clone(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::scenes;
    use super::*;
    use crate::domain::CauseWord;

    #[test]
    fn of_equals_the_one_that_is_so_for_longest_leads_and_a_folded_one_never() {
        let one = |check: &str, layer, since| Judgement {
            layer,
            since: Some(Stamp(since)),
            ..scenes::judgement(check, "gpu-07", Verdict::Fail, "it is so")
        };
        let mut verdicts = TargetVerdicts {
            judgements: vec![
                one("HOST-03", Layer::Hosts, 5),
                one("HOST-02", Layer::Hosts, 9),
                one("IPMI-50", Layer::Power, 1),
                one("HOST-01", Layer::Hosts, 9),
                Judgement { verdict: Verdict::Pass, ..one("HOST-09", Layer::Hosts, 0) },
            ],
            ..TargetVerdicts::default()
        };
        let leads = |verdicts: &TargetVerdicts| {
            verdicts.leading(Layer::Hosts).map(|leading| leading.check.to_string()).unwrap()
        };
        assert_eq!(leads(&verdicts), "HOST-03");
        verdicts.folded.insert("HOST-03".into(), "HOST-02".into());
        assert_eq!(leads(&verdicts), "HOST-01");
        assert_eq!(verdicts.leading(Layer::Ceph), None);
    }

    #[test]
    fn what_folded_under_another_finding_is_not_told_when_it_ends() {
        let target = TargetId::from("gpu-07");
        let said = |verdict, cause: Option<CauseWord>| {
            let one = |check: &str, verdict| Judgement {
                cause: cause.clone(),
                ..scenes::judgement(check, "gpu-07", verdict, "it is so")
            };
            let rest = if verdict == Verdict::Fail { Verdict::Unknown } else { verdict };
            let judgements = vec![one("HOST-01", verdict), one("HOST-02", rest)];
            Judged { judgements, ..Judged::default() }
        };
        let mut verdicts = Verdicts::default();
        verdicts.replace(
            &target,
            0,
            said(Verdict::Fail, Some(CauseWord::Refused)),
            Stamp(1),
            &mut History::default(),
        );
        assert_eq!(verdicts.layer(Layer::Hosts).folded, 1);
        let told = verdicts.replace(
            &target,
            0,
            said(Verdict::Pass, None),
            Stamp(2),
            &mut History::default(),
        );
        let told: Vec<&str> = told.iter().map(|change| change.check.as_str()).collect();
        assert_eq!(told, ["HOST-01"]);
        assert_eq!(verdicts.layer(Layer::Hosts).folded, 0);
    }
}
