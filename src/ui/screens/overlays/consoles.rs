//! The list of consoles that are open or can be opened.

use crate::app::Model;
use crate::app::areas::OverlayArea;
use crate::app::consoles::Choices;
use crate::app::list::window;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::screens::{Places, rows};
use crate::ui::widgets::{dialog, panel};

use ratatui::layout::Rect;

/// Draws the list.
pub fn draw(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    area: &OverlayArea,
    model: &Model,
    choices: &Choices,
) {
    let list = places.cells(area.rows);
    let shown = usize::from(list.height);
    let count = choices.items.len();
    let top = window(choices.selected, 0, shown, count);
    let more = panel::more(top, shown, count);
    let right = panel::joined(canvas.look, &[&more, "Enter opens, Esc closes"]);
    dialog::open(canvas, places.cells(area.rect), &choices.title, &right);
    let listed = choices.items.iter().enumerate().skip(top);
    for (y, (at, choice)) in (list.top()..list.bottom()).zip(listed) {
        let (name, how) = choice.words(model);
        let number = if at < 9 { (at + 1).to_string() } else { String::new() };
        let line = Line::of(format!("{number:<3}"), StyleRole::Key)
            .and(format!("{name:<34} "), StyleRole::Text)
            .and(how, StyleRole::Dim);
        let room = list.width.saturating_sub(3);
        canvas.line(list.x.saturating_add(2), y, room, &line);
        rows::select(canvas, Rect { y, height: 1, ..list }, at == choices.selected, true);
    }
}
