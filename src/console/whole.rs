//! A grid as bytes: what makes an empty grid of the same size show the same.
//! For whoever comes later to a console that somebody else's program holds.

use std::fmt::Write as _;

use alacritty_terminal::grid::{Cursor, Dimensions as _};
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{CharsetIndex, StandardCharset};

use super::grid::{Grid, is_visible, push, style_of};
use super::view::{Ink, Style};

/// How much of the scrollback is given, in bytes; the newest lines. Colours of
/// their own for every cell make a line of 200 columns 8 KiB long.
const MOST: usize = 8 << 20;

/// Modes that programs switch, by their numbers.
const MODES: [(u16, TermMode); 11] = [
    (1, TermMode::APP_CURSOR),
    (7, TermMode::LINE_WRAP),
    (25, TermMode::SHOW_CURSOR),
    (1000, TermMode::MOUSE_REPORT_CLICK),
    (1002, TermMode::MOUSE_DRAG),
    (1003, TermMode::MOUSE_MOTION),
    (1004, TermMode::FOCUS_IN_OUT),
    (1005, TermMode::UTF8_MOUSE),
    (1006, TermMode::SGR_MOUSE),
    (1007, TermMode::ALTERNATE_SCROLL),
    (2004, TermMode::BRACKETED_PASTE),
];

impl Grid {
    /// What an empty grid of this size has to be fed to show the same: the
    /// scrollback, both screens, cursor, colours and modes.
    pub fn whole(&mut self) -> Vec<u8> {
        let mut out = String::new();
        if self.is_full_screen() {
            // The other screen can only be seen by going there, which empties this one.
            let kept = self.term.grid().clone();
            self.term.swap_alt();
            self.screen_to(&mut out, true);
            self.cursor_to(&mut out, 0);
            self.term.swap_alt();
            *self.term.grid_mut() = kept;
            out.push_str("\x1b[?1049h\x1b[m\x1b(B\x1b)B\x0f\x1b[2J\x1b[H");
        }
        let has_scrollback = !self.is_full_screen();
        self.screen_to(&mut out, has_scrollback);
        self.modes_to(&mut out);
        self.end_to(&mut out);
        out.into_bytes()
    }

    /// Lines of the grid that is in use, the oldest first.
    fn screen_to(&self, out: &mut String, has_scrollback: bool) {
        let grid = self.term.grid();
        let bottom = grid.bottommost_line().0;
        let top = if has_scrollback { grid.topmost_line().0 } else { 0 };
        let mut lines: Vec<String> = Vec::new();
        let (mut at, mut bytes) = (bottom, 0);
        // From the newest up, so that the oldest are left out where it is too much.
        while at >= top {
            let goes_on = at < bottom && self.is_wrapped(at);
            let came_from_above = at > top && self.is_wrapped(at - 1);
            let line = self.line_to(at, goes_on, came_from_above);
            bytes += line.len();
            if bytes > MOST && at < 0 {
                break;
            }
            lines.push(line);
            at -= 1;
        }
        for (index, line) in lines.iter().rev().enumerate() {
            let number = at + 1 + i32::try_from(index).unwrap_or(i32::MAX);
            out.push_str(line);
            if number < bottom && !self.is_wrapped(number) {
                out.push_str("\x1b[m\r\n");
            }
        }
        out.push_str("\x1b[m");
    }

