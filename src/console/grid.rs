//! The emulator of one console: bytes in, cells out. What the program asks of
//! its terminal is answered here; what it asks of the operator's is not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::{Dimensions, Scroll as Display};
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::{Config, Osc52, Term, TermMode};
use alacritty_terminal::vte::ansi::{Color as Asked, NamedColor as Name, Processor, Timeout};
use unicode_width::UnicodeWidthChar as _;

use super::keys::Modes;
use super::screen::{Saved, Screen};
use super::scrollback::Hit;
use super::sieve::Sieve;
use super::view::{Cursor, Ink, Row, Run, ScreenText, Style};

/// Lines of scrollback.
pub const SCROLLBACK: usize = 10_000;
/// How long a program may hold the screen back for one update; as other terminals have it.
const HOLD: Duration = Duration::from_millis(150);
/// Answers that may wait to be sent, in bytes; a flood of questions gets no more.
/// Programs that begin ask about a dozen questions at once, of 12 bytes each.
const ANSWERS: usize = 1024;
/// After how many marks cells are looked through for towers of them.
const SWEEP: usize = 256 * 1024;
/// Marks that a cell may keep.
const MARKS: usize = 8;
/// The largest grid; no terminal has more, and a cell costs 24 bytes of memory.
const LARGEST: (u16, u16) = (1000, 500);

/// The ends of a synchronized update, as every program writes them.
const UPDATE_BEGINS: &[u8] = b"\x1b[?2026h";
const UPDATE_ENDS: &[u8] = b"\x1b[?2026l";

#[derive(Clone, Default)]
pub(super) struct Listener(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    answers: Vec<u8>,
    bells: u32,
}

impl EventListener for Listener {
    fn send_event(&self, event: Event) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::PtyWrite(text) if told.answers.len() + text.len() <= ANSWERS => {
                told.answers.extend_from_slice(text.as_bytes());
            }
            Event::Bell => told.bells = told.bells.saturating_add(1),
            // Titles and the clipboard were taken out before; nothing else is answered.
            _ => {}
        }
    }
}

/// Never holds bytes back: the emulator works them off as they come, and only
/// the picture waits. Held bytes would have to be worked off all at once.
#[derive(Default)]
struct Updates {
    begun: u64,
}

impl Timeout for Updates {
    fn set_timeout(&mut self, _: Duration) {
        self.begun = self.begun.wrapping_add(1);
    }
    fn clear_timeout(&mut self) {}
    fn pending_timeout(&self) -> bool {
        false
    }
}

struct Size {
    columns: usize,
    rows: usize,
}

