//! The child's screen, emulated, and what must be sent to the operator's
//! terminal to show it.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::{Config, Term, TermMode};
use alacritty_terminal::vte::ansi::{Color as Ink, NamedColor as Named, Processor};

use unicode_width::UnicodeWidthChar as _;

use crate::domain::untrusted::{is_invisible, without_controls};

#[derive(Clone, Default)]
struct Replies(Arc<Mutex<Vec<u8>>>);

impl EventListener for Replies {
    fn send_event(&self, event: Event) {
        // Titles, clipboards and bells of the child stay here.
        if let Event::PtyWrite(text) = event {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(text.into_bytes());
        }
    }
}

struct Size {
    columns: usize,
    rows: usize,
}

impl Size {
    fn of(size: (u16, u16)) -> Size {
        Size { columns: usize::from(size.0.max(2)), rows: usize::from(size.1.max(1)) }
    }
}

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.rows
    }
    fn screen_lines(&self) -> usize {
        self.rows
    }
    fn columns(&self) -> usize {
        self.columns
    }
}

/// The child's screen.
pub struct Grid {
    term: Term<Replies>,
    parser: Processor,
    replies: Replies,
    drawn: Vec<String>,
}

impl Grid {
    /// An empty screen of that many columns and rows.
    pub fn new(size: (u16, u16)) -> Grid {
        let replies = Replies::default();
        let config = Config { scrolling_history: 0, ..Config::default() };
        Grid {
            term: Term::new(config, &Size::of(size), replies.clone()),
            parser: Processor::new(),
            replies,
            drawn: Vec::new(),
        }
    }

    /// Takes in output; what the child's terminal answers to its questions comes back.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.parser.advance(&mut self.term, bytes);
        std::mem::take(&mut *self.replies.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The child's terminal has another size.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.term.resize(Size::of(size));
    }

    /// The operator's terminal shows something else now.
    pub fn forget(&mut self) {
        self.drawn.clear();
    }

