//! What is installed and how far it came. Pure: plans, their conditions, the
//! journal's format, and the folds from a journal to the state of a run and
//! of a plan. Starts nothing; of files it reads only those of plans.

pub mod expression;
pub mod journal;
pub mod plan;
pub mod progress;
