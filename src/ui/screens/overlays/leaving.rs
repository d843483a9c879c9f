//! The question before consoles end with the screen.

use crate::app::areas::OverlayArea;
use crate::app::consoles::Leaving;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::screens::Places;
use crate::ui::widgets::dialog;

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, area: &OverlayArea, leaving: &Leaving) {
    let inner = dialog::open(canvas, places.cells(area.rect), &leaving.title, "");
    let rows = places.cells(area.rows);
    let room = usize::from(rows.height);
    let hidden = (leaving.lines.len() + 1).saturating_sub(room.max(1));
    let shown = if leaving.lines.len() > room { room.saturating_sub(1) } else { room };
    for (y, line) in (rows.top()..).zip(leaving.lines.iter().take(shown)) {
        canvas.text(inner.x, y, inner.width, line, StyleRole::Text);
    }
    if leaving.lines.len() > room {
        let last = rows.bottom().saturating_sub(1);
        canvas.text(inner.x, last, inner.width, &format!("and {hidden} more"), StyleRole::Dim);
    }
    let keys = Line::of("y", StyleRole::Key)
        .and(" ends and leaves   ", StyleRole::Text)
        .and("Esc", StyleRole::Key)
        .and(" goes back, nothing ends", StyleRole::Text);
    canvas.line(inner.x, inner.bottom().saturating_sub(1), inner.width, &keys);
}
