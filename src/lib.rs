//! shopfloor: see the rooms below.
#![deny(unsafe_code, missing_docs, rustdoc::broken_intra_doc_links)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![deny(clippy::todo, clippy::unimplemented, clippy::dbg_macro, clippy::print_stderr)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod app;
pub mod checks;
pub mod cli;
pub mod domain;
pub mod inventory;
pub mod lab;
pub mod probes;
pub mod runtime;
pub mod transport;
pub mod ui;
