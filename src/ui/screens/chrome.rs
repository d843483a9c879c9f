//! The lines every screen has: site and mode, screen list and path, sentence, keys.

use ratatui::layout::Rect;

use crate::app::consoles::Mode;
use crate::app::model::Tone;
use crate::app::overlay::{Overlay, Since};
use crate::app::{Model, areas, commands, header};
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::text;
use crate::ui::widgets::{dialog, keys};

use super::Places;

/// Line 1: site, mode, who may change what; what runs and the time at its right.
pub fn header(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let words = header::header(model);
    let is_wide = area.width >= 120;
    let gap = if is_wide { "   " } else { "  " };
    let role = if words.is_demo { StyleRole::HeaderDemo } else { StyleRole::Header };
    let run = if words.is_waiting { StyleRole::Attention } else { StyleRole::Dim };
    let right = if is_wide {
        let between = canvas.look.glyphs.between;
        let parts = [words.findings.as_str(), &words.probes].join(between);
        Line::of(words.run, run)
            .and(format!("{between}{parts}{between}"), StyleRole::Dim)
            .and(words.time, StyleRole::Header)
    } else {
        Line::of(words.run, run).and("   ", StyleRole::Dim).and(words.time, StyleRole::Header)
    };
    let edge = area.right().saturating_sub(1);
    // The time is what must not be lost.
    let wide = canvas.line_right(edge, area.y, area.width, &right);
    let room = area.width.saturating_sub(wide).saturating_sub(2);
    let word = words.word.map(|word| format!(" {word} "));
    let state = Line::of("   ", role).and(words.mode, role).and("   ", role).and(words.leave, role);
    let kind = Line::of(gap, role).and(words.kind, role);
    // Where there is no room for all, the kind goes first, then the end of the
    // name: the word, the mode and the leave are what a wrong key is stopped by.
    let needed = state.width() + word.as_ref().map_or(0, |word| text::width(word) + 1);
    let left = usize::from(room).saturating_sub(needed);
    let has_kind = text::width(&words.site) + 1 + kind.width() <= left;
    let name = text::cut(&words.site, left.saturating_sub(1).max(4), canvas.look.glyphs.cut);
    let mut line = Line::of(" ", role).and(name, role);
    let word_at = area.x.saturating_add(u16::try_from(line.width() + 1).unwrap_or(u16::MAX));
    if let Some(word) = &word {
        line.extend(Line::of(" ", role).and(word.as_str(), StyleRole::SiteWord));
    }
    if has_kind {
        line.extend(kind);
    }
    line.extend(state);
    canvas.line(area.x, area.y, room, &line);
    if let (Some(word), Some(colour)) = (&word, &words.colour) {
        let width = u16::try_from(text::width(word)).unwrap_or(0);
        let place = Rect { x: word_at, y: area.y, width, height: 1 };
        canvas.paint_word(place.intersection(Rect { width: room, ..area }), Some(colour));
    }
}

/// Line 2: the ten screens and where we are.
pub fn tabs(canvas: &mut Canvas<'_>, places: &Places<'_>, model: &Model, path: &str) {
    let area = places.cells(places.areas.tabs);
    if area.height == 0 {
        return;
    }
    let mut end = area.x;
    for tab in areas::tabs(model, places.areas) {
        let place = places.cells(tab.rect);
        let role = if tab.is_here { StyleRole::TabCurrent } else { StyleRole::Tab };
        canvas.text(place.x, place.y, place.width, &tab.text, role);
        end = end.max(place.right());
    }
    let room = area.right().saturating_sub(end).saturating_sub(3);
    let edge = area.right().saturating_sub(1);
    canvas.text_right(edge, area.y, room, path, StyleRole::Dim);
}

