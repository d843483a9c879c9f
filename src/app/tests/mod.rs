//! Sequences of messages, and what model and effects are after them.

mod answers;
mod consoles;
mod history;
mod keys;
mod logs;
mod overlays;
mod plans;
mod random;
mod runs;
