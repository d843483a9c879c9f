//! Doing: a run is a process of its own that outlives the screen, the SSH line
//! and whoever started it.
//!
//! ```text
//!  shopfloor run start ─> guardian ─> runner ─> the command, on a pseudo-terminal
//!                          subreaper   journal, output, socket
//!  shopfloor attach  <──── socket ──── reads what the runner has written
//! ```
//!
//! - [`starting`] starts the [`guard`]ian (in a systemd [`scope`] where that
//!   helps), which takes the [`lease`] and starts the runner;
//! - [`conductor`] is the runner: the only writer of the journal, and the only
//!   one who touches the [`child`];
//! - [`output`] goes to the disk before anybody sees it; [`server`] shows
//!   watchers what is on the disk, so that a slow one slows nobody;
//! - [`consoles`] that were opened in the run are held here and survive the screen;
//! - [`survivors`] finds what is left of a run, [`stop`] ends it.
//!
//! Decides nothing about what is allowed: that is `install`'s.

pub mod child;
pub mod client;
pub mod conductor;
pub mod consoles;
pub mod containers;
pub mod environment;
pub mod guard;
mod handoff;
pub mod index;
pub mod journal_file;
pub mod lease;
pub mod machine;
pub mod oom;
pub mod order;
pub mod output;
pub mod pen;
pub mod plan_journal;
pub mod prompts;
pub mod protocol;
pub mod remote;
pub mod scope;
pub mod server;
pub mod starting;
pub mod stop;
pub mod store;
pub mod survivors;
pub mod watching;

pub use order::Order;
pub use store::{Known, RunTrouble, Runs};
