//! What of a log is shown: rows of a window, as data.

use serde::{Deserialize, Serialize};

use crate::domain::Stamp;

use super::ink::Span;
use super::level::Level;

/// How much is wanted of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Shape {
    /// Rows there are.
    pub rows: u16,
    /// Columns for the text of a line.
    pub columns: u16,
    /// Columns of the text that are left out at the left.
    pub pan: u32,
    /// Whether long lines go on in the next row.
    pub is_wrapped: bool,
    /// Whether the time stands before the lines, and need not be shown in them again.
    pub is_timed: bool,
}

/// A line as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogLine {
    /// Which source it is of.
    pub source: u16,
    /// Where it starts there.
    pub offset: u64,
    /// Its number in its source, from 1, where it was counted yet.
    pub number: Option<u64>,
    /// When it was written.
    pub at: Option<Stamp>,
    /// What it says of itself.
    pub level: Level,
    /// The text that is shown; without control characters.
    pub spans: Vec<Span>,
    /// Columns of the whole text.
    pub width: u32,
}

impl LogLine {
    /// The text that is shown.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// Rows it takes.
    pub fn height(&self, shape: &Shape) -> usize {
        if !shape.is_wrapped || shape.columns == 0 {
            return 1;
        }
        (self.width.div_ceil(u32::from(shape.columns)).max(1) as usize)
            .min(usize::from(shape.rows).max(1))
    }
}

/// A row of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogRow {
    /// A line.
    Line(LogLine),
    /// So many milliseconds in which nothing was written.
    Gap(i64),
}

impl LogRow {
    /// The line, if it is one.
    pub fn line(&self) -> Option<&LogLine> {
        match self {
            LogRow::Line(line) => Some(line),
            LogRow::Gap(_) => None,
        }
    }
}

/// The part of a log that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogWindow {
    /// Its rows.
    pub rows: Vec<LogRow>,
    /// Whether nothing is before it.
    pub is_start: bool,
    /// Whether nothing is behind it.
    pub is_end: bool,
    /// Lines behind it, where they were counted yet; filters are not taken into account.
    pub below: Option<u64>,
    /// Lines of all sources, where they were counted yet.
    pub total: Option<u64>,
    /// How many of them, the oldest of streams, were dropped.
    #[serde(default)]
    pub dropped: u64,
    /// How much is before it, in thousandths of all bytes.
    pub before: u16,
    /// How much it spans, in thousandths of all bytes.
    pub spans: u16,
    /// Whether it ends early because the search for more was given up for something newer.
    pub is_partial: bool,
}

impl LogWindow {
    /// The lines in it.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.rows.iter().filter_map(LogRow::line)
    }
}

/// What becomes of one source, for the list of sources.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceLine {
    /// Its name.
    pub name: String,
    /// Whether its lines are shown.
    pub is_on: bool,
    /// `file`, `live`, `done`.
    pub kind: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its line ends, as far as they were counted.
    pub lines: u64,
    /// Whether all of it was counted.
    pub is_counted: bool,
    /// Bytes that were left out.
    pub left_out: u64,
    /// Where it begins: more than 0 where the oldest of a stream was dropped.
    #[serde(default)]
    pub start: u64,
    /// Lines that were dropped with that.
    #[serde(default)]
    pub dropped: u64,
    /// What is to be known about it: truncated, rotated, cut.
    pub note: Option<String>,
}

/// Lines that were found all over the sources, and where they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// How many lines.
    pub count: u64,
    /// How many of them are in each part of the whole, from the beginning on.
    pub parts: Vec<u32>,
    /// Which of them the cursor was sent to, from 1, where that is known.
    pub here: Option<u64>,
    /// Whether everything was looked through.
    pub is_done: bool,
}
