//! The journal of a run: append-only JSON Lines with a hash chain. Pure: bytes
//! in, events out, and a fold from events to what is so.
//!
//! - [`event`] is what can be written down;
//! - [`line`] is how a line looks, and the reader that notices a torn tail, a
//!   hole, a changed byte and a newer version;
//! - [`fold`] is the state of a run, the same for the live screen, for
//!   `run show` and after a crash.

pub mod event;
pub mod fold;
pub mod line;
pub mod step_event;
#[cfg(test)]
mod tests;
mod words;

pub use event::{Ending, Event, Person, Process, StopLevel};
pub use fold::{Behind, Remote, Run, RunConsole, RunWord, fold};
pub use line::{Chain, Entry, Read, Trouble, read};
pub use step_event::{StepAct, StepEvent};