    /// The bytes that bring a terminal of that size up to date; `bar` is its last line.
    pub fn draw(&mut self, size: (u16, u16), bar: &str) -> Vec<u8> {
        let (columns, rows) = (usize::from(size.0), usize::from(size.1));
        let body = rows.saturating_sub(1);
        let cursor = self.term.grid().cursor.point;
        let cursor_row = usize::try_from(cursor.line.0).unwrap_or(0);
        let top = (cursor_row + 1).saturating_sub(body);
        let mut lines: Vec<String> = (top..top + body).map(|row| self.row(row, columns)).collect();
        lines.push(format!("\x1b[7m{}\x1b[0m", fitted(bar, columns)));
        let mut out = String::from("\x1b[?2026h\x1b[?25l");
        if self.drawn.len() != lines.len() {
            out.push_str("\x1b[0m\x1b[2J");
            self.drawn.clear();
        }
        for (row, line) in lines.iter().enumerate() {
            if self.drawn.get(row) != Some(line) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\x1b[{};1H\x1b[0m{line}\x1b[0m\x1b[K", row + 1);
            }
        }
        self.drawn = lines;
        let is_shown = self.term.mode().contains(TermMode::SHOW_CURSOR);
        if is_shown && cursor.column.0 < columns && cursor_row >= top {
            let _ = write!(out, "\x1b[{};{}H\x1b[?25h", cursor_row - top + 1, cursor.column.0 + 1);
        }
        out.push_str("\x1b[?2026l");
        out.into_bytes()
    }

    fn row(&self, row: usize, columns: usize) -> String {
        let grid = self.term.grid();
        let Ok(line) = i32::try_from(row) else { return String::new() };
        if row >= grid.screen_lines() {
            return String::new();
        }
        let cells = &grid[Line(line)];
        let mut out = String::new();
        let mut style = String::new();
        for column in 0..columns.min(grid.columns()) {
            let cell = &cells[Column(column)];
            if cell.flags.intersects(Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER) {
                continue;
            }
            let wanted = style_of(cell);
            if wanted != style {
                let _ = write!(out, "\x1b[0{wanted}m");
                style = wanted;
            }
            let is_cut = cell.flags.contains(Flags::WIDE_CHAR) && column + 1 >= columns;
            out.push(if is_cut || is_invisible(cell.c) { ' ' } else { cell.c });
        }
        if style.is_empty() {
            out.truncate(out.trim_end_matches(' ').len());
        }
        out
    }
}

/// One line of exactly that many columns, whatever is in it.
fn fitted(text: &str, columns: usize) -> String {
    let mut out = String::new();
    let mut width = 0;
    for c in without_controls(text).chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        let after = width + c.width().unwrap_or(0);
        if after > columns {
            break;
        }
        out.push(c);
        width = after;
    }
    out.extend(std::iter::repeat_n(' ', columns - width));
    out
}

/// The parameters of a cell's looks after `\x1b[0`.
fn style_of(cell: &Cell) -> String {
    let mut out = String::new();
    for (flag, code) in [
        (Flags::BOLD, 1),
        (Flags::DIM, 2),
        (Flags::ITALIC, 3),
        (Flags::UNDERLINE, 4),
        (Flags::INVERSE, 7),
        (Flags::HIDDEN, 8),
        (Flags::STRIKEOUT, 9),
    ] {
        if cell.flags.contains(flag) {
            let _ = write!(out, ";{code}");
        }
    }
    out.push_str(&ink(cell.fg, 30));
    out.push_str(&ink(cell.bg, 40));
    out
}

fn ink(ink: Ink, base: u16) -> String {
    match ink {
        Ink::Named(Named::Foreground | Named::Background) => String::new(),
        Ink::Named(named) => match named as usize {
            n @ 0..=7 => format!(";{}", usize::from(base) + n),
            n @ 8..=15 => format!(";{}", usize::from(base) + 52 + n),
            _ => String::new(),
        },
        Ink::Indexed(index) => format!(";{};5;{index}", base + 8),
        Ink::Spec(rgb) => format!(";{};2;{};{};{}", base + 8, rgb.r, rgb.g, rgb.b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(bytes: &[u8]) -> String {
        let mut grid = Grid::new((20, 4));
        grid.take(bytes);
        String::from_utf8(grid.draw((20, 5), "bar")).unwrap()
    }

    #[test]
    fn colours_and_places_come_through_and_nothing_hostile_does() {
        let out = drawn(b"\x1b[31mred\x1b[0m\r\n\x1b]0;evil\x07\x1b]52;c;QUJD\x07\x1b[6nok");
        assert!(out.contains("\x1b[1;1H\x1b[0m\x1b[0;31mred"), "{out:?}");
        assert!(out.contains("\x1b[2;1H\x1b[0mok"), "{out:?}");
        for bad in ["evil", "\x1b]", "\x07", "6n"] {
            assert!(!out.contains(bad), "{bad:?} in {out:?}");
        }
    }

    #[test]
    fn the_bar_keeps_its_gaps_and_is_as_wide_as_the_terminal() {
        assert_eq!(fitted("run 1   \x1b[31mred\n", 16), "run 1   red     ");
        assert_eq!(fitted("run 1   long", 9), "run 1   l");
        assert_eq!(fitted("a机器", 4), "a机 ", "half of a wide character is none");
    }

    #[test]
    fn only_what_changed_is_drawn_again() {
        let mut grid = Grid::new((20, 4));
        grid.take(b"one\r\ntwo");
        grid.draw((20, 5), "bar");
        grid.take(b"!");
        let out = String::from_utf8(grid.draw((20, 5), "bar")).unwrap();
        assert!(out.contains("two!") && !out.contains("one") && !out.contains("bar"), "{out:?}");
    }

    #[test]
    fn a_screen_larger_than_the_terminal_shows_where_the_cursor_is() {
        let mut grid = Grid::new((200, 60));
        for n in 0..59 {
            grid.take(format!("line {n}\r\n").as_bytes());
        }
        let out = String::from_utf8(grid.draw((20, 5), "bar")).unwrap();
        assert!(out.contains("line 58") && !out.contains("line 10"), "{out:?}");
    }
}
