//! Everything about one finding, for the panel beside or below a list.

use crate::domain::{CheckId, Evidence, Judgement, Layer, Stamp, TargetId, Verdict};

use super::super::mark::Mark;
use super::super::sharing;
use super::super::{Model, RowId};

/// One finding, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingDetails {
    /// The check.
    pub code: CheckId,
    /// The target it is about.
    pub target: TargetId,
    /// The target's name.
    pub name: String,
    /// The layer it counts in.
    pub layer: Layer,
    /// The verdict.
    pub verdict: Verdict,
    /// Its mark.
    pub mark: Mark,
    /// What the check is about.
    pub what: String,
    /// The sentence.
    pub sentence: String,
    /// The closed word of why it could not be looked at.
    pub cause: Option<String>,
    /// The finer reason of the system.
    pub reason: Option<String>,
    /// What proved it.
    pub evidence: Vec<Evidence>,
    /// What to try, in order.
    pub next: Vec<String>,
    /// Since when.
    pub since: Option<Stamp>,
    /// When the facts were last seen.
    pub seen: Option<Stamp>,
    /// Where they come from.
    pub source: String,
    /// Checks whose findings likely have the same cause and fold under this one.
    pub folded: Vec<CheckId>,
    /// The check this one folds under.
    pub folds_under: Option<CheckId>,
    /// Where several targets share the finding and this is about all of them:
    /// what is said of the one whose evidence is shown.
    pub example: Option<String>,
    /// The other targets of which the same is said; empty where there are none
    /// or the sentence names them.
    pub others: String,
}

/// The details of a row that is a finding or a group; `None` for any other row.
pub fn of_row(model: &Model, row: &RowId) -> Option<FindingDetails> {
    match row {
        RowId::Finding(check, target) => of_finding(model, check, target),
        RowId::Group(id) => {
            let (_, group) = model.verdicts.group(id)?;
            let mut details = of_finding(model, &id.check, &group.members.first()?.target)?;
            if group.members.len() > 1 {
                let shared = sharing::sentence(model, group);
                details.example = Some(std::mem::replace(&mut details.sentence, shared));
                details.others = String::new();
                details.name = sharing::counted(model, group);
            }
            Some(details)
        }
        _ => None,
    }
}

/// What to try, the runbooks that are offered from the check last.
pub(in crate::app) fn next_steps(model: &Model, judgement: &Judgement) -> Vec<String> {
    let mut next = judgement.next.clone();
    if matches!(judgement.verdict, Verdict::Fail | Verdict::Warn) {
        let books = model.plans.offered_from(judgement.check.as_str());
        next.extend(books.map(|book| format!("Runbook {}: `:plan {}`", book.title, book.id)));
    }
    next
}

/// The details of a judgement; `None` when there is none.
pub fn of_finding(model: &Model, check: &CheckId, target: &TargetId) -> Option<FindingDetails> {
    let verdicts = model.verdicts.of(target);
    let judgement: &Judgement = verdicts.of_check(check)?;
    let group = super::overview::group_of(model, check, target)
        .and_then(|id| model.verdicts.group(&id).map(|(_, group)| group));
    let others = group.filter(|group| group.members.len() > 1);
    let others = others.map(|group| sharing::others(model, group, target)).unwrap_or_default();
    Some(FindingDetails {
        code: check.clone(),
        target: target.clone(),
        name: model.name_of(target),
        layer: judgement.layer,
        verdict: judgement.verdict,
        mark: Mark::of(judgement.verdict),
        what: model.catalogue.get(check.as_str()).map(|spec| spec.what.clone()).unwrap_or_default(),
        sentence: judgement.sentence.clone(),
        cause: judgement.cause.as_ref().map(|cause| cause.word().to_owned()),
        reason: judgement.reason.clone(),
        evidence: judgement.evidence.clone(),
        next: next_steps(model, judgement),
        since: judgement.since,
        seen: judgement.seen,
        source: judgement.source.clone(),
        folded: verdicts
            .folded
            .iter()
            .filter(|(_, leader)| *leader == check)
            .map(|(folded, _)| folded.clone())
            .collect(),
        folds_under: verdicts.folded.get(check).cloned(),
        example: None,
        others,
    })
}
