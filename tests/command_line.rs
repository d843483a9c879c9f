//! The real binary without a terminal: what scripts, pipes and login shells
//! get from it, and what it does with input that is broken.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "command_line/bad_input.rs"]
mod bad_input;
#[path = "command_line/binary.rs"]
mod binary;
#[path = "command_line/documents.rs"]
mod documents;
#[path = "command_line/inventory.rs"]
mod inventory;
#[path = "command_line/logs.rs"]
mod logs;
#[path = "command_line/plans.rs"]
mod plans;
#[path = "terminal/pty.rs"]
#[allow(dead_code, reason = "the terminal suite uses the rest")]
mod pty;
#[path = "command_line/secrets.rs"]
mod secrets;
#[path = "command_line/site.rs"]
mod site;
#[path = "command_line/state.rs"]
mod state;
#[path = "command_line/usage.rs"]
mod usage;
