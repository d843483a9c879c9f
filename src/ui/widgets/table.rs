//! Columns: places, headings, cells.

use ratatui::layout::Rect;

use crate::ui::canvas::Canvas;
use crate::ui::look::StyleRole;

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At its left edge.
    Left,
    /// At its right edge.
    Right,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Its width; 0 takes what the others leave.
    pub width: u16,
    /// Where its text stands.
    pub align: Align,
}

impl Column {
    /// A column of a fixed width.
    pub const fn left(title: &'static str, width: u16) -> Column {
        Column { title, width, align: Align::Left }
    }

    /// A column of a fixed width with its text at the right.
    pub const fn right(title: &'static str, width: u16) -> Column {
        Column { title, width, align: Align::Right }
    }

    /// The column that takes what the others leave.
    pub const fn rest(title: &'static str) -> Column {
        Column { title, width: 0, align: Align::Left }
    }
}

/// Columns side by side with a gap between.
#[derive(Debug, Clone)]
pub struct Columns {
    places: Vec<(u16, u16, Column)>,
}

impl Columns {
    /// The columns in an area, `gap` columns apart. Those that do not fit get no room.
    pub fn new(area: Rect, gap: u16, columns: &[Column]) -> Columns {
        let count = u16::try_from(columns.iter().filter(|c| c.width > 0 || is_rest(c)).count());
        let gaps = gap.saturating_mul(count.unwrap_or(1).saturating_sub(1));
        let fixed: u16 = columns.iter().map(|column| column.width).sum();
        let rest = area.width.saturating_sub(fixed.saturating_add(gaps));
        let mut x = area.x;
        let places = columns
            .iter()
            .map(|column| {
                let wanted = if is_rest(column) { rest } else { column.width };
                let width = wanted.min(area.right().saturating_sub(x));
                let place = (x, width, *column);
                x = x.saturating_add(width).saturating_add(gap);
                place
            })
            .collect();
        Columns { places }
    }

    /// Draws the headings.
    pub fn headings(&self, canvas: &mut Canvas<'_>, y: u16) {
        for at in 0..self.places.len() {
            let title = self.places.get(at).map_or("", |(_, _, column)| column.title);
            self.cell(canvas, y, at, title, StyleRole::Title);
        }
    }

    /// Draws the text of one column in a row.
    pub fn cell(&self, canvas: &mut Canvas<'_>, y: u16, at: usize, text: &str, role: StyleRole) {
        let Some((x, width, column)) = self.places.get(at) else { return };
        match column.align {
            Align::Left => _ = canvas.text(*x, y, *width, text, role),
            Align::Right => canvas.text_right(x.saturating_add(*width), y, *width, text, role),
        }
    }

    /// Place and width of a column.
    pub fn place(&self, at: usize) -> (u16, u16) {
        self.places.get(at).map_or((0, 0), |(x, width, _)| (*x, *width))
    }
}

const fn is_rest(column: &Column) -> bool {
    column.width == 0
}
