//! The checks as data: what each is about, its thresholds, what to try.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{CheckId, Layer};

/// One check's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckSpec {
    /// Its code.
    pub id: CheckId,
    /// The layer it counts in.
    pub layer: Layer,
    /// What it tells the operator, a phrase.
    pub what: String,
    /// The rule in words: when it passes, warns, fails.
    pub rule: String,
    /// Where rule and thresholds come from.
    pub source: String,
    /// What to try when it is broken, in order.
    pub next: Vec<String>,
    /// Named numbers of the rule, units in their names (`offset_warn_ms`).
    pub thresholds: BTreeMap<String, f64>,
}

impl CheckSpec {
    /// A threshold by name; NaN when the data lacks it, which a test forbids.
    pub fn threshold(&self, name: &str) -> f64 {
        self.thresholds.get(name).copied().unwrap_or(f64::NAN)
    }
}

/// All checks by id.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Catalogue {
    /// By id.
    pub checks: BTreeMap<String, CheckSpec>,
}

impl Catalogue {
    /// The data of a check.
    pub fn get(&self, id: &str) -> Option<&CheckSpec> {
        self.checks.get(id)
    }
}