    fn line_to(&self, line: i32, goes_on: bool, came_from_above: bool) -> String {
        let grid = self.term.grid();
        let cells = &grid[Line(line)];
        let columns = grid.columns();
        let end = (0..columns).rev().find(|at| is_visible(&cells[Column(*at)]));
        let mut end = end.map_or(0, |at| at + 1);
        if goes_on {
            end = columns;
        } else if came_from_above {
            // The line above wraps only when something follows.
            end = end.max(1);
        }
        let (mut text, mut style) = (String::new(), Style::default());
        for at in 0..end {
            let cell = &cells[Column(at)];
            let is = |at: usize, half| at < columns && cells[Column(at)].flags.contains(half);
            if is(at, Flags::WIDE_CHAR_SPACER) && at > 0 && is(at - 1, Flags::WIDE_CHAR) {
                continue;
            }
            // Half of a wide character is left where lines were moved; it would take two columns.
            if is(at, Flags::WIDE_CHAR) && !is(at + 1, Flags::WIDE_CHAR_SPACER) {
                change_style(&mut text, &mut style, style_of(cell));
                text.push(' ');
                continue;
            }
            // A wide character that found no room here left a blank, and leaves it again.
            if cell.flags.contains(Flags::LEADING_WIDE_CHAR_SPACER)
                && goes_on
                && grid[Line(line + 1)][Column(0)].flags.contains(Flags::WIDE_CHAR)
                // What is hidden is given as blanks, which leave none.
                && !grid[Line(line + 1)][Column(0)].flags.contains(Flags::HIDDEN)
            {
                continue;
            }
            change_style(&mut text, &mut style, style_of(cell));
            push(cell, &mut text);
        }
        if style != Style::default() {
            text.push_str("\x1b[m");
        }
        text
    }

    fn modes_to(&self, out: &mut String) {
        let has = |mode| self.term.mode().contains(mode);
        for (number, mode) in MODES {
            let end = if has(mode) { 'h' } else { 'l' };
            let _ = write!(out, "\x1b[?{number}{end}");
        }
        out.push_str(if has(TermMode::INSERT) { "\x1b[4h" } else { "\x1b[4l" });
        out.push_str(if has(TermMode::LINE_FEED_NEW_LINE) { "\x1b[20h" } else { "\x1b[20l" });
        out.push_str(if has(TermMode::APP_KEYPAD) { "\x1b=" } else { "\x1b>" });
    }

    /// What a program saved; then the margins, the cursor and the title, as they are.
    fn end_to(&self, out: &mut String) {
        let saved = &self.saved;
        // Without margins places are the same whatever the origin is.
        out.push_str("\x1b[r");
        out.push_str(if saved.is_in_margins { "\x1b[?6h" } else { "\x1b[?6l" });
        place_to(out, saved.cursor.point, 0);
        pen_to(out, &saved.cursor, saved.charset);
        out.push_str("\x1b7\x1b[?6l");
        let mut first = 0;
        if let Some((top, bottom)) = saved.margins {
            let _ = write!(out, "\x1b[{};{}r", top + 1, bottom + 1);
            first = top;
        }
        if self.term.mode().contains(TermMode::ORIGIN) {
            // A cursor outside the margins comes to their edge; no sequence sends it further.
            out.push_str("\x1b[?6h");
        } else {
            first = 0;
        }
        self.cursor_to(out, first);
        let title = self.title();
        if !title.is_empty() {
            let _ = write!(out, "\x1b]2;{title}\x07");
        }
    }

    /// The cursor, with the colours of what comes next; lines count from `first`.
    fn cursor_to(&self, out: &mut String, first: i32) {
        let grid = self.term.grid();
        let cursor = &grid.cursor;
        if cursor.input_needs_wrap {
            // Behind the last column: there only by writing what stands there once more.
            let mut at = cursor.point;
            if grid[at].flags.contains(Flags::WIDE_CHAR_SPACER) && at.column.0 > 0 {
                at.column -= 1;
            }
            place_to(out, at, first);
            out.push_str("\x1b[m\x1b(B\x0f");
            change_style(out, &mut Style::default(), style_of(&grid[at]));
            push(&grid[at], out);
        } else {
            place_to(out, cursor.point, first);
        }
        pen_to(out, cursor, self.saved.charset_now);
    }

    /// Whether what was fed ended between two sequences: a good moment for [`Grid::whole`].
    pub fn is_between_sequences(&self) -> bool {
        self.sieve.is_between_sequences()
    }
}

fn place_to(out: &mut String, at: Point, first: i32) {
    let _ = write!(out, "\x1b[{};{}H", (at.line.0 - first).max(0) + 1, at.column.0 + 1);
}

