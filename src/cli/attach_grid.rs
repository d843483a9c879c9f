//! The child's screen, emulated as a console's, and what must be sent to the
//! operator's terminal to show it.

use std::fmt::Write as _;
use std::time::Instant;

use unicode_width::UnicodeWidthChar as _;

use crate::console::{self, Ink, Row, Style};
use crate::domain::untrusted::{is_invisible, without_controls};

/// The child's screen.
pub struct Grid {
    emulator: console::Grid,
    slices: console::Slices,
    drawn: Vec<String>,
}

impl Grid {
    /// An empty screen of that many columns and rows.
    pub fn new(size: (u16, u16)) -> Grid {
        let emulator = console::Grid::new(size.0, size.1, 0);
        Grid { emulator, slices: console::Slices::default(), drawn: Vec::new() }
    }

    /// Takes in output, to be worked off by [`Grid::work`].
    pub fn give(&mut self, bytes: Vec<u8>) {
        self.slices.give(bytes);
    }

    /// Whether output waits that was not worked off.
    pub fn is_behind(&self) -> bool {
        self.slices.is_behind()
    }

    /// Works off output for a few milliseconds; `false` when there was none.
    pub fn work(&mut self) -> bool {
        !self.slices.feed(&mut self.emulator).is_empty()
    }

    /// What the child's terminal answers to its questions.
    pub fn answers(&mut self) -> Vec<u8> {
        self.slices.answers(&mut self.emulator)
    }

    /// These keys go to the child; what it asked before an interrupt is not answered.
    pub fn interrupt(&mut self, keys: &[u8]) {
        self.slices.interrupt(keys, false);
    }

    /// The child's terminal has another size.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.emulator.resize(size.0, size.1);
    }

    /// The operator's terminal shows something else now.
    pub fn forget(&mut self) {
        self.drawn.clear();
    }

    /// Whether the child holds its picture back for an update. An update that
    /// it does not end is shown as it is soon after.
    pub fn is_held(&mut self) -> bool {
        let is_held = self.emulator.held_until().is_some_and(|until| Instant::now() < until);
        if !is_held {
            self.emulator.release();
        }
        is_held
    }

    /// The bytes that bring a terminal of that size up to date; `bar` is its last line.
    pub fn draw(&mut self, size: (u16, u16), bar: &str) -> Vec<u8> {
        let (columns, rows) = (usize::from(size.0), usize::from(size.1));
        let body = rows.saturating_sub(1);
        let cursor = self.emulator.stands();
        let (cursor_row, cursor_column) = (usize::from(cursor.row), usize::from(cursor.column));
        let top = (cursor_row + 1).saturating_sub(body);
        let screen = self.emulator.screen();
        let row = |row: usize| screen.get(row).map_or_else(String::new, |row| shown(row, columns));
        let mut lines: Vec<String> = (top..top + body).map(row).collect();
        lines.push(format!("\x1b[7m{}\x1b[0m", fitted(bar, columns)));
        // Lines do not wrap while we draw: two terminals may differ in how wide a character is.
        let mut out = String::from("\x1b[?2026h\x1b[?25l\x1b[?7l");
        if self.drawn.len() != lines.len() {
            out.push_str("\x1b[0m\x1b[2J");
            self.drawn.clear();
        }
        for (row, line) in lines.iter().enumerate() {
            if self.drawn.get(row) != Some(line) {
                // Writing to a string cannot fail. The line is cleared first: after its last
                // column the cursor still stands on it.
                let _ = write!(out, "\x1b[{};1H\x1b[0m\x1b[K{line}\x1b[0m", row + 1);
            }
        }
        self.drawn = lines;
        out.push_str("\x1b[?7h");
        if self.emulator.cursor().is_some() && cursor_column < columns && body > 0 {
            let _ = write!(out, "\x1b[{};{}H\x1b[?25h", cursor_row - top + 1, cursor_column + 1);
        }
        out.push_str("\x1b[?2026l");
        out.into_bytes()
    }
}

/// One line of exactly that many columns, whatever is in it.
fn fitted(text: &str, columns: usize) -> String {
    let clean = without_controls(text).replace(char::is_whitespace, " ");
    let mut out = String::new();
    let used = push_cut(&clean, columns, &mut out);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    out
}

/// A row in so many columns.
fn shown(row: &Row, columns: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for run in &row.runs {
        let _ = write!(out, "\x1b[0{}m", codes(run.style));
        used += push_cut(&run.text, columns - used, &mut out);
    }
    out
}

