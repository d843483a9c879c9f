//! Doing: the process that owns the lease of a site, a child's
//! pseudo-terminal, its raw output and its journal.

pub mod remote;
