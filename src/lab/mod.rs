//! The demo site: simulated servers on loopback, reached by the product
//! through exactly the transports of a real site. Machines are real SSH
//! servers, management controllers real HTTPS servers; all of them answer
//! from one changing [`state`], into which [`scenarios`] put faults. Used by
//! `main` and tests only; uses `inventory` and `domain`.

pub mod answers;
mod base;
pub mod blueprint;
mod commands;
mod control;
mod credentials;
mod doors;
pub mod fabric;
mod files;
mod keys;
mod look_script;
mod moves;
mod ports;
mod redfish_server;
mod redfish_tree;
pub mod scenarios;
pub mod services;
mod shell;
mod site;
mod site_files;
mod ssh_server;
pub mod state;
pub mod systems;
pub mod world;

pub use control::RemoteLab;
pub use site::{DemoOptions, DemoSite, served_already};
