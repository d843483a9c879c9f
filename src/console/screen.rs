//! What the emulator does otherwise than the library it is built on: as tmux
//! does it, beside which it is tested. What is not passed on here (titles, the
//! clipboard, colours of the terminal, links, keyboard protocols) does nothing.

use alacritty_terminal::event::EventListener;
use alacritty_terminal::grid::{Cursor, Dimensions as _};
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::cell::Cell;
use alacritty_terminal::term::{Term, TermMode};
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, ClearMode, Handler, LineClearMode, Mode, NamedPrivateMode, PrivateMode,
    StandardCharset, TabulationClearMode,
};

/// Modes that the library does not know: the alternate screen without a place
/// for the cursor, and the cursor alone.
const ALTERNATE: [u16; 2] = [47, 1047];
const CURSOR: u16 = 1048;

/// What the library does not tell, or keeps per screen: what a program saved is
/// of one cursor, whichever screen is shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Saved {
    /// The first and last line of the margins, from 0, where there are some.
    pub(super) margins: Option<(i32, i32)>,
    pub(super) cursor: Cursor<Cell>,
    pub(super) charset: CharsetIndex,
    pub(super) is_in_margins: bool,
    /// The character set that is in use now.
    pub(super) charset_now: CharsetIndex,
}

/// The library's terminal, and what we do in its place.
pub(super) struct Screen<'a, L: EventListener> {
    pub(super) term: &'a mut Term<L>,
    pub(super) saved: &'a mut Saved,
}

impl Saved {
    /// The screen has another size: it has no margins then.
    pub(super) fn resized(&mut self) {
        self.margins = None;
    }
}

impl<L: EventListener> Screen<'_, L> {
    /// The cursor stands on the last column, and not behind it.
    fn stand(&mut self) {
        self.term.grid_mut().cursor.input_needs_wrap = false;
    }

    fn has(&self, mode: TermMode) -> bool {
        self.term.mode().contains(mode)
    }

    /// How far the cursor can move up and down: a margin stops it that it has not passed.
    fn room(&self) -> (usize, usize) {
        let last = i32::try_from(self.term.screen_lines()).unwrap_or(i32::MAX) - 1;
        let line = self.term.grid().cursor.point.line.0;
        let (top, bottom) = self.saved.margins.unwrap_or((0, last));
        let up = if line < top { line } else { line - top };
        let down = if line > bottom { last - line } else { bottom - line };
        (usize::try_from(up).unwrap_or(0), usize::try_from(down).unwrap_or(0))
    }

    /// Moves the cursor so many lines, down when positive, whatever the origin is.
    fn step(&mut self, lines: i32) {
        let cursor = &mut self.term.grid_mut().cursor;
        cursor.point.line.0 += lines;
        cursor.input_needs_wrap = false;
    }

    /// Shows the other screen; the cursor stays where it is.
    fn swap(&mut self) {
        let cursor = self.term.grid().cursor.clone();
        self.term.swap_alt();
        self.term.grid_mut().cursor = cursor;
    }
}

/// Passes these on as they are.
macro_rules! as_it_is {
    ($($name:ident($($arg:ident: $kind:ty),*);)*) => {
        $(fn $name(&mut self, $($arg: $kind),*) {
            self.term.$name($($arg),*);
        })*
    };
}