impl Size {
    fn of(columns: u16, rows: u16) -> Size {
        let (least, most) = (super::SMALLEST, LARGEST);
        Size {
            columns: columns.clamp(least.0, most.0).into(),
            rows: rows.clamp(least.1, most.1).into(),
        }
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

/// The emulator with its scrollback.
pub struct Grid {
    pub(super) term: Term<Listener>,
    parser: Processor<Updates>,
    told: Listener,
    pub(super) sieve: Sieve,
    pub(super) saved: Saved,
    title: String,
    /// Since when the program holds the picture back.
    held: Option<Instant>,
    begun: u64,
    pub(super) hits: Vec<Hit>,
    pub(super) hit: usize,
}

impl Grid {
    /// An empty screen of that size with so many lines of scrollback.
    pub fn new(columns: u16, rows: u16, scrollback: usize) -> Grid {
        let told = Listener::default();
        let config = Config {
            scrolling_history: scrollback,
            osc52: Osc52::Disabled,
            kitty_keyboard: false,
            ..Config::default()
        };
        Grid {
            term: Term::new(config, &Size::of(columns, rows), told.clone()),
            parser: Processor::new(),
            told,
            sieve: Sieve::default(),
            saved: Saved::default(),
            title: String::new(),
            held: None,
            begun: 0,
            hits: Vec::new(),
            hit: 0,
        }
    }

    /// Takes what a program printed. The time it needs is not bounded by the
    /// number of bytes alone; feed hostile input in small pieces.
    pub fn feed(&mut self, bytes: &[u8]) {
        let clean = self.sieve.clean(bytes);
        self.parser.advance(&mut Screen { term: &mut self.term, saved: &mut self.saved }, &clean);
        self.stay_inside();
        let begun = self.parser.sync_timeout().begun;
        if begun != self.begun || self.held.is_some() {
            let ends = memchr::memmem::rfind(&clean, UPDATE_ENDS);
            let begins = memchr::memmem::rfind(&clean, UPDATE_BEGINS);
            if begun != self.begun {
                self.held.get_or_insert_with(Instant::now);
            }
            if ends.is_some() && ends > begins {
                self.held = None;
            }
            self.begun = begun;
        }
        if let Some(title) = self.sieve.take_title() {
            self.title = title;
        }
        if self.sieve.take_marks(SWEEP) {
            self.sweep();
        }
    }

    /// Takes away towers of marks that were built by moving the cursor back.
    fn sweep(&mut self) {
        let grid = self.term.grid_mut();
        let (top, bottom) = (grid.topmost_line().0, grid.bottommost_line().0);
        for line in top..=bottom {
            for column in 0..grid.columns() {
                let cell = &mut grid[Line(line)][Column(column)];
                if cell.zerowidth().is_some_and(|marks| marks.len() > MARKS) {
                    cell.extra = None;
                }
            }
        }
    }

    /// What is to be sent back to the program: answers to its questions.
    pub fn take_answers(&mut self) -> Vec<u8> {
        let mut told = self.told.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut told.answers)
    }

    /// How often the program rang.
    pub fn bells(&self) -> u32 {
        self.told.0.lock().unwrap_or_else(PoisonError::into_inner).bells
    }

    /// How often the program tried to use the clipboard.
    pub fn clipboard(&self) -> u32 {
        self.sieve.clipboard
    }

    /// The title the program gave, made safe.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Until when the program wants the picture held back; an update that is
    /// not ended is over by then.
    pub fn held_until(&self) -> Option<Instant> {
        self.held.map(|since| since + HOLD)
    }

    /// Shows what is there although the program did not end its update.
    pub fn release(&mut self) {
        self.held = None;
    }

    /// Gives the grid another size; wrapped lines flow anew.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = Size::of(columns, rows);
        if (size.columns, size.rows) != (self.columns(), self.rows()) {
            self.term.resize(size);
            self.saved.resized();
            // Their places are others now.
            self.hits.clear();
            self.stay_inside();
        }
    }

    /// What shortens the scrollback can leave the view above its end.
    fn stay_inside(&mut self) {
        if self.term.grid().display_offset() > self.history() {
            self.term.scroll_display(Display::Delta(0));
        }
    }

    /// Leaves whatever a program that is gone left behind: the alternate
    /// screen, modes, colours. What was printed stays, and the next output
    /// begins on a line of its own.
    pub fn settle(&mut self) {
        const LEAVE: &[u8] = b"\x18\x1b[?1049l";
        // The margins put the cursor into the corner, so they come before it is put back.
        const PLAIN: &[u8] = b"\x1b[?2026l\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\
            \x1b[?1006l\x1b[?1l\x1b>\x1b[?2004l\x1b[?6l\x1b[?7h\x1b[4l\x1b[20l\x1b[r\x1b[m\x1b(B\
            \x0f\x1b[?25h";
        self.feed(LEAVE);
        let at = self.term.grid().cursor.point;
        self.feed(PLAIN);
        let (row, column) = (at.line.0.max(0) + 1, at.column.0 + 1);
        self.feed(format!("\x1b[{row};{column}H").as_bytes());
        if at.column.0 > 0 {
            self.feed(b"\r\n");
        }
        self.held = None;
    }

    /// Columns.
    pub fn columns(&self) -> usize {
        self.term.columns()
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.term.screen_lines()
    }

    /// Lines of scrollback there are.
    pub fn history(&self) -> usize {
        self.term.grid().history_size()
    }

    /// How many lines above the end the view stands.
    pub fn above(&self) -> usize {
        self.term.grid().display_offset().min(self.history())
    }

