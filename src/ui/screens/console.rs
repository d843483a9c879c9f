//! A console: the cells of its program in a frame that says where the keys go.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::areas::ConsoleArea;
use crate::app::consoles::{self, Mode, OpenConsole};
use crate::app::model::{Status, Tone};
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

/// `+= console 1: bastion (ends with this screen, recorded) === keys go HERE ===+`
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
    canvas.text_right(rect.right().saturating_sub(3), rect.y, room, &whose, role);
    let left = room.saturating_sub(canvas_width(&whose)).saturating_sub(1);
    let title = consoles::title(console, usize::from(left.saturating_sub(2)));
    canvas.text(rect.x.saturating_add(1), rect.y, left, &format!(" {title} "), role);
    let below = rect.bottom().saturating_sub(1);
    let size = format!(" {}x{} ", size.0, size.1);
    canvas.text_right(rect.right().saturating_sub(3), below, room, &size, StyleRole::Dim);
    let role = match (console.has_ended(), model.consoles.mode) {
        (true, _) | (_, Mode::Bar | Mode::Closing) => StyleRole::Attention,
        _ => StyleRole::Dim,
    };
    let left = room.saturating_sub(canvas_width(&size)).saturating_sub(1);
    let sentence = lower_edge(model, console, left.saturating_sub(2));
    canvas.text(rect.x.saturating_add(1), below, left, &format!(" {sentence} "), role);
}

/// What the key that takes the keys back does, and what the console says of itself.
fn lower_edge(model: &Model, console: &OpenConsole, room: u16) -> String {
    let free = consoles::release_text(model);
    match model.consoles.mode {
        Mode::Looking => consoles::looking(&console.view),
        Mode::Finding => "Enter finds, Esc goes back".to_owned(),
        Mode::Bar if console.place.own_run().is_some() && !console.has_ended() => {
            "d or q leaves it, the run goes on; Esc types on".to_owned()
        }
        Mode::Bar if !console.has_ended() => {
            "d leaves it running, q ends it, Esc types on".to_owned()
        }
        Mode::Closing if !console.has_ended() => {
            "What runs in it ends; the recording stays".to_owned()
        }
        Mode::Aside => format!("{free} gives it the keys again"),
        _ => {
            let sentence = consoles::sentence(console);
            let long = format!("{free} takes the keys back and shows a key bar");
            let short = format!("{free} takes the keys back");
            match (sentence.is_empty(), console.has_ended()) {
                (true, _) if canvas_width(&long) <= room => long,
                (true, _) => short,
                (false, true) => sentence,
                (false, false) => format!("{short}   {sentence}"),
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
        match &model.status {
            Some(status) if model.consoles.mode == Mode::Bar => said(canvas, inside, status),
            _ => hints(canvas, inside, model),
        }
        return;
    }
    if model.consoles.mode == Mode::Finding {
        field(canvas, row, model);
        return;
    }
    let (whose, free) = (consoles::whose_keys(model), consoles::release_text(model));
    let (long, short) = match (model.consoles.mode, console.has_ended()) {
        (Mode::Typing, true) => (
            format!(" {whose}   r again, q closes "),
            format!(" ended {} ago, r again ", model.now.since(console.since).short()),
        ),
        (Mode::Typing, false) => {
            (format!(" {whose}, {free} takes them back "), format!(" keys HERE, {free} frees "))
        }
        _ => (format!(" {whose} "), format!(" {whose} ")),
    };
    // What happened, or at least whether it outlives the screen, is worth more than long words.
    let warns = !console.view.said.is_empty() || console.view.clipboard > 0;
    let least = match console.has_ended() || warns {
        true => canvas_width(&consoles::sentence(console)).saturating_add(21),
        false => 33,
    };
    let is_wide = canvas_width(&long).saturating_add(least) <= row.width;
    let right = if is_wide { long } else { short };
    canvas.text_right(row.right().saturating_sub(1), row.y, room, &right, role);
    let said = match model.consoles.mode {
        Mode::Looking => consoles::looking(&console.view),
        _ => consoles::sentence(console),
    };
    let room = room.saturating_sub(canvas_width(&right)).saturating_sub(1);
    let needs = u16::try_from(said.chars().count()).unwrap_or(u16::MAX).saturating_add(4);
    let title = match (said.is_empty(), console.has_ended() || model.consoles.mode == Mode::Looking)
    {
        (true, _) => consoles::title(console, usize::from(room)),
        // What happened is more than a name that everybody knows who opened it.
        (false, true) if canvas_width(&console.title()).saturating_add(needs) > room => {
            format!("console {}: {said}", console.id)
        }
        (false, true) => format!("{}   {said}", console.title()),
        (false, false) if warns && needs.saturating_add(28) > room => {
            format!("ends with screen   {said}")
        }
        // Whether it outlives the screen is said before what the program says.
        (false, false) => {
            let name = consoles::title(console, usize::from(room.saturating_sub(needs)));
            format!("{name}   {said}")
        }
    };
    canvas.text(
        row.x.saturating_add(1),
        row.y,
        room.saturating_add(1),
        &format!(" {title} "),
        role,
    );
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
            let (hints, gap) = bar(model, area.width);
            keys::draw(canvas, area, gap, &hints);
        }
        Mode::Closing => closing(canvas, area, model),
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
            let ended = model.consoles.front().filter(|console| console.has_ended());
            if let Some(status) = &model.status {
                said(canvas, area, status);
            } else if let Some(console) = ended {
                let hints = consoles::ended_keys(console, model.consoles.alone);
                keys::draw(canvas, area, 2, &hints);
            } else {
                let is_run = model.consoles.front().is_some_and(|it| it.place.own_run().is_some());
                let hint = if is_run {
                    "Keys go to the command alone; what it shows is kept."
                } else {
                    "The recording holds what was shown, never what was typed."
                };
                canvas.text(area.x, area.y, area.width, hint, StyleRole::Dim);
            }
        }
    }
}

/// The key bar in the words that there is room for.
fn bar(model: &Model, room: u16) -> (Vec<(String, &'static str)>, u16) {
    for (is_long, gap) in [(true, 2), (false, 2)] {
        let hints = consoles::bar(model, is_long);
        let wide = |(key, what): &(String, &str)| canvas_width(key) + canvas_width(what) + 1 + gap;
        // The last gap needs no room.
        if hints.iter().map(wide).sum::<u16>() <= room.saturating_add(gap) {
            return (hints, gap);
        }
    }
    (consoles::bar(model, false), 1)
}

/// Asks whether the console is to end. The keys come first: a name may be long.
fn closing(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let Some(console) = model.consoles.front() else { return };
    let what = if console.has_ended() { "closes" } else { "ends" };
    let name = console.title();
    let line = Line::of("y", StyleRole::Key)
        .and(format!(" {what} it   "), StyleRole::Text)
        .and("Esc", StyleRole::Key)
        .and(" goes back   ", StyleRole::Text)
        .and(name, StyleRole::Attention);
    canvas.line(area.x, area.y, area.width, &line);
}

fn said(canvas: &mut Canvas<'_>, area: Rect, status: &Status) {
    let role = match status.tone {
        Tone::Said => StyleRole::Text,
        Tone::Off => StyleRole::Attention,
        Tone::Failed => StyleRole::Fail,
    };
    canvas.text(area.x, area.y, area.width, &status.sentence, role);
}

/// The prepared lines: `Paste helper 1 … 2 …`; `false` when there are none.
pub fn helper(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> bool {
    let has_lines = |console: &&OpenConsole| !console.lines.is_empty() && !console.has_ended();
    let Some(console) = model.consoles.front().filter(has_lines) else {
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
