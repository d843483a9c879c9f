//! The last look, kept for the greeting at login: what was seen, and when.

use std::io;

use serde::{Deserialize, Serialize};

use crate::app::Model;
use crate::domain::finding::standing_of;
use crate::domain::{Judgement, Stamp, Verdict};

use super::state_dir::StateDir;

/// Its file in the state directory.
const FILE: &str = "last-look.json";

/// What was seen at a look, as short as a greeting needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLook {
    /// Name of the site.
    pub site: String,
    /// When it was.
    pub at: Stamp,
    /// The worst verdict.
    pub verdict: Verdict,
    /// How many findings there were.
    pub findings: usize,
    /// The worst finding's sentence.
    pub worst: Option<String>,
}

impl LastLook {
    /// The look that a model holds; `None` when nothing was judged.
    pub fn of(model: &Model) -> Option<LastLook> {
        let mut findings: Vec<&Judgement> = Vec::new();
        let mut verdicts = Vec::new();
        for judgement in model.verdicts.targets.values().flat_map(|target| &target.judgements) {
            verdicts.push(judgement.verdict);
            if judgement.verdict.is_finding() {
                findings.push(judgement);
            }
        }
        if verdicts.iter().all(|verdict| *verdict == Verdict::NotYet) {
            return None;
        }
        findings.sort_by(|a, b| standing_of(a).cmp(&standing_of(b)));
        Some(LastLook {
            site: model.site.name.clone(),
            at: model.now,
            verdict: Verdict::worst(verdicts),
            findings: findings.len(),
            worst: findings.first().map(|finding| finding.sentence.clone()),
        })
    }

    /// Keeps it.
    ///
    /// # Errors
    /// What the disk says; the one kept before is then still there.
    pub fn keep(&self, state: &StateDir) -> io::Result<()> {
        state.write(FILE, &serde_json::to_vec(self)?).map(drop)
    }

    /// The last one kept, if it can be read.
    pub fn read(state: &StateDir) -> Option<LastLook> {
        serde_json::from_slice(&std::fs::read(state.path().join(FILE)).ok()?).ok()
    }

    /// The greeting: one line where something needs a person, else nothing.
    pub fn greeting(&self, now: Stamp) -> Option<String> {
        if !self.verdict.is_finding() {
            return None;
        }
        let age = now.since(self.at).long();
        let findings = if self.findings == 1 {
            "1 finding".to_owned()
        } else {
            format!("{} findings", self.findings)
        };
        let worst =
            self.worst.as_deref().map(|worst| format!(", worst: {worst}")).unwrap_or_default();
        Some(format!("{}: {findings} {age} ago{worst}. `shopfloor` looks again.", self.site))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(verdict: Verdict, findings: usize) -> LastLook {
        LastLook {
            site: "site-a".into(),
            at: Stamp(0),
            verdict,
            findings,
            worst: Some("gpu-07 is off".into()),
        }
    }

    #[test]
    fn a_well_site_greets_nobody_and_a_broken_one_says_since_when_it_was_seen() {
        assert_eq!(look(Verdict::Pass, 0).greeting(Stamp(1)), None);
        assert_eq!(
            look(Verdict::Fail, 2).greeting(Stamp(360_000)).unwrap(),
            "site-a: 2 findings 6m00s ago, worst: gpu-07 is off. `shopfloor` looks again."
        );
    }

    #[test]
    fn a_look_is_kept_and_read_again() {
        let scratch = tempfile::tempdir().unwrap();
        let state = StateDir::open_at(scratch.path().join("s")).unwrap();
        assert_eq!(LastLook::read(&state), None);
        look(Verdict::Warn, 1).keep(&state).unwrap();
        assert_eq!(LastLook::read(&state), Some(look(Verdict::Warn, 1)));
    }
}
