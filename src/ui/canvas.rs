//! Where drawing happens: a part of the buffer, with the look. Every write is
//! clipped to it, so that no size of terminal can be drawn outside of.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar as _;

use crate::app::logs::Ink;

use super::look::{Look, Mark, StyleRole};
use super::text;
use crate::app::consoles::Run;

/// A part of the buffer with the look to draw it in. Places are those of the buffer.
pub struct Canvas<'a> {
    /// The look.
    pub look: &'a Look,
    buffer: &'a mut Buffer,
    area: Rect,
}

/// A piece of text with its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'t> {
    text: Cow<'t, str>,
    role: StyleRole,
}

/// Text in pieces of different meaning, in one row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line<'t> {
    pieces: Vec<Piece<'t>>,
}

impl<'t> Line<'t> {
    /// A line of one piece.
    pub fn of(text: impl Into<Cow<'t, str>>, role: StyleRole) -> Line<'t> {
        Line::default().and(text, role)
    }

    /// The line with one more piece at its end.
    #[must_use]
    pub fn and(mut self, text: impl Into<Cow<'t, str>>, role: StyleRole) -> Line<'t> {
        self.pieces.push(Piece { text: text.into(), role });
        self
    }

    /// Adds another line's pieces.
    pub fn extend(&mut self, other: Line<'t>) {
        self.pieces.extend(other.pieces);
    }

    /// Columns it takes.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|piece| text::width(&piece.text)).sum()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| piece.text.is_empty())
    }
}

impl<'a> Canvas<'a> {
    /// A canvas on as much of `area` as the buffer has.
    pub fn new(look: &'a Look, area: Rect, buffer: &'a mut Buffer) -> Canvas<'a> {
        let area = area.intersection(buffer.area);
        Canvas { look, buffer, area }
    }

    /// The part of the buffer that can be drawn on.
    pub fn area(&self) -> Rect {
        self.area
    }

