//! Consoles: real terminals to this machine, to hosts over SSH, to the console
//! of a virtual machine, to a serial line, to a management controller.
//!
//! A [`Session`] is a task of its own: it owns the way to the other side
//! (`line`), the emulator ([`Grid`]) with its scrollback, and the
//! [`recording`]. It takes [`Order`]s and shows [`View`]s, at most thirty a
//! second and only while somebody looks. It knows nothing of the screen around it,
//! so that whoever lives longer than a screen can hold it as well.
//!
//! Nothing of what a program prints reaches the operator's own terminal but
//! characters and their attributes: `sieve` takes titles, clipboard and links
//! away, and bounds what a hostile program could let grow.

mod child;
mod grid;
pub mod keys;
mod line;
mod order;
pub mod place;
mod recognise;
pub mod recording;
mod remote;
mod replay;
mod screen;
mod script;
mod scrollback;
pub mod serial;
mod session;
mod sieve;
mod slices;
mod sol;
#[cfg(test)]
mod tests;
mod view;
pub mod virsh;
mod whole;

pub use grid::{Grid, SCROLLBACK};
pub use keys::{Modes, MouseAct, MouseAt, Stroke, StrokeKey};
pub use line::{Elsewhere, Going, Line, LineEnds, LineNews, PenAct};
pub use order::{Find, Order, Scroll};
pub use place::Place;
pub use recognise::{ListedKey, Prompt, PromptKind};
pub use session::{Session, SessionOptions, Standing, Tapped, Ways};
pub use sieve::Sieve;
pub use slices::Slices;
pub use view::{Cursor, Ink, Row, Run, ScreenText, State, Style, View};

/// What programs in a console are told of their terminal.
pub const TERM: &str = "xterm-256color";

/// The smallest grid; a smaller window shows a part of it.
pub const SMALLEST: (u16, u16) = (2, 1);