/// The last line but one: the filter being typed, what was said, or what the screen says of itself.
pub fn sentence(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let x = area.x.saturating_add(1);
    let room = area.width.saturating_sub(2);
    let is_console = model.consoles.front().is_some() && model.overlay.is_none();
    if is_console && model.status.is_none() {
        let area = Rect { x, width: room, ..area };
        if super::console::helper(canvas, area, model) {
            return;
        }
    }
    if model.screen().id == "logs" && super::logs::field(canvas, area, model) {
        return;
    }
    let state = model.state();
    if model.is_filtering {
        let line = Line::of("/ ", StyleRole::Key);
        let used = canvas.line(x, area.y, room, &line);
        let rest = room.saturating_sub(used);
        let field = dialog::field(canvas.look, &state.filter, rest.min(40));
        canvas.line(x.saturating_add(used), area.y, rest, &field);
        return;
    }
    let line = match &model.status {
        Some(status) => {
            let role = match status.tone {
                Tone::Said => StyleRole::Text,
                Tone::Off => StyleRole::Attention,
                Tone::Failed => StyleRole::Fail,
            };
            Line::of(status.sentence.as_str(), role)
        }
        None => {
            let mut line = Line::default();
            if !state.filter.is_empty() {
                line.extend(
                    Line::of("only ", StyleRole::Dim)
                        .and(state.filter.as_str(), StyleRole::Match)
                        .and(", Esc shows everything  ", StyleRole::Dim),
                );
            }
            if state.problems_only {
                line.extend(Line::of("only problems  ", StyleRole::Attention));
            }
            line.extend(Line::of((model.screen().status)(model), StyleRole::Text));
            line
        }
    };
    canvas.line(x, area.y, room, &line);
}

/// Keys of every screen, in the order of their worth: command, short words, long words.
const KEYS: [(&str, &str, &str); 10] = [
    ("help.open", "help", "help"),
    ("palette.open", "jump", "jump or run"),
    ("find.open", "find", "find"),
    ("problems.toggle", "problems", "only problems"),
    ("actions.open", "actions", "actions"),
    ("panel.next", "panel", "panel"),
    ("row.open", "open", "open"),
    ("program.quit", "leave", "leave"),
    ("history.back", "back", "history back"),
    ("screen.copy", "copy", "copy screen"),
];

/// The last line: what the keys do. On a wide screen there is room for longer words.
pub fn keys(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let is_wide = area.width >= 120;
    let area = Rect {
        x: area.x.saturating_add(if is_wide { 2 } else { 1 }),
        width: area.width.saturating_sub(2),
        ..area
    };
    if model.overlay.is_some() {
        let below = match &model.overlay {
            Some(Overlay::Since(since)) => since_below(model, since),
            _ => 0,
        };
        let words = match below {
            0 => "Esc closes and changes nothing".to_owned(),
            below => format!("{below} more below; PgDn   Esc closes and changes nothing"),
        };
        canvas.text(area.x, area.y, area.width, &words, StyleRole::Dim);
        return;
    }
    let mode = model.consoles.mode;
    if model.consoles.front().is_some() && mode != Mode::Aside {
        super::console::hints(canvas, area, model);
        return;
    }
    if model.screen().id == "logs"
        && let Some(field) = &model.logs.field
    {
        keys::draw(canvas, area, 3, &crate::app::screens::logs::field_keys(field));
        return;
    }
    if model.is_filtering {
        let hints = [("Enter", "keeps it"), ("Esc", "shows everything again")];
        keys::draw(canvas, area, 3, &hints);
        return;
    }
    let screen = model.screen();
    let key = |id: &str| model.keymap.keys_of(id).into_iter().next();
    let has_panels = screen.panels.len() > 1;
    let mut hints: Vec<(String, String)> = Vec::new();
    for (id, short, long) in KEYS {
        if id == "panel.next" && !has_panels {
            continue;
        }
        // Lines of a log are no rows: what acts on rows gives way to what acts on lines.
        let is_log = screen.id == "logs";
        let is_of_rows = is_log && ["problems.toggle", "actions.open", "row.open"].contains(&id);
        let words = if is_wide { long } else { short };
        if !is_of_rows {
            hints.extend(key(id).map(|key| (key, words.to_owned())));
        }
        if id == "row.open" {
            let own = screen.commands.iter().filter_map(|id| commands::find(id));
            // The order of the layers is a wish of large screens.
            let own = own.filter(|command| is_wide || command.id != "row.sort");
            hints.extend(own.filter_map(|command| {
                let words = if is_wide { command.title } else { short_title(command.title) };
                Some((key(command.id)?, words.to_lowercase()))
            }));
        }
    }
    keys::draw(canvas, area, if is_wide { 3 } else { 2 }, &hints);
}

/// How many lines of a list of times are below its window.
fn since_below(model: &Model, since: &Since) -> usize {
    let areas = areas::areas(model, model.size);
    let height = areas.overlay.map_or(0, |overlay| usize::from(overlay.rows.height));
    since.all_lines().count().saturating_sub(since.top + height)
}

/// The first word of a title, for narrow screens.
fn short_title(title: &str) -> &str {
    title.split(' ').next().unwrap_or(title)
}
