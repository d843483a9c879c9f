//! The screen's state and how it reacts: `update(&mut Model, Msg) -> Vec<Effect>`
//! is the only writer, does no I/O and reads no clock. Styles, widgets and
//! the terminal are elsewhere. Uses `domain`, `inventory` and `checks`, and the
//! types of `install`, `logs` and `console`.
//!
//! - [`model`] is everything the screen remembers; [`update`] changes it.
//! - [`verdicts`] keeps what the checks say, target by target, and the sums.
//! - [`screens`] says, screen by screen, which rows there are and what they
//!   say; drawing and `show` only put that on paper.
//! - [`areas`] says where everything is, for drawing and for the mouse.
//! - [`commands`] are data; [`keymap`], [`palette`] and help are views of them.

pub mod areas;
pub mod changes;
pub mod columns;
pub mod commands;
pub mod consoles;
pub mod effect;
pub mod filter;
pub mod header;
pub mod history;
pub mod input;
pub mod inventory_report;
pub mod kept;
pub mod keymap;
pub mod list;
pub mod logs;
pub mod mark;
pub mod model;
pub mod msg;
pub mod navigation;
pub mod overlay;
pub mod palette;
pub mod plans;
pub mod runs;
#[cfg(test)]
pub mod scenes;
pub mod screens;
pub mod sharing;
pub mod site_index;
#[cfg(test)]
mod tests;
mod update;
pub mod verdicts;

pub use areas::{Areas, Rect, areas};
pub use effect::Effect;
pub use input::{Input, Key, KeyName};
pub use keymap::Keymap;
pub use list::{Listing, listing};
pub use mark::Mark;
pub use model::{Model, Size, Start};
pub use msg::Msg;
pub use navigation::Route;
pub use overlay::Overlay;
pub use screens::state::{ColourBy, RowId, ScreenState};
pub use update::{update, update_with};
