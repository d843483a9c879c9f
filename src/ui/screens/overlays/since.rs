//! Since when something is so.

use crate::app::areas::OverlayArea;
use crate::app::overlay::Since;
use crate::ui::canvas::Canvas;
use crate::ui::look::StyleRole;
use crate::ui::screens::Places;
use crate::ui::widgets::{dialog, panel};

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, area: &OverlayArea, since: &Since) {
    let rows = places.cells(area.rows);
    let shown = usize::from(rows.height);
    let top = since.top.min(since.lines.len().saturating_sub(shown));
    let right = panel::more(top, shown, since.lines.len());
    let right = panel::joined(canvas.look, &[&right, "Esc closes"]);
    let title = format!("Since when: {}", since.title);
    dialog::open(canvas, places.cells(area.rect), &title, &right);
    let (x, width) = (rows.x.saturating_add(1), rows.width.saturating_sub(2));
    for (y, line) in (rows.top()..rows.bottom()).zip(since.lines.iter().skip(top)) {
        canvas.text(x, y, width, line, StyleRole::Text);
    }
}
