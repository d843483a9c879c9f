//! Judging the observability stack, and what the site's exporters tell of
//! machines and switches.

mod exporter;
mod stack;
mod storage;

use crate::checks::Rule;

/// The rules of this layer, by subject.
pub const RULES: &[&[Rule]] = &[stack::RULES, storage::RULES, exporter::RULES];

/// What is asked every tick.
const LOOK: &[&str] = &["observing.look"];
/// What is asked every few minutes.
const SURVEY: &[&str] = &["observing.survey"];

#[cfg(test)]
pub(crate) mod tests;