    /// Moves the view so many lines, up when positive.
    pub fn scroll(&mut self, up: i32) {
        self.term.scroll_display(Display::Delta(up));
    }

    /// Moves the view so many lines above the end.
    pub fn scroll_to(&mut self, above: usize) {
        let wanted = i32::try_from(above.min(self.history())).unwrap_or(i32::MAX);
        let now = i32::try_from(self.above()).unwrap_or(i32::MAX);
        self.scroll(wanted - now);
    }

    /// What the program chose.
    pub fn modes(&self) -> Modes {
        let has = |mode| self.term.mode().contains(mode);
        Modes {
            app_cursor: has(TermMode::APP_CURSOR),
            newline: has(TermMode::LINE_FEED_NEW_LINE),
            bracketed_paste: has(TermMode::BRACKETED_PASTE),
            focus: has(TermMode::FOCUS_IN_OUT),
            mouse_click: has(TermMode::MOUSE_REPORT_CLICK),
            mouse_drag: has(TermMode::MOUSE_DRAG),
            mouse_motion: has(TermMode::MOUSE_MOTION),
            mouse_sgr: has(TermMode::SGR_MOUSE),
            wheel_is_arrows: has(TermMode::ALT_SCREEN) && has(TermMode::ALTERNATE_SCROLL),
        }
    }

    /// Whether a full-screen program has the alternate screen.
    pub fn is_full_screen(&self) -> bool {
        self.term.mode().contains(TermMode::ALT_SCREEN)
    }

    /// Where the cursor stands on the screen, shown or not.
    pub fn stands(&self) -> Cursor {
        let at = self.term.grid().cursor.point;
        Cursor {
            column: u16::try_from(at.column.0).unwrap_or(u16::MAX),
            row: u16::try_from(at.line.0.max(0)).unwrap_or(u16::MAX),
        }
    }

    /// The cursor in the view; `None` when it is hidden or scrolled out.
    pub fn cursor(&self) -> Option<Cursor> {
        let at = self.term.grid().cursor.point;
        let row = usize::try_from(at.line.0).ok()? + self.above();
        let is_shown = self.term.mode().contains(TermMode::SHOW_CURSOR) && row < self.rows();
        is_shown.then(|| Cursor {
            column: u16::try_from(at.column.0).unwrap_or(u16::MAX),
            row: u16::try_from(row).unwrap_or(u16::MAX),
        })
    }

    /// The visible rows.
    pub fn screen(&self) -> Vec<Row> {
        let above = i32::try_from(self.above()).unwrap_or(0);
        let rows = i32::try_from(self.rows()).unwrap_or(0);
        (0..rows).map(|row| self.row(row - above)).collect()
    }

