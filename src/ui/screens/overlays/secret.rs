//! A secret field: which secret, how many characters, never the secret.

use ratatui::layout::Rect;

use crate::app::overlay::Secret;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::widgets::{dialog, panel};

/// Draws the box.
pub fn draw(canvas: &mut Canvas<'_>, place: Rect, secret: &Secret) {
    let inner = dialog::open(canvas, place, "Secret", "kept in memory until the program ends");
    let name = Line::of("For ", StyleRole::Dim).and(secret.name.as_str(), StyleRole::Title);
    // A long secret must not run out of its field; the number says the rest.
    let room = usize::from(inner.width.saturating_sub(22));
    let hidden: String =
        std::iter::repeat_n(canvas.look.glyphs.hidden, secret.length.min(room)).collect();
    let characters = match secret.length {
        1 => "1 character".to_owned(),
        length => format!("{length} characters"),
    };
    let field = Line::of(hidden, StyleRole::Input)
        .and(canvas.look.glyphs.caret.to_string(), StyleRole::Attention)
        .and(format!("  {characters}"), StyleRole::Dim);
    let keys = Line::of("Enter", StyleRole::Key)
        .and(" takes it   ", StyleRole::Text)
        .and("Esc", StyleRole::Key)
        .and(" goes on without it", StyleRole::Text);
    let gap = Line::default();
    panel::lines_down(canvas, inner, &[name, field, gap, keys]);
}
