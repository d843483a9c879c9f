//! Findings: judgements that something is wrong or unknown, in the order an operator wants them.

use std::cmp::Reverse;

use super::{CheckId, Judgement, Stamp, TargetId, Verdict};

/// Where a finding stands among others: the worst first, then what is so for
/// the longest time, then code and target. Two lists with the same content come
/// out the same, so that rows do not dance.
pub type Standing<'a> = (Reverse<u8>, Option<Stamp>, &'a CheckId, &'a TargetId);

/// Where a finding with these words stands.
pub fn standing<'a>(
    verdict: Verdict,
    since: Option<Stamp>,
    check: &'a CheckId,
    target: &'a TargetId,
) -> Standing<'a> {
    (Reverse(verdict.weight()), since, check, target)
}

/// Where a judgement stands.
pub fn standing_of(judgement: &Judgement) -> Standing<'_> {
    standing(judgement.verdict, judgement.since, &judgement.check, &judgement.target)
}
