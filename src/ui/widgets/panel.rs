//! A titled part of the screen: a frame where there is room, a rule above it where there is not.

use ratatui::layout::Rect;

use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::{Lines, Look, StyleRole, Tier};
use crate::ui::text;

/// What is fixed about a panel.
#[derive(Debug, Clone, Default)]
pub struct Panel<'t> {
    /// Its title, at the left of its upper edge.
    pub title: &'t str,
    /// Counts and keys, at the right of its upper edge.
    pub right: &'t str,
    /// Whether it has the keys.
    pub has_focus: bool,
}

impl Panel<'_> {
    /// Draws a frame with the titles in it and returns the room inside.
    pub fn framed(&self, canvas: &mut Canvas<'_>, area: Rect) -> Rect {
        let area = area.intersection(canvas.area());
        let (lines, role) = self.lines(canvas.look);
        frame(canvas, area, lines, role);
        self.titles(canvas, area, role);
        inside(area)
    }

    /// Draws a rule with the titles in it and returns the room below.
    pub fn ruled(&self, canvas: &mut Canvas<'_>, area: Rect) -> Rect {
        let area = area.intersection(canvas.area());
        let (lines, role) = self.lines(canvas.look);
        canvas.across(area.x, area.y, area.width, lines.across, role);
        self.titles(canvas, area, role);
        Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area }
    }

    fn lines(&self, look: &Look) -> (&'static Lines, StyleRole) {
        match (self.has_focus, look.tier) {
            (false, _) => (&look.glyphs.line, StyleRole::Border),
            // Without colour the shape has to say where the keys go.
            (true, Tier::None) => (&look.glyphs.strong, StyleRole::BorderFocus),
            (true, _) => (&look.glyphs.line, StyleRole::BorderFocus),
        }
    }

    /// Draws the titles over an edge that is already there.
    pub fn titles_over(&self, canvas: &mut Canvas<'_>, area: Rect) {
        self.titles(canvas, area, StyleRole::Title);
    }

    /// `-- Title ------------- right --`
    fn titles(&self, canvas: &mut Canvas<'_>, area: Rect, role: StyleRole) {
        let room = area.width.saturating_sub(4);
        if room < 3 {
            return;
        }
        let title_role = if self.has_focus { role } else { StyleRole::Title };
        let mut used = 0;
        if !self.title.is_empty() {
            let title = format!(" {} ", self.title);
            used = canvas.text(area.x + 2, area.y, room, &title, title_role);
        }
        let wide = text::width(self.right) + 2;
        let left = usize::from(room.saturating_sub(used));
        // The right title gives way to the left one.
        if !self.right.is_empty() && wide <= left {
            let right = format!(" {} ", self.right);
            canvas.text_right(area.right() - 2, area.y, room, &right, StyleRole::Dim);
        }
    }
}

/// The room inside a frame, with one column of air at each side.
pub fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(2),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    }
}

/// Draws a frame around an area.
pub fn frame(canvas: &mut Canvas<'_>, area: Rect, lines: &Lines, role: StyleRole) {
    if area.width < 2 || area.height < 2 {
        return;
    }
    let (left, right) = (area.left(), area.right() - 1);
    let (top, bottom) = (area.top(), area.bottom() - 1);
    canvas.across(left, top, area.width, lines.across, role);
    canvas.across(left, bottom, area.width, lines.across, role);
    for y in top..=bottom {
        canvas.glyph(left, y, lines.down, role);
        canvas.glyph(right, y, lines.down, role);
    }
    let [top_left, top_right, bottom_left, bottom_right] = lines.corners;
    canvas.glyph(left, top, top_left, role);
    canvas.glyph(right, top, top_right, role);
    canvas.glyph(left, bottom, bottom_left, role);
    canvas.glyph(right, bottom, bottom_right, role);
}

/// Draws a titled rule across a frame: `+- Marks -----+`.
pub fn divider(canvas: &mut Canvas<'_>, area: Rect, y: u16, title: &str) {
    if area.width < 4 {
        return;
    }
    let lines = &canvas.look.glyphs.line;
    canvas.across(area.x, y, area.width, lines.across, StyleRole::Border);
    canvas.glyph(area.left(), y, lines.tees.0, StyleRole::Border);
    canvas.glyph(area.right() - 1, y, lines.tees.1, StyleRole::Border);
    if !title.is_empty() {
        let title = format!(" {title} ");
        canvas.text(area.x + 2, y, area.width - 4, &title, StyleRole::Title);
    }
}

/// Says in the lower right corner of a frame, or at the end of a rule, what a
/// list does not show: `2 above, 12 below`.
pub fn more(top: usize, shown: usize, total: usize) -> String {
    let below = total.saturating_sub(top + shown);
    match (top, below) {
        (0, 0) => String::new(),
        (0, below) => format!("{below} more below"),
        (above, 0) => format!("{above} more above"),
        (above, below) => format!("{above} above, {below} below"),
    }
}

/// Joins what is said at the right of a title.
pub fn joined(look: &Look, parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(look.glyphs.between)
}

/// Draws wrapped lines one below the other; returns the next free row.
pub fn lines_down(canvas: &mut Canvas<'_>, area: Rect, lines: &[Line<'_>]) -> u16 {
    let mut y = area.y;
    for line in lines.iter().take(usize::from(area.height)) {
        canvas.line(area.x, y, area.width, line);
        y = y.saturating_add(1);
    }
    y
}
