//! From the bytes of a line to text that can be shown: colours become ink,
//! a rewritten line keeps its last state, what is no text becomes a sign
//! (`^G`, `<1B>`, `<U+202E>`) or is left out. The result holds no control character,
//! so nothing of a log reaches the operator's terminal uninterpreted.
//!
//! The escape sequences are read here and not with `vte`: that hides what
//! follows a sequence nobody ended, and does not tell which byte was no UTF-8.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthChar as _;

use crate::domain::untrusted::is_invisible;

use super::escape::{self, Escape};
use super::ink::{Ink, Span};

/// Marks that one letter may carry; a tower of them covers the lines around it.
const MARKS: usize = 4;

/// As far as a cursor movement may reach beyond the text, in columns.
const REACH: usize = 512;

/// Rows of one line that are remembered.
const ROWS: usize = 256;

/// Distance of tab stops, in columns.
const TAB: usize = 8;

/// A line that can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cleaned {
    /// Its text in pieces of one ink.
    pub spans: Vec<Span>,
    /// How many lines before it it draws anew (`ESC[nA`): they are its older states.
    pub rises: usize,
    /// What it draws in lines before it and comes back from: how far up, and what is there then.
    pub above: Vec<(usize, Vec<Span>)>,
}

impl Cleaned {
    /// The text alone.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// Cleans lines one after the other; colours last until the log ends them.
#[derive(Debug, Clone, Default)]
pub struct Cleaner {
    ink: Ink,
}

impl Cleaner {
    /// One line, without its line end.
    pub fn line(&mut self, bytes: &[u8]) -> Cleaned {
        self.read(bytes, true)
    }

    /// A part of a line whose end is not in it: wherever the cursor is, it may come back.
    pub fn part(&mut self, bytes: &[u8]) -> Cleaned {
        self.read(bytes, false)
    }

    fn read(&mut self, bytes: &[u8], is_ended: bool) -> Cleaned {
        // The carriage return of a CR LF is part of the line end.
        let bytes = match bytes.iter().rposition(|byte| *byte != b'\r') {
            Some(last) => bytes.get(..=last).unwrap_or(bytes),
            None => &[],
        };
        if let Some(text) = plain(bytes) {
            let spans = if text.is_empty() {
                Vec::new()
            } else {
                vec![Span { text: text.to_owned(), ink: self.ink }]
            };
            return Cleaned { spans, ..Cleaned::default() };
        }
        let mut row = Row { ink: self.ink, ..Row::default() };
        row.write(bytes);
        self.ink = row.ink;
        row.finish(is_ended)
    }

    /// Takes in the colours of a line that is not shown.
    pub fn pass(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(0x1b, rest) {
            let after = rest.get(at..).unwrap_or(&[]);
            match escape::read(after) {
                Some((len, Escape::Csi { prefix: None, parameters, last: b'm' })) => {
                    self.ink.select(parameters);
                    rest = after.get(len..).unwrap_or(&[]);
                }
                Some((len, _)) => rest = after.get(len..).unwrap_or(&[]),
                None => rest = after.get(1..).unwrap_or(&[]),
            }
        }
    }
}

/// Cleans a line on its own.
pub fn clean(bytes: &[u8]) -> Cleaned {
    Cleaner::default().line(bytes)
}

/// How many lines before it a line draws anew; quick where it holds no escape sequence.
pub fn rises(bytes: &[u8]) -> usize {
    let mut up = 0usize;
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(0x1b, rest) {
        let after = rest.get(at..).unwrap_or(&[]);
        let Some((len, found)) = escape::read(after) else {
            rest = after.get(1..).unwrap_or(&[]);
            continue;
        };
        up = match climbs(&found) {
            Some(by) => up.saturating_add_signed(by),
            None => up,
        };
        rest = after.get(len..).unwrap_or(&[]);
    }
    up
}

/// Rows the cursor goes up (down when negative).
fn climbs(escape: &Escape<'_>) -> Option<isize> {
    match escape {
        Escape::Csi { prefix: None, parameters, last } => {
            let by = || isize::try_from(escape::first(parameters, 1).max(1)).unwrap_or(1);
            match last {
                b'A' | b'F' => Some(by()),
                b'B' | b'E' => Some(-by()),
                _ => None,
            }
        }
        Escape::Short(b'M') => Some(1),
        _ => None,
    }
}

/// Text without anything to interpret.
fn plain(bytes: &[u8]) -> Option<&str> {
    if bytes.is_ascii() {
        let is_text = bytes.iter().all(|byte| (0x20..0x7f).contains(byte));
        return if is_text { std::str::from_utf8(bytes).ok() } else { None };
    }
    let text = std::str::from_utf8(bytes).ok()?;
    // Letters with marks go the long way, which bounds them.
    text.chars().all(|c| !is_invisible(c) && c.width().unwrap_or(0) > 0).then_some(text)
}

/// One cell of a row: a character with its marks, or the second half of a wide one.
#[derive(Debug, Clone, Default)]
struct Cell {
    c: Option<char>,
    marks: Vec<char>,
    ink: Ink,
}

/// A row without an end, as a terminal would hold it.
#[derive(Debug, Default)]
struct Row {
    cells: Vec<Cell>,
    column: usize,
    ink: Ink,
    /// How far the cursor went up from where the line began.
    height: usize,
    /// Rows it left, by their height, with what is on them.
    left: BTreeMap<usize, Vec<Cell>>,
    is_redrawn: bool,
}

impl Row {
    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(byte) = rest.first().copied() {
            let used = match byte {
                0x1b => match escape::read(rest) {
                    Some((len, escape)) => {
                        self.escape(&escape);
                        len
                    }
                    // It never ends: what follows is shown, not swallowed.
                    None => {
                        self.sign("^[");
                        1
                    }
                },
                0x00..=0x1f | 0x7f => {
                    self.control(byte);
                    1
                }
                0x20..=0x7e => {
                    self.put(char::from(byte), self.ink);
                    1
                }
                _ => self.wide(rest),
            };
            rest = rest.get(used..).unwrap_or(&[]);
        }
    }

