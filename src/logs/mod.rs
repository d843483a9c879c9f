//! Logs: sources read in windows, their index, filters, search, and the
//! grammar of what Ansible prints. Nothing here draws.

pub mod ansible;
pub mod clean;
pub mod content;
pub mod count;
mod dress;
pub mod escape;
mod going;
pub mod index;
pub mod ink;
pub mod level;
pub mod lines;
pub mod matcher;
pub mod outliner;
mod redraw;
pub mod scan;
mod segments;
pub mod shown;
pub mod slice;
pub mod source;
pub mod spool;
pub mod times;
pub mod view;
pub mod walk;
mod watching;
