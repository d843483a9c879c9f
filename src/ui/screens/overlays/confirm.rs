//! An act that wants a name typed: what happens, to whom, and the way out.

use crate::app::areas::OverlayArea;
use crate::app::overlay::Confirm;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::screens::Places;
use crate::ui::widgets::dialog;
use crate::ui::widgets::panel::{inside, more};

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, area: &OverlayArea, confirm: &Confirm) {
    let (rows, input) = (places.cells(area.rows), places.cells(area.input));
    let box_area = places.cells(area.rect);
    let lines = confirm.wrapped(usize::from(inside(box_area).width));
    let shown = usize::from(rows.height);
    let top = confirm.top.min(lines.len().saturating_sub(shown));
    let more = more(top, shown, lines.len());
    let inner = dialog::open(canvas, box_area, &confirm.title, "");
    for (y, line) in (rows.top()..rows.bottom()).zip(lines.iter().skip(top)) {
        canvas.text(inner.x, y, inner.width, line, StyleRole::Text);
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
    if !more.is_empty() && input.y.saturating_add(1) < last {
        let words = format!("{more}; PgUp and PgDn read on");
        canvas.text(inner.x, input.y.saturating_add(1), inner.width, &words, StyleRole::Attention);
    }
    let act = |esc: &'static str, off: String| {
        let keys = Line::of("Esc", StyleRole::Key).and(esc, StyleRole::Text);
        if confirm.is_met() {
            let button = format!(" {}", confirm.button);
            keys.and("Enter", StyleRole::Key).and(button, StyleRole::Text)
        } else {
            keys.and(off, StyleRole::Dim)
        }
    };
    let long = format!("Enter is off until {} is typed", confirm.wanted);
    let mut keys = act(" keeps everything as it is   ", long);
    if keys.width() > usize::from(inner.width) {
        keys = act(" changes nothing   ", "Enter is off until it is typed".to_owned());
    }
    canvas.line(inner.x, last, inner.width, &keys);
}
