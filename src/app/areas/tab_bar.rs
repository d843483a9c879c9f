//! Where the tabs are, and what they say.

use super::super::Model;
use super::super::screens::{self, ScreenSpec};
use super::{Areas, Rect};

/// One entry of the tab bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// The screen.
    pub screen: &'static str,
    /// Its text, in brackets when it is the one we are on.
    pub text: String,
    /// Where it is; empty when the bar ends before.
    pub rect: Rect,
    /// Whether we are on it.
    pub is_here: bool,
}

/// The tab bar: full names where they fit, else short ones.
pub fn tabs(model: &Model, areas: &Areas) -> Vec<Tab> {
    let entries = |is_long: bool| -> Vec<(&'static ScreenSpec, String)> {
        screens::all()
            .filter_map(|screen| Some((screen, screen.digit?)))
            .map(|(screen, digit)| {
                let is_here = screen.id == model.screen().id;
                let text = match (is_long, is_here) {
                    (true, true) => format!("[{digit} {}]", screen.title),
                    (true, false) => format!(" {digit} {} ", screen.title),
                    (false, true) => format!("[{digit}{}]", screen.short),
                    (false, false) => format!("{digit}{}", screen.short),
                };
                (screen, text)
            })
            .collect()
    };
    let width = |entries: &[(&ScreenSpec, String)]| {
        entries.iter().map(|(_, text)| text.chars().count() + 1).sum::<usize>()
    };
    let long = entries(true);
    // Room for the path at the right.
    let is_long = width(&long) + 16 <= usize::from(areas.tabs.width);
    let mut x = areas.tabs.x;
    let end = areas.tabs.x + areas.tabs.width;
    let chosen = if is_long { long } else { entries(false) };
    chosen
        .into_iter()
        .map(|(screen, text)| {
            let wide = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
            let shown = wide.min(end.saturating_sub(x));
            let rect = Rect::new(x, areas.tabs.y, shown, areas.tabs.height);
            x = x.saturating_add(wide).saturating_add(1).min(end);
            Tab { screen: screen.id, is_here: screen.id == model.screen().id, text, rect }
        })
        .collect()
}
