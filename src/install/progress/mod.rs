//! How far a plan came: a fold over journals, and what reality says today.
//!
//! - [`past`] is the fold: what happened to each step, as journals tell it;
//! - [`world`] is everything that conditions are judged on today;
//! - [`standing`] is the state of every step: a function of both;
//! - [`permit`] says whether a step may start, and if not, why and what to do.

mod evidence;
pub mod past;
pub mod permit;
pub mod scripts;
pub mod standing;
#[cfg(test)]
mod tests;
pub mod world;

pub use past::{Progress, StepKey, StepPast, progress};
pub use permit::{Open, Permit, Refusal, Wish, may_start, open};
pub use standing::{Held, Standing, State, StepStanding, judge, stand, wait_state};
pub use world::{Live, Printed, Today, World};
