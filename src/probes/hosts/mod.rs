//! Looking at hosts over SSH.

pub mod sections;
