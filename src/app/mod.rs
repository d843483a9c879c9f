//! The screen's state and how it reacts: `update(&mut Model, Msg) -> Vec<Effect>`
//! is the only writer, does no I/O and reads no clock. Styles, widgets and
//! the terminal are elsewhere. Uses `domain`, `inventory`, `checks`.

pub mod effect;
pub mod input;
pub mod msg;

pub use effect::Effect;
pub use input::{Input, Key, KeyName};
pub use msg::Msg;
