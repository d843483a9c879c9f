//! A console: the cells of its program in a frame that says where the keys go.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::areas::ConsoleArea;
use crate::app::consoles::{self, Mode, OpenConsole, State};
use crate::app::model::Tone;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::widgets::{dialog, keys, panel};

use super::Places;

/// Draws the console that is shown.
pub fn draw(canvas: &mut Canvas<'_>, places: &Places<'_>, area: &ConsoleArea, model: &Model) {
    let Some(console) = model.consoles.front() else { return };
    let (rect, rows) = (places.cells(area.rect), places.cells(area.rows));
    canvas.clear(rect);
    if area.is_full {
        title_line(canvas, Rect { height: 1, ..rect }, model, console);
    } else {
        frame(canvas, rect, model, console, (area.rows.width, area.rows.height));
    }
    cells(canvas, rows, model, console);
}

fn has_keys(model: &Model) -> bool {
    matches!(model.consoles.mode, Mode::Typing) && model.overlay.is_none()
}

/// `+= console 1: bastion (recorded) ======== keys go HERE ===+`
fn frame(
    canvas: &mut Canvas<'_>,
    rect: Rect,
    model: &Model,
    console: &OpenConsole,
    size: (u16, u16),
) {
    let is_ours = model.consoles.mode != Mode::Aside;
    let look = canvas.look;
    let lines = if is_ours { &look.glyphs.strong } else { &look.glyphs.line };
    let role = if is_ours { StyleRole::BorderFocus } else { StyleRole::Border };
    panel::frame(canvas, rect, lines, role);
    let room = rect.width.saturating_sub(6);
    let whose = format!(" {} ", consoles::whose_keys(model));
    let wide = u16::try_from(whose.chars().count()).unwrap_or(0);
    canvas.text_right(rect.right().saturating_sub(3), rect.y, room, &whose, role);
    let title = format!(" {} ", consoles::title(console));
    let left = room.saturating_sub(wide).saturating_sub(1);
    canvas.text(rect.x.saturating_add(1), rect.y, left, &title, role);
    let below = rect.bottom().saturating_sub(1);
    let sentence = lower_edge(model, console);
    let size = format!(" {}x{} ", size.0, size.1);
    canvas.text_right(rect.right().saturating_sub(3), below, room, &size, StyleRole::Dim);
    let role = match (&console.view.state, model.consoles.mode) {
        (State::Ended(_), _) => StyleRole::Attention,
        (_, Mode::Bar | Mode::Closing) => StyleRole::Attention,
        _ => StyleRole::Dim,
    };
    let left = room.saturating_sub(10);
    canvas.text(rect.x.saturating_add(1), below, left, &format!(" {sentence} "), role);
}

fn lower_edge(model: &Model, console: &OpenConsole) -> String {
    let leave = consoles::release_text(model);
    match model.consoles.mode {
        Mode::Looking => consoles::looking(&console.view),
        Mode::Finding => "Enter finds, Esc goes back".to_owned(),
        _ => {
            let sentence = consoles::sentence(console);
            let is_ended = matches!(console.view.state, State::Ended(_));
            match (sentence.is_empty(), is_ended) {
                (true, _) => format!("{leave} leaves, {leave} twice sends it"),
                (false, true) => sentence,
                (false, false) => format!("{leave} leaves   {sentence}"),
            }
        }
    }
}

/// The one line of a console that has the whole screen.
fn title_line(canvas: &mut Canvas<'_>, row: Rect, model: &Model, console: &OpenConsole) {
    let role = StyleRole::BorderFocus;
    canvas.across(row.x, row.y, row.width, canvas.look.glyphs.strong.across, role);
    let room = row.width.saturating_sub(4);
    if matches!(model.consoles.mode, Mode::Bar | Mode::Closing) || model.status.is_some() {
        let inside = Rect { x: row.x.saturating_add(1), width: row.width.saturating_sub(2), ..row };
        canvas.across(inside.x, row.y, inside.width, ' ', StyleRole::Text);
        hints(canvas, inside, model);
        return;
    }
    if model.consoles.mode == Mode::Finding {
        field(canvas, row, model);
        return;
    }
    let leave = consoles::release_text(model);
    let is_ended = matches!(console.view.state, State::Ended(_));
    let right = match model.consoles.mode {
        Mode::Typing if is_ended => format!(" {leave} leaves "),
        Mode::Typing => format!(" {}, {leave} leaves ", consoles::whose_keys(model)),
        _ => format!(" {} ", consoles::whose_keys(model)),
    };
    let wide = canvas_width(&right);
    canvas.text_right(row.right().saturating_sub(1), row.y, room, &right, role);
    let said = match model.consoles.mode {
        Mode::Looking => consoles::looking(&console.view),
        _ => consoles::sentence(console),
    };
    let room = room.saturating_sub(wide);
    let full = format!(" {}   {said} ", console.title());
    let title = match said.is_empty() {
        true => format!(" {} ", consoles::title(console)),
        // What happened is more than a name that everybody knows who opened it.
        false if canvas_width(&full) > room => format!(" console {}   {said} ", console.id),
        false => full,
    };
    canvas.text(row.x.saturating_add(1), row.y, room, &title, role);
}

