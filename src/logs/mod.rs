//! Logs: sources read in windows, their index, filters, search, and the
//! grammar of what Ansible prints. Nothing here draws.

pub mod ansible;