    fn row(&self, line: i32) -> Row {
        let grid = self.term.grid();
        let (columns, cells) = (grid.columns(), &grid[Line(line)]);
        let hits: Vec<(usize, usize)> = self.hits_in(line);
        let used = |at: usize| {
            let cell = &cells[Column(at)];
            is_visible(cell) || hits.iter().any(|hit| (hit.0..hit.1).contains(&at))
        };
        let end = (0..columns).rev().find(|at| used(*at)).map_or(0, |at| at + 1);
        let mut runs: Vec<Run> = Vec::new();
        for at in 0..end {
            let cell = &cells[Column(at)];
            if cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
                continue;
            }
            let mut style = style_of(cell);
            style.hit = hits.iter().any(|hit| (hit.0..hit.1).contains(&at));
            if runs.last().is_none_or(|run| run.style != style) {
                runs.push(Run { text: String::new(), style });
            }
            if let Some(run) = runs.last_mut() {
                push(cell, &mut run.text);
            }
        }
        Row { runs }
    }

    /// A line of screen or scrollback as text; lines of the scrollback are negative.
    pub(super) fn line_text(&self, line: i32) -> String {
        let grid = self.term.grid();
        let cells = &grid[Line(line)];
        let mut text = String::new();
        for at in 0..grid.columns() {
            let cell = &cells[Column(at)];
            if !cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
                push(cell, &mut text);
            }
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// How many blanks the text of a line is without.
    pub(super) fn blanks_at_end(&self, line: i32) -> usize {
        let cells = &self.term.grid()[Line(line)];
        let is_blank = |at: &usize| {
            let cell = &cells[Column(*at)];
            let is_part = Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER;
            cell.c == ' ' && !cell.flags.intersects(is_part)
        };
        (0..self.columns()).rev().take_while(is_blank).count()
    }

    /// Whether a line goes on in the next.
    pub(super) fn is_wrapped(&self, line: i32) -> bool {
        let grid = self.term.grid();
        let last = grid.columns().saturating_sub(1);
        grid[Line(line)][Column(last)].flags.contains(Flags::WRAPLINE)
    }

    /// Columns of each character of a line, for places in its text.
    pub(super) fn columns_of(&self, line: i32) -> Vec<usize> {
        let grid = self.term.grid();
        let mut columns = Vec::with_capacity(grid.columns());
        let mut text = String::new();
        for at in 0..grid.columns() {
            let cell = &grid[Line(line)][Column(at)];
            if cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
                continue;
            }
            text.clear();
            push(cell, &mut text);
            columns.extend(std::iter::repeat_n(at, text.len()));
        }
        columns
    }

    /// What is shown as text, with so many lines before the screen; always at the end.
    pub fn text(&self, before: usize) -> ScreenText {
        let rows = i32::try_from(self.rows()).unwrap_or(0);
        let at = self.term.grid().cursor.point;
        let left = self.term.bounds_to_string(Point::new(at.line, Column(0)), at);
        ScreenText {
            screen: (0..rows).map(|line| self.line_text(line)).collect(),
            before: self.lines_before(before),
            lines: self.lines_with(before),
            prompt: left.trim_end().to_owned(),
            is_full_screen: self.is_full_screen(),
        }
    }
}

pub(super) fn is_visible(cell: &Cell) -> bool {
    !matches!(cell.c, ' ' | '\0') || style_of(cell) != Style::default()
}

/// Adds what a cell shows. What is no character of its own is a blank; what
/// joins characters would shift the rest of the row elsewhere.
pub(super) fn push(cell: &Cell, text: &mut String) {
    let shows =
        cell.c.width().is_some_and(|width| width > 0) && !cell.flags.contains(Flags::HIDDEN);
    text.push(if shows { cell.c } else { ' ' });
    if !shows && cell.flags.contains(Flags::WIDE_CHAR) {
        // As many blanks as it takes columns.
        text.push(' ');
    }
    // A mark on a blank is one that came with no character to stand on.
    if !shows || cell.c == ' ' {
        return;
    }
    let marks = cell.zerowidth().unwrap_or_default().iter().take(MARKS);
    let kept = |c: &&char| !matches!(**c, '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{2060}'..='\u{206f}' | '\u{202a}'..='\u{202e}');
    text.extend(marks.filter(kept));
}

pub(super) fn style_of(cell: &Cell) -> Style {
    let has = |flags| cell.flags.intersects(flags);
    Style {
        fore: ink(cell.fg),
        back: ink(cell.bg),
        bold: has(Flags::BOLD),
        dim: has(Flags::DIM),
        italic: has(Flags::ITALIC),
        underline: has(Flags::ALL_UNDERLINES),
        inverse: has(Flags::INVERSE),
        strike: has(Flags::STRIKEOUT),
        hit: false,
    }
}

fn ink(colour: Asked) -> Ink {
    match colour {
        Asked::Spec(rgb) => Ink::Rgb(rgb.r, rgb.g, rgb.b),
        Asked::Indexed(index) => Ink::Indexed(index),
        Asked::Named(name) => match name as usize {
            index @ 0..=15 => Ink::Indexed(u8::try_from(index).unwrap_or(7)),
            index if name >= Name::DimBlack && name <= Name::DimWhite => {
                let index = index.saturating_sub(Name::DimBlack as usize);
                Ink::Indexed(u8::try_from(index).unwrap_or(7))
            }
            _ => Ink::Default,
        },
    }
}
