//! Keys, paste, mouse and size, independent of the terminal library.

use serde::{Deserialize, Serialize};

/// What came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// A key.
    Key(Key),
    /// A key that went to a secret field or a console; the model sees only that there was one.
    Hidden,
    /// Pasted text.
    Paste(String),
    /// The terminal's new size in columns and rows.
    Resize(u16, u16),
    /// A mouse button went down at column and row.
    Click(u16, u16),
    /// The wheel turned at column and row; positive is down.
    Wheel(u16, u16, i8),
    /// The terminal gained (`true`) or lost the focus.
    Focus(bool),
}

/// A key with its modifiers. Shift is not kept for characters: `G` is `Char('G')`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Which key.
    pub name: KeyName,
    /// Whether Ctrl was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
}

impl Key {
    /// A plain key.
    pub const fn plain(name: KeyName) -> Key {
        Key { name, ctrl: false, alt: false }
    }

    /// A plain character.
    pub const fn char(c: char) -> Key {
        Key::plain(KeyName::Char(c))
    }

    /// A character with Ctrl.
    pub const fn ctrl(c: char) -> Key {
        Key { name: KeyName::Char(c), ctrl: true, alt: false }
    }
}

/// The keys the product knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyName {
    /// A character, as typed.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// A function key.
    F(u8),
}
