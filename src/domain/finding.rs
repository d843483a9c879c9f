//! Findings: judgements that something is wrong or unknown, in the order an operator wants them.

use super::Judgement;

/// Puts findings in order: worst verdict first, then the oldest, then code and target.
/// Two lists with the same content come out the same, so that rows do not dance.
pub fn order_findings(findings: &mut [&Judgement]) {
    findings.sort_by(|a, b| {
        b.verdict
            .weight()
            .cmp(&a.verdict.weight())
            .then_with(|| a.since.cmp(&b.since))
            .then_with(|| a.check.cmp(&b.check))
            .then_with(|| a.target.cmp(&b.target))
    });
}
