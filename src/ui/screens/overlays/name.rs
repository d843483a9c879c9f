//! Who is here: asked once per login, before the first thing that is recorded under a name.

use ratatui::layout::Rect;

use crate::app::overlay::NameField;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::widgets::{dialog, panel};

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, place: Rect, name: &NameField) {
    let inner = dialog::open(canvas, place, "Who are you?", "asked once per login");
    let why = Line::of("The journal names you by it, and others see it.", StyleRole::Text);
    let mut field = Line::of("Name ", StyleRole::Dim);
    field.extend(dialog::field(canvas.look, &name.typed, inner.width.saturating_sub(12)));
    let keys = Line::of("Enter", StyleRole::Key)
        .and(
            if name.typed.trim().is_empty() {
                format!(" takes {}   ", name.guess)
            } else {
                " takes it   ".to_owned()
            },
            StyleRole::Text,
        )
        .and("Esc", StyleRole::Key)
        .and(" does nothing", StyleRole::Text);
    panel::lines_down(canvas, inner, &[why, field, Line::default(), keys]);
}
