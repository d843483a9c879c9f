//! The lines above and below every screen: screen list, keys, sentence.

use ratatui::layout::Rect;

use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;
use crate::ui::text;

/// One entry of the screen list.
#[derive(Debug, Clone, Copy)]
pub struct Tab<'t> {
    /// Its digit.
    pub digit: char,
    /// Its name where room is short.
    pub short: &'t str,
    /// Its full name.
    pub title: &'t str,
    /// Whether it is in front.
    pub is_current: bool,
}

/// Draws the screen list with the path at its right: full names where they
/// fit, else short ones, else digits with the name of the one in front.
pub fn tabs(canvas: &mut Canvas<'_>, area: Rect, tabs: &[Tab<'_>], path: &str) {
    let wide = |line: &Line<'_>| line.width() + 2 + text::width(path) < usize::from(area.width);
    let full = full_names(tabs);
    let short = short_names(tabs);
    // The path gives way before the short names do.
    let line = if wide(&full) {
        full
    } else if short.width() <= usize::from(area.width) {
        short
    } else {
        digits(tabs)
    };
    let used = canvas.line(area.x, area.y, area.width, &line);
    let room = area.width.saturating_sub(used).saturating_sub(2);
    if usize::from(room) >= text::width(path).min(8) {
        let edge = area.right().saturating_sub(1);
        canvas.text_right(edge, area.y, room.saturating_sub(1), path, StyleRole::Dim);
    }
}

/// `[1 Overview]  2 Rack   3 Fabric`
fn full_names<'t>(tabs: &[Tab<'t>]) -> Line<'t> {
    let mut line = Line::default();
    for (at, tab) in tabs.iter().enumerate() {
        let gap = if at == 0 { "" } else { " " };
        let (open, close, role) = brackets(tab, " ", " ");
        line.extend(
            Line::of(gap, StyleRole::Tab)
                .and(open, role)
                .and(format!("{} {}", tab.digit, tab.title), role)
                .and(close, role),
        );
    }
    line
}

/// `[1Over] 2Rack 3Fabr`
fn short_names<'t>(tabs: &[Tab<'t>]) -> Line<'t> {
    let mut line = Line::default();
    for (at, tab) in tabs.iter().enumerate() {
        let gap = if at == 0 { "" } else { " " };
        let (open, close, role) = brackets(tab, "", "");
        line.extend(
            Line::of(gap, StyleRole::Tab)
                .and(open, role)
                .and(format!("{}{}", tab.digit, tab.short), role)
                .and(close, role),
        );
    }
    line
}

/// `1 [2Rack] 3 4 5`
fn digits<'t>(tabs: &[Tab<'t>]) -> Line<'t> {
    let mut line = Line::default();
    for (at, tab) in tabs.iter().enumerate() {
        let gap = if at == 0 { "" } else { " " };
        let name = if tab.is_current { tab.short } else { "" };
        let (open, close, role) = brackets(tab, "", "");
        line.extend(
            Line::of(gap, StyleRole::Tab)
                .and(open, role)
                .and(format!("{}{name}", tab.digit), role)
                .and(close, role),
        );
    }
    line
}

fn brackets<'t>(tab: &Tab<'_>, open: &'t str, close: &'t str) -> (&'t str, &'t str, StyleRole) {
    if tab.is_current { ("[", "]", StyleRole::TabCurrent) } else { (open, close, StyleRole::Tab) }
}

/// Draws keys with what they do, `gap` columns apart; the last ones are left
/// out where there is no room, so `? help` stands first and is the last to go.
pub fn keys<K: AsRef<str>, W: AsRef<str>>(
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
