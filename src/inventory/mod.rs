//! Inventory files to domain: reading, resolving as Ansible does, opening
//! vault values in memory, validating with places, editing while keeping
//! comments. Nothing here uses the network or draws; everything may use `domain` only.

mod build;
mod cabling;
pub mod compare;
pub mod decode;

pub mod edit;
pub mod explain;
pub mod load;
pub mod load_error;
pub mod model;
pub mod node;
pub mod problem;
pub mod ranges;
pub mod reference;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod scalar;
pub mod settings;
pub mod settings_shape;
pub mod site;
mod site_bmc;
mod site_reading;
mod site_systems;
mod site_targets;
pub mod variables;
pub mod vault;
pub mod vault_proof;
pub mod wanted;
mod wanted_router;
mod wanted_services;
pub mod yaml;
mod yaml_error;

pub use load_error::LoadError;
pub use model::{Group, Host, Inventory, Vars};
pub use node::{Entry, Kind, Node};
pub use problem::{Problem, Severity};
pub use settings::Settings;
pub(crate) use site_systems::digest as secret_digest;
