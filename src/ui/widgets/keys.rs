//! The last line of every screen: keys with what they do.

use ratatui::layout::Rect;

use crate::ui::canvas::Canvas;
use crate::ui::look::StyleRole;
use crate::ui::text;

/// Draws keys with what they do, `gap` columns apart; the last ones are left
/// out where there is no room, so `? help` stands first and is the last to go.
pub fn draw<K: AsRef<str>, W: AsRef<str>>(
    canvas: &mut Canvas<'_>,
    area: Rect,
    gap: u16,
    hints: &[(K, W)],
) {
    let edge = area.right();
    let mut x = area.x;
    for (key, what) in hints {
        let (key, what) = (key.as_ref(), what.as_ref());
        let wide = text::width(key) + usize::from(!what.is_empty()) + text::width(what);
        let wide = u16::try_from(wide).unwrap_or(u16::MAX);
        if x > area.x && x.saturating_add(wide) > edge {
            return;
        }
        x += canvas.text(x, area.y, edge.saturating_sub(x), key, StyleRole::Key);
        if !what.is_empty() {
            x = x.saturating_add(1);
            x += canvas.text(x, area.y, edge.saturating_sub(x), what, StyleRole::Text);
        }
        x = x.saturating_add(gap);
    }
}
