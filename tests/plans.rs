//! The plans that come with the program, held against the procedure and the
//! runbooks they encode, record by record and field by field.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "plans/acceptance.rs"]
mod acceptance;
#[path = "plans/command.rs"]
mod command;
#[path = "plans/compare.rs"]
mod compare;
#[path = "plans/condition.rs"]
mod condition;
#[path = "plans/coverage.rs"]
mod coverage;
#[path = "plans/differences.rs"]
mod differences;
#[path = "plans/guards.rs"]
mod guards;
#[path = "plans/interlocks.rs"]
mod interlocks;
#[path = "plans/offers.rs"]
mod offers;
#[path = "plans/records.rs"]
mod records;
#[path = "plans/runbooks.rs"]
mod runbooks;
#[path = "plans/scripts.rs"]
mod scripts;
#[path = "plans/shipped.rs"]
mod shipped;
#[path = "plans/variant.rs"]
mod variant;
