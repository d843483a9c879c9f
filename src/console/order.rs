//! What a console can be told.

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::Tapped;
use super::keys::{MouseAct, MouseAt, Stroke};
use super::line::PenAct;
use super::view::ScreenText;

/// What is looked for in the scrollback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Find {
    /// Text, or a regular expression between slashes; empty ends the search.
    Text(String),
    /// The next hit above.
    Above,
    /// The next hit below.
    Below,
}

/// How the view is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scroll {
    /// So many lines, up when positive.
    Lines(i32),
    /// So many screens, up when positive.
    Pages(i32),
    /// To the oldest line.
    Top,
    /// To the end, following again.
    End,
}

/// What a console can be told.
#[derive(Debug)]
pub enum Order {
    /// A key for the program.
    Key(Stroke),
    /// What a key, a paste or the mouse became at another screen.
    Bytes(Zeroizing<Vec<u8>>),
    /// Somebody else wants to see everything that is shown from now on.
    Tap(mpsc::Sender<Tapped>),
    /// Pasted text for the program.
    Paste(String),
    /// A prepared line: typed for the program, never entered.
    Type(String),
    /// What the mouse did.
    Mouse(MouseAct, MouseAt),
    /// The screen gained or lost the focus.
    Focus(bool),
    /// Another size in columns and rows.
    Resize(u16, u16),
    /// Move the view.
    Scroll(Scroll),
    /// Search.
    Find(Find),
    /// Whether anybody looks.
    Show(bool),
    /// Open the line again after it ended.
    Connect {
        /// Whether a serial line is taken although somebody else holds it.
        force: bool,
    },
    /// Something about the pen of a run.
    Pen(PenAct),
    /// What is shown, for whoever recognises something in it.
    Text(oneshot::Sender<ScreenText>),
    /// What the view shows, to be copied.
    Copy(oneshot::Sender<String>),
}
