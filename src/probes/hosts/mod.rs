//! Looking at hosts over SSH.

pub mod frames;
pub mod parse;
pub mod script;
pub mod sections;