fn canvas_width(text: &str) -> u16 {
    u16::try_from(crate::ui::text::width(text)).unwrap_or(u16::MAX)
}

fn field(canvas: &mut Canvas<'_>, row: Rect, model: &Model) {
    let x = row.x.saturating_add(1);
    let line = Line::of("/ ", StyleRole::Key);
    let used = canvas.line(x, row.y, row.width, &line);
    let rest = row.width.saturating_sub(used).saturating_sub(2);
    let typed = dialog::field(canvas.look, &model.consoles.find, rest.min(60));
    canvas.line(x.saturating_add(used), row.y, rest, &typed);
}

/// What keys do, or what was said: for the two last lines of a screen with a console.
pub fn hints(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    match model.consoles.mode {
        Mode::Bar => {
            let hints = consoles::bar(model);
            let wide = |(key, what): &(String, &str)| canvas_width(key) + canvas_width(what) + 3;
            // The last gap needs no room.
            let is_wide = hints.iter().map(wide).sum::<u16>() <= area.width.saturating_add(2);
            keys::draw(canvas, area, if is_wide { 2 } else { 1 }, &hints);
        }
        Mode::Closing => {
            keys::draw(
                canvas,
                area,
                2,
                &[("q", "closes it and what runs in it"), ("Esc", "keeps it")],
            );
        }
        Mode::Looking => {
            let hints = [
                ("Esc", "back to typing"),
                ("/", "find"),
                ("n N", "hits"),
                ("PgUp PgDn g G", "move"),
                ("y", "copy"),
            ];
            keys::draw(canvas, area, 2, &hints);
        }
        Mode::Finding => field(canvas, area, model),
        Mode::Typing | Mode::Aside => {
            if let Some(status) = &model.status {
                let role = match status.tone {
                    Tone::Said => StyleRole::Text,
                    Tone::Off => StyleRole::Attention,
                    Tone::Failed => StyleRole::Fail,
                };
                canvas.text(area.x, area.y, area.width, &status.sentence, role);
            } else {
                let hint = "The recording holds what was shown, never what was typed.";
                canvas.text(area.x, area.y, area.width, hint, StyleRole::Dim);
            }
        }
    }
}

/// The prepared lines: `Paste helper 1 … 2 …`; `false` when there are none.
pub fn helper(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> bool {
    let Some(console) = model.consoles.front().filter(|console| !console.lines.is_empty()) else {
        return false;
    };
    let lead = match model.consoles.mode {
        Mode::Bar => "Type which?".to_owned(),
        _ => format!("{} types", consoles::release_text(model)),
    };
    let mut line = Line::of(format!("{lead}  "), StyleRole::Dim);
    for (at, prepared) in console.lines.iter().enumerate() {
        line.extend(
            Line::of(format!("{} ", at + 1), StyleRole::Key)
                .and(format!("{prepared}  "), StyleRole::Text),
        );
    }
    canvas.line(area.x, area.y, area.width, &line);
    true
}

fn cells(canvas: &mut Canvas<'_>, rows: Rect, model: &Model, console: &OpenConsole) {
    let view = &console.view;
    // A window that is smaller than the grid (it is about to follow) shows where the cursor is.
    let hidden = match view.cursor {
        Some(cursor) if view.above == 0 => (cursor.row + 1).saturating_sub(rows.height),
        _ => 0,
    };
    let shown = view.screen.iter().skip(usize::from(hidden));
    for (y, row) in (rows.top()..rows.bottom()).zip(shown) {
        let mut x = rows.x;
        for run in &row.runs {
            let room = rows.right().saturating_sub(x);
            x = x.saturating_add(canvas.cells(x, y, room, run));
        }
    }
    if let Some(cursor) = view.cursor.filter(|_| has_keys(model)) {
        let (x, y) = (rows.x.saturating_add(cursor.column), cursor.row.saturating_sub(hidden));
        let at = Rect { x, y: rows.y.saturating_add(y), width: 1, height: 1 };
        canvas.cursor(at.intersection(rows));
    }
}
