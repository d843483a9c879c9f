//! Runs, with real processes: what they leave, who may do what, and what is
//! said when something is wrong.

mod accounts;
mod bench;
mod damage;
mod kills;
mod people;
mod processes;
