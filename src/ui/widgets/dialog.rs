//! A box over the screen.

use ratatui::layout::Rect;

use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::{Look, StyleRole};
use crate::ui::text;

use super::panel::{Panel, inside};

/// Empties the place of a box, draws its frame and returns the room inside.
pub fn open(canvas: &mut Canvas<'_>, area: Rect, title: &str, right: &str) -> Rect {
    canvas.clear(area);
    let area = area.intersection(canvas.area());
    let role = StyleRole::BorderFocus;
    // A box over everything has a single line: nothing else can have the keys.
    super::panel::frame(canvas, area, &canvas.look.glyphs.line, role);
    Panel { title, right, has_focus: false }.titles_over(canvas, area);
    inside(area)
}

/// A field: what was typed with the caret behind it; of a long entry the end is shown.
pub fn field(look: &Look, typed: &str, columns: u16) -> Line<'static> {
    let room = usize::from(columns).saturating_sub(1);
    let shown = text::shown(typed, look.glyphs);
    Line::of(text::tail(&shown, room).to_owned(), StyleRole::Input)
        .and(look.glyphs.caret.to_string(), StyleRole::Attention)
}
