//! Looking at hosts over SSH: one batched read-only script per ask.
//!
//! `sections` says what can be asked of whom and how the answer is framed;
//! `script` puts the text together; `frames` takes the answer apart; `parse`
//! makes facts of it; `look` holds the probes that do all this.

pub mod frames;
pub mod look;
pub mod parse;
pub mod script;
pub mod sections;
#[cfg(test)]
mod shells;
