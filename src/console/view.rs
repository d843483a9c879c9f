//! What a console shows, as bounded data: rows of text in runs of one style.

use serde::{Deserialize, Serialize};

/// A colour as the program asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ink {
    /// The terminal's own.
    #[default]
    Default,
    /// One of the 256; the first sixteen in the terminal's own shades.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a run of cells is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Style {
    /// Colour of the characters.
    pub fore: Ink,
    /// Colour behind them.
    pub back: Ink,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined, in whatever way.
    pub underline: bool,
    /// Foreground and background exchanged.
    pub inverse: bool,
    /// Struck out.
    pub strike: bool,
    /// Part of a search hit.
    pub hit: bool,
}

fn is_plain(style: &Style) -> bool {
    *style == Style::default()
}

/// Characters of one style, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Run {
    /// The characters; a wide one takes two columns, a mark none. No control characters.
    pub text: String,
    /// Their style.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub style: Style,
}

/// A row of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Row {
    /// Its runs from the left; blanks at the end in the default style are left out.
    pub runs: Vec<Run>,
}

impl Row {
    /// The row as text, without the blanks at its end.
    pub fn text(&self) -> String {
        let all: String = self.runs.iter().map(|run| run.text.as_str()).collect();
        all.trim_end().to_owned()
    }
}

/// Where the cursor is, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Column.
    pub column: u16,
    /// Row.
    pub row: u16,
}

/// How the line to the other side stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is being opened.
    #[default]
    Opening,
    /// It is open.
    Open,
    /// It ended; a sentence. What was on it stays, and it can be connected again.
    Ended(String),
}

impl State {
    /// Whether keys reach a program.
    pub fn is_open(&self) -> bool {
        matches!(self, State::Open)
    }
}

/// What a console shows at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// Columns of the grid.
    pub columns: u16,
    /// Rows of the grid.
    pub rows: u16,
    /// The visible rows from the top.
    pub screen: Vec<Row>,
    /// The cursor; `None` when it is hidden or scrolled out.
    pub cursor: Option<Cursor>,
    /// How many lines above the end this view stands; 0 follows.
    pub above: usize,
    /// Lines of scrollback there are.
    pub history: usize,
    /// Lines that came while the view was held.
    pub newer: usize,
    /// How the line stands.
    pub state: State,
    /// The title the program gave, made safe.
    pub title: String,
    /// Whether the program wants the mouse.
    pub wants_mouse: bool,
    /// How often the program tried to write or read the clipboard; it never could.
    pub clipboard: u32,
    /// How often it rang.
    pub bells: u32,
    /// What is looked for, and the hit's number of how many.
    pub found: Option<(usize, usize)>,
    /// What is recorded, in words: `recorded`, `not recorded: why`.
    pub recorded: String,
    /// Whether somebody else types, and keys from here go nowhere.
    #[serde(default)]
    pub watches: bool,
    /// Another sentence to show: keys that were not taken, who holds the line.
    pub said: String,
}

/// What a console shows as text, for whoever has to recognise something in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScreenText {
    /// The visible rows, blanks at their ends left out.
    pub screen: Vec<String>,
    /// The last lines before them, oldest first; lines that were wrapped are joined.
    pub before: Vec<String>,
    /// Both, oldest first, in lines as they were printed: rows that were wrapped are joined.
    pub lines: Vec<String>,
    /// The text left of the cursor in its row: a prompt stands here.
    pub prompt: String,
    /// Whether a full-screen program has the alternate screen.
    pub is_full_screen: bool,
}

impl ScreenText {
    /// The last line that is not empty.
    pub fn last_line(&self) -> &str {
        let mut all = self.before.iter().chain(&self.screen).rev();
        all.find(|line| !line.trim().is_empty()).map_or("", String::as_str)
    }

    /// Whether a line contains the text, visible or shortly before.
    pub fn contains(&self, text: &str) -> bool {
        self.screen.iter().chain(&self.before).any(|line| line.contains(text))
    }
}
