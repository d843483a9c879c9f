//! An act that wants a name typed: what happens, to whom, and the way out.

use crate::app::areas::OverlayArea;
use crate::app::overlay::Confirm;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::screens::Places;
use crate::ui::text;
use crate::ui::widgets::dialog;

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, area: &OverlayArea, confirm: &Confirm) {
    let inner = dialog::open(canvas, places.cells(area.rect), &confirm.title, "");
    let (rows, input) = (places.cells(area.rows), places.cells(area.input));
    let room = usize::from(inner.width);
    let lines = confirm.lines.iter().flat_map(|line| text::wrap(line, room));
    for (y, line) in (rows.top()..rows.bottom()).zip(lines) {
        canvas.text(inner.x, y, inner.width, &line, StyleRole::Text);
    }
    let ask = format!("Type {} : ", confirm.wanted);
    let used = canvas.text(inner.x, input.y, inner.width, &ask, StyleRole::Title);
    let rest = inner.width.saturating_sub(used);
    let field = dialog::field(canvas.look, &confirm.typed, rest);
    canvas.line(inner.x.saturating_add(used), input.y, rest, &field);
    let last = inner.bottom().saturating_sub(1);
    if last <= input.y {
        return;
    }
    let mut keys =
        Line::of("Esc", StyleRole::Key).and(" keeps everything as it is   ", StyleRole::Text);
    keys.extend(if confirm.is_met() {
        Line::of("Enter", StyleRole::Key).and(format!(" {}", confirm.button), StyleRole::Text)
    } else {
        Line::of(format!("Enter is off until {} is typed", confirm.wanted), StyleRole::Dim)
    });
    canvas.line(inner.x, last, inner.width, &keys);
}