    /// One character outside ASCII, or one byte that is no text. Returns the bytes used.
    fn wide(&mut self, bytes: &[u8]) -> usize {
        let head = bytes.get(..bytes.len().min(4)).unwrap_or(bytes);
        let valid = match std::str::from_utf8(head) {
            Ok(text) => text,
            Err(error) => head
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or(""),
        };
        let Some(c) = valid.chars().next() else {
            let byte = bytes.first().copied().unwrap_or(0);
            self.sign(&format!("<{byte:02X}>"));
            return 1;
        };
        match c {
            // They only choose how the letter before them is drawn.
            '\u{fe00}'..='\u{fe0f}' | '\u{200d}' => {}
            c if is_invisible(c) => self.sign(&format!("<U+{:04X}>", u32::from(c))),
            c => self.put(c, self.ink),
        }
        c.len_utf8()
    }

    fn control(&mut self, byte: u8) {
        match byte {
            b'\t' => {
                let to = (self.column / TAB + 1) * TAB;
                while self.column < to {
                    if self.cells.get(self.column).is_none() {
                        self.put(' ', self.ink);
                    } else {
                        self.column += 1;
                    }
                }
            }
            b'\r' => self.go(0),
            0x08 => self.go(self.column.saturating_sub(1)),
            // Shift in and out change a character set nobody uses in logs; the rest is shown.
            0x0e | 0x0f => {}
            0x7f => self.sign("^?"),
            byte => {
                let name = [b'^', byte | 0x40];
                self.sign(std::str::from_utf8(&name).unwrap_or("^@"));
            }
        }
    }

    fn escape(&mut self, escape: &Escape<'_>) {
        match *escape {
            Escape::Csi { prefix: None, parameters, last } => self.csi(parameters, last),
            Escape::Csi { .. } | Escape::Set => {}
            Escape::Short(b'M') => self.turn_to(self.height + 1),
            Escape::Short(_) => {}
            // A link; its text stands between two of them.
            Escape::Command(text) if text.starts_with(b"8;") => {}
            Escape::Command(text) => {
                let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count().min(6);
                let number = text.get(..digits).and_then(|n| std::str::from_utf8(n).ok());
                self.sign(&format!("<OSC {}, {} bytes>", number.unwrap_or(""), text.len()));
            }
            Escape::Device(len) => self.sign(&format!("<device string, {len} bytes>")),
        }
    }

    fn csi(&mut self, parameters: &[u8], last: u8) {
        let by = usize::from(escape::first(parameters, 1).max(1));
        match last {
            b'm' => self.ink.select(parameters),
            b'C' | b'a' => self.go(self.column.saturating_add(by)),
            b'D' => self.go(self.column.saturating_sub(by)),
            b'G' | b'`' => self.go(by - 1),
            b'A' => self.turn_to(self.height + by),
            b'F' => {
                self.turn_to(self.height + by);
                self.go(0);
            }
            b'B' | b'E' => {
                self.turn_to(self.height.saturating_sub(by));
                if last == b'E' {
                    self.go(0);
                }
            }
            b'K' => self.erase(escape::first(parameters, 0)),
            // With the rest of the screen the rows below go; a cleared screen is no
            // reason to lose what the line said before.
            b'J' if escape::first(parameters, 0) == 0 => {
                let height = self.height;
                self.left.retain(|row, _| *row > height);
                self.erase(0);
            }
            b'P' => {
                self.is_redrawn = true;
                let end = self.column.saturating_add(by).min(self.cells.len());
                if self.column < end {
                    self.tear(self.column);
                    self.tear(end);
                    self.cells.drain(self.column..end);
                }
            }
            _ => {}
        }
    }