    /// A canvas on a part of this one.
    pub fn part(&mut self, area: Rect) -> Canvas<'_> {
        let area = area.intersection(self.area);
        Canvas { look: self.look, buffer: self.buffer, area }
    }

    /// Writes text from a place on, in at most so many columns; where it does
    /// not fit, the cut is marked. Returns the columns used.
    pub fn text(&mut self, x: u16, y: u16, columns: u16, text: &str, role: StyleRole) -> u16 {
        let style = self.look.style(role);
        self.put(x, y, columns, text, style)
    }

    /// Writes a piece of a log in its own ink.
    pub fn ink(&mut self, x: u16, y: u16, columns: u16, text: &str, ink: &Ink) -> u16 {
        let style = self.look.ink(ink);
        self.put(x, y, columns, text, style)
    }

    fn put(&mut self, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
        let edge = x.saturating_add(columns).min(self.area.right());
        if !self.has_row(y) || x >= edge {
            return 0;
        }
        let shown = text::shown(text, self.look.glyphs);
        let cut = text::cut(&shown, usize::from(edge - x), self.look.glyphs.cut);
        let was_cut = matches!(cut, Cow::Owned(_));
        let mut at = x;
        for grapheme in cut.graphemes(true) {
            let width = u16::try_from(text::width(grapheme)).unwrap_or(0);
            if width == 0 {
                continue;
            }
            if at >= self.area.x {
                if let Some(cell) = self.buffer.cell_mut((at, y)) {
                    cell.set_symbol(grapheme).set_style(style);
                }
                if width == 2
                    && let Some(cell) = self.buffer.cell_mut((at + 1, y))
                {
                    // The second half of a wide character has no text of its own.
                    cell.set_symbol(" ").set_style(style);
                }
            }
            at = at.saturating_add(width);
        }
        // Nothing may follow a cut in the same room.
        if was_cut { edge - x } else { at - x }
    }

    /// Writes text that ends before `edge`, cut if it does not fit into so many columns.
    pub fn text_right(&mut self, edge: u16, y: u16, columns: u16, text: &str, role: StyleRole) {
        let wide = u16::try_from(text::width(text)).unwrap_or(u16::MAX).min(columns);
        self.text(edge.saturating_sub(wide), y, wide, text, role);
    }

    /// Writes a line in at most so many columns. Returns the columns used.
    pub fn line(&mut self, x: u16, y: u16, columns: u16, line: &Line<'_>) -> u16 {
        let mut used = 0;
        let mut left = line.pieces.len();
        for piece in &line.pieces {
            left -= 1;
            let room = columns - used;
            let wide = text::width(&piece.text);
            // A piece that fills the row exactly still has to be marked as cut
            // when more follows.
            let is_last_to_fit = left > 0 && wide == usize::from(room);
            used += if is_last_to_fit {
                let longer = format!("{} ", piece.text);
                self.text(x.saturating_add(used), y, room, &longer, piece.role)
            } else {
                self.text(x.saturating_add(used), y, room, &piece.text, piece.role)
            };
            if used >= columns {
                break;
            }
        }
        used
    }

    /// Writes a line that ends before `edge`.
    pub fn line_right(&mut self, edge: u16, y: u16, columns: u16, line: &Line<'_>) -> u16 {
        let wide = u16::try_from(line.width()).unwrap_or(u16::MAX).min(columns);
        self.line(edge.saturating_sub(wide), y, wide, line);
        wide
    }

    /// Writes a run of a console's cells in at most so many columns; what does
    /// not fit is left out. Returns the columns used.
    pub fn cells(&mut self, x: u16, y: u16, columns: u16, run: &Run) -> u16 {
        let style = self.look.console(&run.style);
        let edge = x.saturating_add(columns).min(self.area.right());
        let mut at = x;
        let mut last: Option<u16> = None;
        for c in run.text.chars() {
            let shown = self.look.glyphs.of_console(c);
            let width = u16::try_from(c.width().unwrap_or(0)).unwrap_or(0);
            if width == 0 {
                // A mark belongs to the character before it.
                if let Some(cell) = last.and_then(|at| self.buffer.cell_mut((at, y)))
                    && shown == c
                {
                    let symbol = format!("{}{c}", cell.symbol());
                    cell.set_symbol(&symbol);
                }
                continue;
            }
            if at.saturating_add(width) > edge {
                break;
            }
            let inside = at >= self.area.x && self.has_row(y);
            if let Some(cell) = self.buffer.cell_mut((at, y)).filter(|_| inside) {
                cell.set_char(shown).set_style(style);
            }
            if width == 2
                && let Some(cell) = self.buffer.cell_mut((at + 1, y)).filter(|_| inside)
            {
                let second = if shown == c { ' ' } else { shown };
                cell.set_char(second).set_style(style);
            }
            last = Some(at);
            at += width;
        }
        at - x
    }

    /// Shows the cursor of a console there.
    pub fn cursor(&mut self, at: Rect) {
        self.buffer.set_style(at.intersection(self.area), self.look.cursor());
    }

    /// Draws one glyph.
    pub fn glyph(&mut self, x: u16, y: u16, glyph: char, role: StyleRole) {
        if !self.area.contains((x, y).into()) {
            return;
        }
        let style = self.look.style(role);
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_char(glyph).set_style(style);
        }
    }

    /// Draws the mark of a state.
    pub fn mark(&mut self, x: u16, y: u16, mark: Mark) {
        self.glyph(x, y, self.look.mark(mark), mark.into());
    }

    /// Repeats a glyph along a row.
    pub fn across(&mut self, x: u16, y: u16, columns: u16, glyph: char, role: StyleRole) {
        for at in x..x.saturating_add(columns).min(self.area.right()) {
            self.glyph(at, y, glyph, role);
        }
    }

    /// Lays a style over what is there.
    pub fn paint(&mut self, area: Rect, role: StyleRole) {
        self.buffer.set_style(area.intersection(self.area), self.look.style(role));
    }

    /// Lays a style over every place in a part where one of these words, in
    /// lower case, stands; whatever the case there.
    pub fn find(&mut self, area: Rect, words: &[String], role: StyleRole) {
        let area = area.intersection(self.area);
        for y in area.top()..area.bottom() {
            let (mut row, mut starts) = (String::new(), Vec::new());
            for x in area.left()..area.right() {
                starts.push((row.len(), x));
                let symbol = self.buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
                row.extend(symbol.chars().flat_map(char::to_lowercase));
            }
            for word in words.iter().filter(|word| !word.is_empty()) {
                for (from, found) in row.match_indices(word.as_str()) {
                    let within = from..from + found.len();
                    for (_, x) in starts.iter().filter(|(at, _)| within.contains(at)) {
                        self.paint(Rect { x: *x, y, width: 1, height: 1 }, role);
                    }
                }
            }
        }
    }

    /// Lays the style of the site's word over what is there.
    pub fn paint_word(&mut self, area: Rect, colour: Option<&str>) {
        self.buffer.set_style(area.intersection(self.area), self.look.word_style(colour));
    }

    /// Empties a part: blank cells in the terminal's own colours.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
        self.paint(area, StyleRole::Text);
    }

    fn has_row(&self, y: u16) -> bool {
        (self.area.top()..self.area.bottom()).contains(&y)
    }
}

