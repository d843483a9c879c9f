//! Which findings of a target likely share one cause.

use std::collections::BTreeMap;

use crate::domain::{CauseWord, CheckId, Judgement};

/// Folds findings of one target. The rule: findings that carry the same
/// cause word (`refused`, `sudo-password` …) fold under the worst of them,
/// and among equals under the first in the order of the rules. A finding
/// without a cause stands alone: it saw something, and what it saw is its own.
/// A finding that refers to another one is one matter with it: the milder of
/// the two folds under the worse, and among equals the one that refers.
pub fn fold(judgements: &[Judgement]) -> BTreeMap<CheckId, CheckId> {
    let mut leaders: BTreeMap<&CauseWord, &Judgement> = BTreeMap::new();
    let caused = || {
        judgements.iter().filter_map(|judgement| {
            let cause = judgement.cause.as_ref()?;
            judgement.verdict.is_finding().then_some((cause, judgement))
        })
    };
    for (cause, judgement) in caused() {
        let leader = leaders.entry(cause).or_insert(judgement);
        if judgement.verdict.weight() > leader.verdict.weight() {
            *leader = judgement;
        }
    }
    let mut folded: BTreeMap<CheckId, CheckId> = caused()
        .filter_map(|(cause, judgement)| {
            let leader = leaders.get(cause)?;
            (leader.check != judgement.check)
                .then(|| (judgement.check.clone(), leader.check.clone()))
        })
        .collect();
    let findings = || judgements.iter().filter(|judgement| judgement.verdict.is_finding());
    for judgement in findings() {
        let Some(named) = &judgement.refers else { continue };
        let Some(named) = findings().find(|other| &other.check == named) else { continue };
        let (under, leader) = match named.verdict.weight() >= judgement.verdict.weight() {
            true => (judgement, named),
            false => (named, judgement),
        };
        folded.entry(under.check.clone()).or_insert_with(|| leader.check.clone());
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::super::super::scenes;
    use super::*;
    use crate::domain::Verdict;

    fn judged(check: &str, verdict: Verdict, cause: Option<CauseWord>) -> Judgement {
        Judgement { cause, ..scenes::judgement(check, "gpu-07", verdict, "gpu-07 does something") }
    }

    #[test]
    fn what_is_one_matter_is_told_by_the_worse_of_the_two() {
        let pair = |part: Verdict, whole: Verdict| {
            let mut sums_up = judged("IPMI-57", whole, None);
            sums_up.refers = Some(CheckId::from("IPMI-55"));
            let folded = fold(&[judged("IPMI-55", part, None), sums_up]);
            folded.into_iter().map(|(a, b)| format!("{a} under {b}")).collect::<Vec<_>>()
        };
        assert_eq!(pair(Verdict::Fail, Verdict::Fail), ["IPMI-57 under IPMI-55"]);
        assert_eq!(pair(Verdict::Fail, Verdict::Warn), ["IPMI-57 under IPMI-55"]);
        assert_eq!(pair(Verdict::Warn, Verdict::Fail), ["IPMI-55 under IPMI-57"]);
        assert_eq!(pair(Verdict::Pass, Verdict::Fail), [""; 0]);
    }

    #[test]
    fn what_cannot_be_seen_folds_under_the_reason_why() {
        let folded = fold(&[
            judged("HOST-01", Verdict::Unknown, Some(CauseWord::Refused)),
            judged("HOST-02", Verdict::Unknown, Some(CauseWord::Refused)),
            judged("HOST-50", Verdict::Fail, Some(CauseWord::Refused)),
            judged("HOST-03", Verdict::Unknown, Some(CauseWord::SudoPassword)),
            judged("HOST-04", Verdict::Fail, None),
            judged("HOST-05", Verdict::Pass, Some(CauseWord::Refused)),
        ]);
        let pairs: Vec<(&str, &str)> =
            folded.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(pairs, [("HOST-01", "HOST-50"), ("HOST-02", "HOST-50")]);
    }

    #[test]
    fn among_equals_the_first_leads() {
        let folded = fold(&[
            judged("HOST-09", Verdict::Unknown, Some(CauseWord::TimedOut)),
            judged("HOST-01", Verdict::Unknown, Some(CauseWord::TimedOut)),
        ]);
        assert_eq!(folded.get(&CheckId::from("HOST-01")), Some(&CheckId::from("HOST-09")));
        assert_eq!(folded.len(), 1);
    }
}
