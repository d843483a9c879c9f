//! What consoles tell, and the size of their window.

use std::mem::discriminant;

use super::super::{Effect, Model, areas};
use super::{ConsoleNews, ConsoleOrder, Mode, OpenConsole, Place, open_place};

/// Takes in news of a console.
pub fn news(model: &mut Model, news: ConsoleNews) -> Vec<Effect> {
    match news {
        ConsoleNews::View(id, view) => {
            let rang = model.consoles.of(id).is_some_and(|known| view.bells > known.view.bells);
            let now = model.now;
            if let Some(console) = model.consoles.of_mut(id) {
                if discriminant(&console.view.state) != discriminant(&view.state) {
                    console.since = now;
                }
                console.view = *view;
            }
            rang.then_some(Effect::Ring).into_iter().collect()
        }
        ConsoleNews::Numbered(id, number, called) => {
            if let Some(known) = model.consoles.of_mut(id)
                && let Place::InRun { console, name, .. } = &mut known.place
            {
                *console = Some(number);
                *name = crate::domain::untrusted::printable(&called);
            }
            Vec::new()
        }
        ConsoleNews::InRuns(in_runs) => {
            model.consoles.in_runs = in_runs;
            Vec::new()
        }
        ConsoleNews::Bar => {
            if model.consoles.front().is_some() {
                model.status = None;
                model.consoles.mode = Mode::Bar;
            }
            Vec::new()
        }
    }
}

/// Opens the console a session is for, once the site was read.
pub fn wished(model: &mut Model) -> Vec<Effect> {
    match model.consoles.wish.take() {
        Some(place) => open_place(model, place),
        None => Vec::new(),
    }
}

/// Tells the console that is shown the size of its window when it is another.
pub fn fit(model: &mut Model) -> Option<Effect> {
    let id = model.consoles.shown?;
    let areas = areas(model, model.size);
    let rows = areas.console?.rows;
    let size = (rows.width, rows.height);
    let console = model.consoles.of_mut(id)?;
    if console.size == size || size.0 == 0 || size.1 == 0 {
        return None;
    }
    console.size = size;
    Some(Effect::Console(ConsoleOrder::Resize(id, size.0, size.1)))
}

/// Whether the console of that number ended.
pub(super) fn has_ended(model: &Model, id: u32) -> bool {
    model.consoles.of(id).is_none_or(OpenConsole::has_ended)
}