#[cfg(test)]
mod tests {
    use super::super::look::{LookChoice, LookEnv};
    use super::*;

    fn drawn(columns: u16, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
        let env =
            LookEnv { wanted: LookChoice::from_words("mono ascii none"), ..LookEnv::default() };
        let look = Look::choose(&env).look;
        let area = Rect::new(0, 0, columns, 1);
        let mut buffer = Buffer::empty(area);
        draw(&mut Canvas::new(&look, area, &mut buffer));
        buffer.content().iter().map(|cell| cell.symbol().to_owned()).collect()
    }

    #[test]
    fn what_does_not_fit_is_cut_with_a_mark() {
        assert_eq!(
            drawn(8, |c| _ = c.text(2, 0, 20, "leaf-02 silent", StyleRole::Text)),
            "  leaf-~"
        );
        assert_eq!(drawn(6, |c| c.text_right(6, 0, 4, "12345", StyleRole::Text)), "  123~");
        let line = Line::of("abc", StyleRole::Text).and("def", StyleRole::Dim);
        assert_eq!(drawn(6, |c| _ = c.line(0, 0, 6, &line)), "abcdef");
        assert_eq!(drawn(5, |c| _ = c.line(0, 0, 5, &line)), "abcd~");
        assert_eq!(drawn(3, |c| _ = c.line(0, 0, 3, &line)), "ab~");
    }

    #[test]
    fn what_was_found_is_styled_whatever_the_case() {
        let env =
            LookEnv { wanted: LookChoice::from_words("dark unicode 256"), ..LookEnv::default() };
        let look = Look::choose(&env).look;
        let area = Rect::new(0, 0, 20, 1);
        let mut buffer = Buffer::empty(area);
        let mut canvas = Canvas::new(&look, area, &mut buffer);
        canvas.text(0, 0, 20, "GPU-07 größe gpu", StyleRole::Text);
        canvas.find(area, &["gpu".into(), "öß".into()], StyleRole::Match);
        let found = look.style(StyleRole::Match).fg;
        let text: String = buffer
            .content()
            .iter()
            .map(|cell| if Some(cell.fg) == found { cell.symbol() } else { "." })
            .collect();
        assert_eq!(text, "GPU......öß..gpu....");
    }

    #[test]
    fn nothing_is_drawn_outside() {
        let line = Line::of("abc", StyleRole::Text);
        let text = drawn(4, |c| {
            let mut part = c.part(Rect::new(1, 0, 2, 9));
            part.text(0, 0, 9, "xyz", StyleRole::Text);
            part.text(0, 5, 9, "xyz", StyleRole::Text);
            part.glyph(3, 0, 'g', StyleRole::Text);
            part.line(u16::MAX, 0, 9, &line);
            part.across(2, 0, u16::MAX, '=', StyleRole::Text);
            part.paint(Rect::new(0, 0, u16::MAX, u16::MAX), StyleRole::Selection);
        });
        assert_eq!(text, " y= ");
    }
}