impl<L: EventListener> Handler for Screen<'_, L> {
    as_it_is! {
        input(c: char);
        goto(line: i32, column: usize);
        goto_line(line: i32);
        goto_col(column: usize);
        insert_blank(count: usize);
        identify_terminal(mark: Option<char>);
        device_status(what: usize);
        move_forward(count: usize);
        move_backward(count: usize);
        put_tab(count: u16);
        backspace();
        carriage_return();
        linefeed();
        bell();
        substitute();
        newline();
        set_horizontal_tabstop();
        scroll_up(count: usize);
        scroll_down(count: usize);
        insert_blank_lines(count: usize);
        delete_lines(count: usize);
        erase_chars(count: usize);
        move_forward_tabs(count: u16);
        clear_line(mode: LineClearMode);
        clear_screen(mode: ClearMode);
        clear_tabs(mode: TabulationClearMode);
        set_tabs(interval: u16);
        reverse_index();
        set_mode(mode: Mode);
        unset_mode(mode: Mode);
        report_mode(mode: Mode);
        report_private_mode(mode: PrivateMode);
        set_keypad_application_mode();
        unset_keypad_application_mode();
        configure_charset(index: CharsetIndex, charset: StandardCharset);
    }

    fn move_backward_tabs(&mut self, count: u16) {
        self.term.move_backward_tabs(count);
        self.stand();
    }

    fn move_up(&mut self, count: usize) {
        let lines = count.min(self.room().0);
        self.step(-i32::try_from(lines).unwrap_or(0));
    }

    fn move_down(&mut self, count: usize) {
        let lines = count.min(self.room().1);
        self.step(i32::try_from(lines).unwrap_or(0));
    }

    fn move_up_and_cr(&mut self, count: usize) {
        self.move_up(count);
        self.term.carriage_return();
    }

    fn move_down_and_cr(&mut self, count: usize) {
        self.move_down(count);
        self.term.carriage_return();
    }

    /// What stands left of the cursor stays, however many are deleted.
    fn delete_chars(&mut self, count: usize) {
        let rest = self.term.columns().saturating_sub(self.term.grid().cursor.point.column.0);
        self.term.delete_chars(count.min(rest));
    }

    fn set_scrolling_region(&mut self, top: usize, bottom: Option<usize>) {
        let rows = self.term.screen_lines();
        let end = bottom.unwrap_or(rows).min(rows);
        if top < end {
            let line = |line: usize| i32::try_from(line).unwrap_or(i32::MAX);
            self.saved.margins = Some((line(top) - 1, line(end) - 1));
            self.term.set_scrolling_region(top, bottom);
        }
    }

    /// The pattern takes the margins away and sends the cursor home.
    fn decaln(&mut self) {
        self.term.decaln();
        self.term.set_scrolling_region(1, None);
        self.term.grid_mut().cursor.point = Point::default();
        self.saved.margins = None;
    }

    /// 21 underlines twice (ECMA-48); the library takes it as the end of bold.
    fn terminal_attribute(&mut self, attribute: Attr) {
        self.term.terminal_attribute(match attribute {
            Attr::CancelBold => Attr::DoubleUnderline,
            other => other,
        });
    }

    fn set_active_charset(&mut self, index: CharsetIndex) {
        self.saved.charset_now = index;
        self.term.set_active_charset(index);
    }

    fn reset_state(&mut self) {
        *self.saved = Saved::default();
        self.term.reset_state();
    }

    fn save_cursor_position(&mut self) {
        self.saved.cursor = self.term.grid().cursor.clone();
        self.saved.charset = self.saved.charset_now;
        self.saved.is_in_margins = self.has(TermMode::ORIGIN);
    }

    fn restore_cursor_position(&mut self) {
        let origin = PrivateMode::Named(NamedPrivateMode::Origin);
        if self.saved.is_in_margins {
            self.term.set_private_mode(origin);
        } else {
            self.term.unset_private_mode(origin);
        }
        self.set_active_charset(self.saved.charset);
        let (columns, rows) = (self.term.columns(), self.term.screen_lines());
        let mut cursor = self.saved.cursor.clone();
        // The screen may be smaller by now.
        cursor.point.column = cursor.point.column.min(Column(columns.saturating_sub(1)));
        let last = i32::try_from(rows.saturating_sub(1)).unwrap_or(i32::MAX);
        cursor.point.line = cursor.point.line.min(Line(last));
        self.term.grid_mut().cursor = cursor;
        self.stand();
    }

    fn set_private_mode(&mut self, mode: PrivateMode) {
        match mode {
            PrivateMode::Unknown(mode) if ALTERNATE.contains(&mode) => {
                if !self.has(TermMode::ALT_SCREEN) {
                    self.swap();
                }
            }
            PrivateMode::Unknown(CURSOR) => self.save_cursor_position(),
            // What was typed over the last column did not ask for a line of its own.
            PrivateMode::Named(NamedPrivateMode::LineWrap) if !self.has(TermMode::LINE_WRAP) => {
                self.term.set_private_mode(mode);
                self.stand();
            }
            _ => self.term.set_private_mode(mode),
        }
    }

    fn unset_private_mode(&mut self, mode: PrivateMode) {
        match mode {
            PrivateMode::Unknown(mode) if ALTERNATE.contains(&mode) => {
                if self.has(TermMode::ALT_SCREEN) {
                    self.swap();
                }
            }
            PrivateMode::Unknown(CURSOR) => self.restore_cursor_position(),
            PrivateMode::Named(NamedPrivateMode::Origin) => {
                self.term.unset_private_mode(mode);
                self.term.goto(0, 0);
            }
            _ => self.term.unset_private_mode(mode),
        }
    }
}
