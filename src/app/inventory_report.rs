//! What the rules of `inventory check` say of the site's files, for the
//! Inventory screen and the page that explains a rule.

use serde::{Deserialize, Serialize};

use crate::domain::untrusted::scrub;
use crate::inventory::Problem;

/// How many problems are kept; the worst ones are.
const KEPT: usize = 1_000;

/// What the rules said when the site was last read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct InventoryReport {
    /// Whether the rules have been applied; before that nobody knows.
    pub is_judged: bool,
    /// What they found, the worst first, safe for a screen.
    pub problems: Vec<Problem>,
    /// How many more there are than are kept.
    pub left_out: usize,
}

impl InventoryReport {
    /// A report of these problems: the worst first, those of one verdict in the
    /// order of the files.
    pub fn of(mut problems: Vec<Problem>) -> InventoryReport {
        problems.sort_by(|a, b| {
            let weight = b.verdict.weight().cmp(&a.verdict.weight());
            weight.then_with(|| (&a.place, &a.rule).cmp(&(&b.place, &b.rule)))
        });
        let left_out = problems.len().saturating_sub(KEPT);
        problems.truncate(KEPT);
        for problem in &mut problems {
            scrub(&mut problem.sentence);
            problem.hint.iter_mut().for_each(scrub);
        }
        InventoryReport { is_judged: true, problems, left_out }
    }

    /// How many problems there are, kept or not.
    pub fn count(&self) -> usize {
        self.problems.len() + self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Place, Verdict};
    use crate::inventory::Severity;

    fn problem(verdict: Verdict, line: u32) -> Problem {
        let place = Place { file: "inventory.yml".into(), line, column: 1 };
        Problem {
            rule: "V-X-01".into(),
            severity: Severity::Error,
            verdict,
            place,
            sentence: "a\u{1b}[31mb".into(),
            hint: None,
            cause: None,
            step: None,
        }
    }

    #[test]
    fn the_worst_come_first_and_too_many_are_counted() {
        use Verdict::{Fail, Unknown, Warn};
        let mut problems = vec![problem(Warn, 1), problem(Unknown, 2), problem(Fail, 9)];
        problems.extend((0..2_000).map(|line| problem(Fail, 10 + line)));
        let report = InventoryReport::of(problems);
        assert_eq!((report.problems[0].verdict, report.problems[0].place.line), (Fail, 9));
        assert_eq!((report.problems.len(), report.count()), (KEPT, 2_003));
        assert_eq!(report.problems[0].sentence, "ab");
        let few = InventoryReport::of(vec![problem(Warn, 1), problem(Unknown, 2)]);
        assert_eq!(few.problems[0].verdict, Unknown, "what is not known outweighs a warning");
    }
}
