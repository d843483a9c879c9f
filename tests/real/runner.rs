//! Runs, with real processes: what they leave, who may do what, and what is
//! said when something is wrong.

#[path = "runner/accounts.rs"]
mod accounts;
#[path = "runner/bench.rs"]
pub mod bench;
#[path = "runner/causes.rs"]
mod causes;
#[path = "runner/damage.rs"]
mod damage;
#[path = "runner/kills.rs"]
mod kills;
#[path = "runner/mounts.rs"]
mod mounts;
#[path = "runner/people.rs"]
mod people;
#[path = "runner/processes.rs"]
mod processes;
#[path = "runner/stopping.rs"]
mod stopping;
