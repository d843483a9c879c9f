//! The demo site on loopback, asked as the product asks a real one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "demo/asking.rs"]
mod asking;
#[path = "faults/table.rs"]
#[allow(dead_code, reason = "what real servers do is driven by tests/real.rs")]
mod faults;
#[path = "demo/lab.rs"]
mod lab;
#[path = "demo/looking.rs"]
mod looking;
#[path = "real/suite.rs"]
mod suite;
#[path = "demo/table.rs"]
mod table;