/// The colours and character sets of what a cursor writes.
fn pen_to(out: &mut String, cursor: &Cursor<Cell>, charset: CharsetIndex) {
    out.push_str("\x1b[m");
    change_style(out, &mut Style::default(), style_of(&template(&cursor.template)));
    if cursor.template.flags.contains(Flags::HIDDEN) {
        out.push_str("\x1b[8m");
    }
    for (index, bracket) in [(CharsetIndex::G0, '('), (CharsetIndex::G1, ')')] {
        let is_lines = cursor.charsets[index] == StandardCharset::SpecialCharacterAndLineDrawing;
        let _ = write!(out, "\x1b{bracket}{}", if is_lines { '0' } else { 'B' });
    }
    out.push(if charset == CharsetIndex::G1 { '\x0e' } else { '\x0f' });
}

/// The template of a cursor without what only cells have.
fn template(cell: &Cell) -> Cell {
    Cell { fg: cell.fg, bg: cell.bg, flags: cell.flags, ..Cell::default() }
}

fn change_style(out: &mut String, from: &mut Style, to: Style) {
    if *from == to {
        return;
    }
    out.push_str("\x1b[0");
    for (is_so, number) in [
        (to.bold, 1),
        (to.dim, 2),
        (to.italic, 3),
        (to.underline, 4),
        (to.inverse, 7),
        (to.strike, 9),
    ] {
        if is_so {
            let _ = write!(out, ";{number}");
        }
    }
    for (ink, first) in [(to.fore, 30), (to.back, 40)] {
        match ink {
            Ink::Default => {}
            Ink::Indexed(index @ 0..=7) => {
                let _ = write!(out, ";{}", first + u16::from(index));
            }
            Ink::Indexed(index) => {
                let _ = write!(out, ";{};5;{index}", first + 8);
            }
            Ink::Rgb(r, g, b) => {
                let _ = write!(out, ";{};2;{r};{g};{b}", first + 8);
            }
        }
    }
    out.push('m');
    *from = to;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again(grid: &mut Grid) -> Grid {
        let (columns, rows) = (grid.columns(), grid.rows());
        let mut other =
            Grid::new(u16::try_from(columns).unwrap(), u16::try_from(rows).unwrap(), 100);
        other.feed(&grid.whole());
        other
    }

    fn same(left: &Grid, right: &Grid) {
        assert_eq!(left.screen(), right.screen());
        assert_eq!(left.stands(), right.stands());
        assert_eq!(left.modes(), right.modes());
        assert_eq!(left.cursor(), right.cursor());
        assert_eq!(left.history(), right.history());
        assert_eq!(left.is_full_screen(), right.is_full_screen());
        assert_eq!(left.text(100), right.text(100));
    }

    #[test]
    fn colours_wraps_wide_characters_and_scrollback_come_back() {
        let mut grid = Grid::new(20, 5, 100);
        for number in 0..40 {
            grid.feed(format!("\x1b[3{}mline {number}\x1b[m end\r\n", number % 8).as_bytes());
        }
        grid.feed(
            "a line that is longer than the twenty columns there are 日本日本日本日本日本日\r\n"
                .as_bytes(),
        );
        grid.feed(b"\x1b[48;2;1;2;3mxx\x1b[K\x1b[m\r\n\x1b[1;4mPS1> ");
        let other = again(&mut grid);
        same(&grid, &other);
        // Whatever the program prints next looks the same too, wrapped lines flow as before.
        let mut other = again(&mut grid);
        for one in [&mut grid, &mut other] {
            one.feed(b"next \x1b[mplain\r\n");
            one.resize(31, 7);
        }
        same(&grid, &other);
    }

    #[test]
    fn a_full_screen_program_and_what_is_below_it_come_back() {
        let mut grid = Grid::new(20, 5, 100);
        grid.feed(b"shell$ vi\r\nmore\r\n\x1b[32mgreen");
        grid.feed(b"\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?25l\x1b[2;4r");
        grid.feed(b"\x1b[1;1HEDITOR\x1b[5;3H\x1b[7mstatus\x1b[m\x1b[3;4H");
        let before = grid.text(100);
        let mut other = again(&mut grid);
        assert_eq!(grid.text(100), before, "looking changed nothing");
        same(&grid, &other);
        for one in [&mut grid, &mut other] {
            // Scrolls within the margins only.
            one.feed(b"\x1b[4;1Hlast\r\nnew");
        }
        same(&grid, &other);
        for one in [&mut grid, &mut other] {
            one.feed(b"\x1b[r\x1b[?1049l\x1b[?25hback");
        }
        same(&grid, &other);
        assert_eq!(other.text(0).screen[2], "greenback");
    }

    #[test]
    fn a_cursor_behind_the_last_column_wraps_when_something_comes() {
        let mut grid = Grid::new(20, 5, 100);
        grid.feed(b"12345678901234567890");
        let mut other = again(&mut grid);
        for one in [&mut grid, &mut other] {
            one.feed(b"x");
        }
        same(&grid, &other);
        assert_eq!(other.text(0).screen[1], "x");
    }

    #[test]
    fn the_scrollback_that_is_given_is_bounded() {
        let mut grid = Grid::new(400, 50, super::super::SCROLLBACK);
        for line in 0..4000u32 {
            let cells: String = (0..400)
                .map(|c| format!("\x1b[38;2;{};{};{}mx", c % 256, line % 256, c % 7))
                .collect();
            grid.feed(cells.as_bytes());
            grid.feed(b"\r\n");
        }
        let whole = grid.whole();
        assert!(whole.len() < MOST + (1 << 20), "{}", whole.len());
        let mut other = Grid::new(400, 50, super::super::SCROLLBACK);
        other.feed(&whole);
        assert_eq!(grid.screen(), other.screen());
        assert!(other.history() > 500, "{}", other.history());
    }

    /// What programs print. Wide characters are neither moved nor erased in
    /// part: half of one may be left then, which nothing prints.
    fn printed(text: &'static str, acts: &'static str) -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            6 => text,
            2 => Just("\r\n".to_owned()),
            2 => "\u{1b}\\[[0-9]{1,2}m",
            2 => "\u{1b}\\[[0-9]{1,2};[0-9]{1,2}H",
            2 => "\u{1b}\\[[1-5]?[ABCDEFLMST]",
            2 => acts,
            1 => "\u{1b}\\[[1-5]?(;[2-5])?r",
            1 => "\u{1b}\\[\\?(1|6|7|25|1000|2004|1048)[hl]",
            1 => "\u{1b}\\[\\?(47|1047|1049)[hl]",
            1 => "\u{1b}([78c]|[()][0B]|#8)",
            1 => "[\u{e}\u{f}\u{8}\t]",
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    fn before_and_after() -> impl Strategy<Value = (String, String)> {
        let wide = ("[a-zäß日 ]{0,30}", "\u{1b}\\[2[JK]");
        let moved = ("[a-zäß ]{0,30}", "\u{1b}\\[([1-5]?[P@X]|4[hl]|[0-2]?[JK])");
        let both = |(text, acts)| (printed(text, acts), printed(text, acts));
        prop_oneof![both(wide), both(moved)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn whatever_is_printed_comes_back((before, after) in before_and_after()) {
            let mut grid = Grid::new(20, 5, 100);
            grid.feed(before.as_bytes());
            // Outside the margins that lines are counted from: no sequence leads there.
            let line = grid.term.grid().cursor.point.line.0;
            let is_inside = grid.saved.margins.is_none_or(|(top, end)| (top..=end).contains(&line));
            prop_assume!(is_inside || !grid.term.mode().contains(TermMode::ORIGIN));
            let mut other = again(&mut grid);
            let texts = |grid: &Grid| grid.screen().iter().map(super::super::Row::text).collect::<Vec<_>>();
            prop_assert_eq!(texts(&grid), texts(&other));
            prop_assert_eq!(grid.stands(), other.stands());
            prop_assert_eq!(grid.modes(), other.modes());
            prop_assert_eq!(grid.history(), other.history());
            for one in [&mut grid, &mut other] {
                one.feed(after.as_bytes());
            }
            prop_assert_eq!(texts(&grid), texts(&other));
            prop_assert_eq!(grid.stands(), other.stands());
        }
    }
}
