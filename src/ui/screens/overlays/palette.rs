//! The palette: things, screens, findings and commands in one list.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::areas::OverlayArea;
use crate::app::list::window;
use crate::app::overlay::Palette;
use crate::app::palette::PaletteItem;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::screens::{Places, rows};
use crate::ui::widgets::{dialog, keys, panel};

/// Draws the box.
pub fn draw(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    area: &OverlayArea,
    model: &Model,
    palette: &Palette,
) {
    let (rect, list) = (places.cells(area.rect), places.cells(area.rows));
    let input = places.cells(area.input);
    let shown = usize::from(list.height);
    let top = window(palette.selected, palette.top, shown, palette.items.len());
    let counted = match palette.matching {
        _ if palette.is_nearest => "nothing matches, these are near".to_owned(),
        1 => "1 matches".to_owned(),
        count => format!("{count} match"),
    };
    dialog::open(canvas, rect, "Go to or run", &counted);
    let (x, width) = (input.x.saturating_add(1), input.width.saturating_sub(2));
    let field = dialog::field(canvas.look, &palette.text, width.saturating_sub(2));
    let mut line = Line::of(": ", StyleRole::Key);
    line.extend(field);
    canvas.line(x, input.y, width, &line);
    let chosen = palette.items.iter().enumerate().skip(top);
    for (y, (at, item)) in (list.top()..list.bottom()).zip(chosen) {
        let row = Rect { y, x: list.x + 1, width: list.width.saturating_sub(2), height: 1 };
        entry(canvas, row, item);
        rows::select(canvas, row, at == palette.selected, true);
    }
    if palette.items.is_empty() {
        let words = if model.is_loaded { "Nothing is called like this" } else { "Reading" };
        canvas.text(list.x + 3, list.y, list.width.saturating_sub(4), words, StyleRole::Dim);
    }
    for y in [input.y.saturating_add(1), list.bottom()] {
        if list.height > 0 {
            panel::divider(canvas, rect, y, "");
        }
    }
    let y = list.bottom().saturating_add(1);
    last_row(canvas, Rect { x, y, width, height: 1 }, rect, palette);
    let more = panel::more(top, shown, palette.items.len());
    if !more.is_empty() {
        let edge = rect.right().saturating_sub(2);
        let more = format!(" {more} ");
        canvas.text_right(edge, rect.bottom().saturating_sub(1), 30, &more, StyleRole::Dim);
    }
}

/// The keys, or, when asked, what the selected item does.
fn last_row(canvas: &mut Canvas<'_>, row: Rect, rect: Rect, palette: &Palette) {
    if row.y >= rect.bottom().saturating_sub(1) {
        return;
    }
    let help = palette.items.get(palette.selected).map(|item| item.help.as_str());
    if let (true, Some(help)) = (palette.is_explaining, help) {
        canvas.text(row.x, row.y, row.width, help, StyleRole::Text);
        return;
    }
    let hints = [
        ("Enter", "go"),
        ("Tab", "complete"),
        ("Ctrl-N/P", "move"),
        ("Right", "what it does"),
        ("Esc", "close"),
    ];
    keys::draw(canvas, row, 2, &hints);
}

/// `> leaf-02                  thing      r2 U40         X FAIL`
fn entry(canvas: &mut Canvas<'_>, row: Rect, item: &PaletteItem) {
    let x = row.x.saturating_add(2);
    let label = row.width.saturating_sub(44).clamp(12, 34);
    let role = if item.off.is_some() { StyleRole::Off } else { StyleRole::Text };
    canvas.text(x, row.y, label, &item.label, role);
    let x = x.saturating_add(label).saturating_add(1);
    canvas.text(x, row.y, 9, item.kind.word(), StyleRole::Dim);
    let x = x.saturating_add(10);
    let state = match (item.mark, &item.off) {
        (_, Some(reason)) => {
            let room = row.right().saturating_sub(x);
            canvas.text(x, row.y, room, &format!("off: {reason}"), StyleRole::Dim);
            return;
        }
        (Some(mark), None) => {
            rows::state(canvas, row.right().saturating_sub(8), row.y, mark, mark.word());
            9
        }
        (None, None) => 0,
    };
    let room = row.right().saturating_sub(x).saturating_sub(state);
    canvas.text(x, row.y, room, &item.note, StyleRole::Dim);
}