    /// Goes to the row of that height, and finds there what it left.
    fn turn_to(&mut self, height: usize) {
        self.is_redrawn = true;
        let height = height.min(usize::from(u16::MAX));
        if height == self.height {
            return;
        }
        let cells = std::mem::take(&mut self.cells);
        if !cells.is_empty() && self.left.len() < ROWS {
            self.left.insert(self.height, cells);
        }
        self.height = height;
        self.cells = self.left.remove(&height).unwrap_or_default();
    }

    fn go(&mut self, column: usize) {
        self.is_redrawn = true;
        self.column = column.min(self.cells.len().max(self.column).max(REACH));
    }

    fn erase(&mut self, which: u16) {
        self.is_redrawn = true;
        let blank = || Cell { c: Some(' '), ..Cell::default() };
        match which {
            0 => {
                self.tear(self.column);
                self.cells.truncate(self.column);
            }
            1 => {
                self.tear(self.column + 1);
                for cell in self.cells.iter_mut().take(self.column + 1) {
                    *cell = blank();
                }
            }
            2 => self.cells.clear(),
            _ => {}
        }
    }

    /// Puts a character where the cursor is; a mark joins the letter before it.
    fn put(&mut self, c: char, ink: Ink) {
        let width = c.width().unwrap_or(0);
        if width == 0 {
            let last = self.column.checked_sub(1);
            if let Some(cell) = last.and_then(|at| self.cells.get_mut(at))
                && cell.marks.len() < MARKS
            {
                cell.marks.push(c);
            }
            return;
        }
        if self.cells.len() < self.column {
            self.cells.resize(self.column, Cell { c: Some(' '), ..Cell::default() });
        }
        self.tear(self.column);
        self.tear(self.column + width);
        self.set(Cell { c: Some(c), marks: Vec::new(), ink });
        if width > 1 {
            self.set(Cell { c: None, marks: Vec::new(), ink });
        }
    }

    /// A wide character of which one half is written over becomes blanks.
    fn tear(&mut self, at: usize) {
        if self.cells.get(at).is_some_and(|cell| cell.c.is_none()) {
            for at in [at.wrapping_sub(1), at] {
                if let Some(cell) = self.cells.get_mut(at) {
                    *cell = Cell { c: Some(' '), ..Cell::default() };
                }
            }
        }
    }

    fn set(&mut self, cell: Cell) {
        match self.cells.get_mut(self.column) {
            Some(there) => *there = cell,
            None => self.cells.push(cell),
        }
        self.column += 1;
    }

    fn sign(&mut self, text: &str) {
        let ink = Ink { is_sign: true, ..Ink::default() };
        text.chars().for_each(|c| self.put(c, ink));
    }

    fn finish(mut self, is_ended: bool) -> Cleaned {
        if !is_ended && self.height > 0 {
            self.turn_to(0);
        }
        let mut left = std::mem::take(&mut self.left);
        left.retain(|_, cells| cells.iter().any(|cell| cell.c.is_some_and(|c| c != ' ')));
        let is_redrawn = self.is_redrawn;
        if self.height == 0 {
            let above = left.into_iter().map(|(height, cells)| (height, spans(cells, true)));
            let above = above.collect();
            return Cleaned { spans: spans(self.cells, is_redrawn), rises: 0, above };
        }
        if left.is_empty() {
            let spans = spans(self.cells, is_redrawn);
            return Cleaned { spans, rises: self.height, above: Vec::new() };
        }
        // Rows in one line that a terminal would show all: nothing is hidden.
        let mut cells = Vec::new();
        for row in left.into_values() {
            cells.extend(row);
            cells.push(Cell { c: Some(' '), ..Cell::default() });
        }
        cells.append(&mut self.cells);
        Cleaned { spans: spans(cells, is_redrawn), ..Cleaned::default() }
    }
}

/// Cells in pieces of one ink; without the blanks at the end of a row that was drawn anew.
fn spans(mut cells: Vec<Cell>, is_redrawn: bool) -> Vec<Span> {
    if is_redrawn {
        let used = cells.iter().rposition(|cell| cell.c != Some(' '));
        cells.truncate(used.map_or(0, |last| last + 1));
    }
    let mut spans: Vec<Span> = Vec::new();
    for cell in &cells {
        let Some(c) = cell.c else { continue };
        if spans.last().is_none_or(|span| span.ink != cell.ink) {
            spans.push(Span { text: String::new(), ink: cell.ink });
        }
        if let Some(span) = spans.last_mut() {
            span.text.push(c);
            span.text.extend(&cell.marks);
        }
    }
    spans
}

#[cfg(test)]
#[path = "clean_tests.rs"]
mod tests;
