//! The list of intended differences, each with its reason.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::records::fixture;

/// A difference between a record and our entry: what only theirs has, and what only ours has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub id: String,
    pub field: String,
    pub theirs: String,
    pub ours: String,
}

/// An entry of `tests/fixtures/plan-differences.yml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    field: String,
    #[serde(default)]
    theirs: String,
    #[serde(default)]
    ours: String,
    reason: String,
}

impl Difference {
    /// A difference of two values; `None` where there is none.
    pub fn of(id: &str, field: &str, theirs: &str, ours: &str) -> Option<Difference> {
        let (theirs, ours) = (theirs.trim_end(), ours.trim_end());
        (theirs != ours).then(|| Difference {
            id: id.to_owned(),
            field: field.to_owned(),
            theirs: theirs.to_owned(),
            ours: ours.to_owned(),
        })
    }

    /// As an entry that waits for its reason.
    fn entry(&self) -> String {
        let mut entry = format!("- id: {}\n  field: {}\n", self.id, self.field);
        for (side, text) in [("theirs", &self.theirs), ("ours", &self.ours)] {
            if text.is_empty() {
                continue;
            }
            let lines: String = text.lines().map(|line| format!("    {line}\n")).collect();
            entry.push_str(&format!("  {side}: |-\n{lines}"));
        }
        entry + "  reason: \"\"\n"
    }
}

/// Fails for every difference that is not intended, and for every intended one within
/// the scope that is not there.
pub fn settle(found: &[Difference], scope: impl Fn(&str) -> bool) {
    let entries: Vec<Entry> =
        serde_yaml::from_str(&fixture("plan-differences.yml")).expect("the intended differences");
    let mut intended = BTreeSet::new();
    for entry in entries.iter().filter(|entry| scope(&entry.id)) {
        let id = format!("{} {}", entry.id, entry.field);
        let words = entry.reason.split_whitespace().count();
        assert!(words >= 4, "{id}: a reason is a sentence");
        let difference = Difference {
            id: entry.id.clone(),
            field: entry.field.clone(),
            theirs: entry.theirs.trim_end().to_owned(),
            ours: entry.ours.trim_end().to_owned(),
        };
        assert!(intended.insert(difference), "{id} stands there twice");
    }
    let found: BTreeSet<Difference> = found.iter().cloned().collect();
    let new: String = found.difference(&intended).map(Difference::entry).collect();
    let gone: String = intended.difference(&found).map(Difference::entry).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "not in plan-differences.yml:\n{new}\nno longer needed there:\n{gone}"
    );
}
