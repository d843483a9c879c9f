//! How a target is reached: SSH, HTTPS, programs on this machine. Knows no
//! product; uses `domain` only. Every call has a time-out, bounds what it
//! takes, and returns a [`crate::domain::Cause`] a person can act on.

pub mod http;
pub mod local;
pub mod output;
pub mod rmcp;
pub mod secrets;
pub mod ssh;
