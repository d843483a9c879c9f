//! What Ansible did, beside its log.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::logs::{PanelRow, RowTone};
use crate::app::screens::log_outline as outline;
use crate::ui::canvas::Canvas;
use crate::ui::look::StyleRole;
use crate::ui::text;

use super::{Places, list, open};

/// Columns by which a row of the next depth is moved to the right.
const STEP: u16 = 2;

/// Draws the panel, where there is one.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model) {
    let silence = outline::silence_words(model).unwrap_or_default();
    let notes = [silence.as_str()];
    let Some(part) = open(canvas, places, model, "outline", None, &notes, false) else { return };
    if !outline::is_there(model) {
        let words = "This log is not one of Ansible.";
        let room = part.rows.width.saturating_sub(1);
        canvas.text(part.rows.x.saturating_add(1), part.rows.y, room, words, StyleRole::Dim);
    }
    list::each(canvas, part.rows, &part.listing, part.has_focus, |canvas, place, id| {
        if let Some(row) = outline::row_of(model, id) {
            draw_row(canvas, place, row);
        }
    });
}

fn draw_row(canvas: &mut Canvas<'_>, place: Rect, row: &PanelRow) {
    let role = match row.tone {
        RowTone::Head => StyleRole::Title,
        RowTone::Bad => StyleRole::Fail,
        RowTone::Warned => StyleRole::Warn,
        RowTone::Active => StyleRole::Attention,
        RowTone::Command => StyleRole::Key,
        RowTone::Plain => StyleRole::Text,
        RowTone::Quiet => StyleRole::Dim,
    };
    // A blank before the row as in every list, and one between text and right edge.
    let x = place.x.saturating_add(1 + u16::from(row.depth) * STEP);
    let right = u16::try_from(text::width(&row.right)).unwrap_or(u16::MAX).min(place.width / 2);
    let gap = if right == 0 { 0 } else { 2 };
    let room = place.right().saturating_sub(x).saturating_sub(right + gap);
    canvas.text(x, place.y, room, &row.text, role);
    canvas.text_right(place.right(), place.y, right, &row.right, StyleRole::Dim);
}
