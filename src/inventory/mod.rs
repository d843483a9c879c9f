//! Inventory files to domain: reading, resolving as Ansible does, opening
//! vault values in memory, validating with places, editing while keeping
//! comments. Nothing here uses the network or draws; everything may use `domain` only.

pub mod node;
pub mod problem;

pub use node::{Entry, Kind, Node};
pub use problem::{Problem, Severity};