/// Adds what fits into so many columns; says how many it takes.
fn push_cut(text: &str, columns: usize, out: &mut String) -> usize {
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width > columns {
            break;
        }
        match (is_invisible(c), width) {
            (false, _) => out.push(c),
            (true, width) => out.extend(std::iter::repeat_n(' ', width)),
        }
        used += width;
    }
    used
}

/// The parameters of a style after `\x1b[0`.
fn codes(style: Style) -> String {
    let mut out = String::new();
    for (has, code) in [
        (style.bold, 1),
        (style.dim, 2),
        (style.italic, 3),
        (style.underline, 4),
        (style.inverse, 7),
        (style.strike, 9),
    ] {
        if has {
            let _ = write!(out, ";{code}");
        }
    }
    out.push_str(&ink(style.fore, 30));
    out.push_str(&ink(style.back, 40));
    out
}

fn ink(ink: Ink, base: u16) -> String {
    match ink {
        Ink::Default => String::new(),
        Ink::Indexed(index @ 0..=7) => format!(";{}", base + u16::from(index)),
        Ink::Indexed(index @ 8..=15) => format!(";{}", base + 52 + u16::from(index)),
        Ink::Indexed(index) => format!(";{};5;{index}", base + 8),
        Ink::Rgb(red, green, blue) => format!(";{};2;{red};{green};{blue}", base + 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Grid {
        fn take(&mut self, bytes: &[u8]) {
            self.give(bytes.to_vec());
            while self.work() {}
        }
    }

    fn drawn(bytes: &[u8]) -> String {
        let mut grid = Grid::new((20, 4));
        grid.take(bytes);
        String::from_utf8(grid.draw((20, 5), "bar")).unwrap()
    }

    #[test]
    fn colours_and_places_come_through_and_nothing_hostile_does() {
        let out = drawn(b"\x1b[31mred\x1b[0m\r\n\x1b]0;evil\x07\x1b]52;c;QUJD\x07\x1b[6nok");
        assert!(out.contains("\x1b[1;1H\x1b[0m\x1b[K\x1b[0;31mred"), "{out:?}");
        assert!(out.contains("\x1b[2;1H\x1b[0m\x1b[K\x1b[0mok"), "{out:?}");
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

    #[test]
    fn an_update_that_is_never_ended_freezes_nothing() {
        let mut grid = Grid::new((20, 4));
        grid.take(b"\x1b[?2026hfrozen?");
        assert!(grid.is_held());
        let deadline = Instant::now() + std::time::Duration::from_secs(30);
        while grid.is_held() {
            assert!(Instant::now() < deadline, "it is still held");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let out = String::from_utf8(grid.draw((20, 5), "bar")).unwrap();
        assert!(out.contains("frozen?"), "{out:?}");
    }

    #[test]
    fn a_huge_terminal_costs_a_bounded_grid_and_a_command_without_end_is_not_kept() {
        let mut grid = Grid::new((20_000, 2_000));
        assert_eq!((grid.emulator.columns(), grid.emulator.rows()), (1000, 500));
        grid.resize((60_000, 60_000));
        assert_eq!((grid.emulator.columns(), grid.emulator.rows()), (1000, 500));
        grid.take(b"\x1b]0;");
        for _ in 0..64 {
            grid.take(&[b'x'; 65_536]);
        }
        grid.take(b"\x07after");
        assert!(grid.emulator.title().len() <= 80);
        let out = String::from_utf8(grid.draw((20, 5), "bar")).unwrap();
        assert!(out.contains("after") && !out.contains("xxxx"), "{out:?}");
    }

    #[test]
    fn the_bar_and_the_rows_are_cut_and_filled_by_columns() {
        let mut grid = Grid::new((20, 4));
        grid.take("日本語日本語日本語".as_bytes());
        let out = String::from_utf8(grid.draw((9, 5), "日本語日本語")).unwrap();
        assert!(out.contains("\x1b[0m日本語日\x1b[0m"), "{out:?}");
        assert!(out.contains("\x1b[7m日本語日 \x1b[0m"), "{out:?}");
        let out = String::from_utf8(grid.draw((30, 5), "日本")).unwrap();
        assert!(out.contains(&format!("\x1b[7m日本{}\x1b[0m", " ".repeat(26))), "{out:?}");
    }
}
