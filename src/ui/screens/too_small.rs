//! The page below 60x15: the state of the site, and the wish for more room.

use crate::app::mark::Mark;
use crate::app::{Model, Size, header};
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;

/// Draws the page; every line is worth reading alone.
pub fn draw(canvas: &mut Canvas<'_>, model: &Model) {
    let area = canvas.area();
    let width = area.width.saturating_sub(1);
    let x = area.x.saturating_add(1);
    let name = if model.site.name.is_empty() { "shopfloor" } else { &model.site.name };
    let mut state = Line::of(name, StyleRole::Header);
    state.extend(verdicts(canvas, model));
    let size = format!("Needs {}, has {}.", Size::SMALLEST, Size::new(area.width, area.height));
    if let Some(sentence) = crate::app::consoles::too_small(model) {
        for (y, line) in
            (area.top()..area.bottom()).zip(crate::ui::text::wrap(&sentence, usize::from(width)))
        {
            canvas.text(x, y, width, &line, StyleRole::Attention);
        }
        return;
    }
    let lines = [
        state,
        Line::of(size, StyleRole::Text).and(" q leaves.", StyleRole::Text),
        Line::of(
            format!("{} look only, {}", model.now.hms(), crate::app::runs::strip(model)),
            StyleRole::Dim,
        ),
    ];
    for (y, line) in (area.top()..area.bottom()).zip(&lines) {
        canvas.line(x, y, width, line);
    }
}

/// `  X FAIL Hosts   ! 2   ? 1`.
fn verdicts(canvas: &Canvas<'_>, model: &Model) -> Line<'static> {
    let mut line = Line::default();
    for (mark, words) in header::in_brief(model) {
        let gap = if mark == Mark::Fail { "  " } else { "   " };
        let text = format!("{gap}{} {words}", canvas.look.mark(mark));
        line.extend(Line::of(text, canvas.look.role_of(mark)));
    }
    if line.is_empty() {
        line.extend(Line::of("  looking", StyleRole::Active));
    }
    line
}
