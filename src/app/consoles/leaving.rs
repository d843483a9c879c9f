//! Leaving the screen: the sessions that end with it are named first.

use serde::{Deserialize, Serialize};

use super::super::model::Tone;
use super::super::overlay::Overlay;
use super::super::{Effect, Key, Model};
use super::{OpenConsole, Place, State};

/// What leaving would end, and what goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Leaving {
    /// What is asked.
    pub title: String,
    /// The sessions that end, one line each; then what goes on.
    pub lines: Vec<String>,
}

impl OpenConsole {
    /// Whether something is lost when the screen is left: a session that runs
    /// or is being opened. A recording can be played again, a run goes on, and
    /// what a run holds goes on with it.
    pub fn ends_with_screen(&self) -> bool {
        let is_kept =
            matches!(self.place, Place::Replay(_) | Place::Run { .. } | Place::InRun { .. });
        !matches!(self.view.state, State::Ended(_)) && !is_kept
    }
}

/// Leaves the screen; asks first where sessions would end with it.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    let consoles = &model.consoles.open;
    let ending: Vec<&OpenConsole> = consoles.iter().filter(|it| it.ends_with_screen()).collect();
    if ending.is_empty() {
        return vec![Effect::Quit];
    }
    let title = match ending.len() {
        1 => "Leave, and end this console?".to_owned(),
        count => format!("Leave, and end these {count} consoles?"),
    };
    let mut lines: Vec<String> = ending
        .iter()
        .map(|it| {
            let age = model.now.since(it.since).long();
            let how = if it.view.state.is_open() { "open" } else { "opening" };
            format!("{}, {}, {how} for {age}", it.title(), it.place.way())
        })
        .collect();
    lines.push(String::new());
    match model.runs.current() {
        Some(run) => {
            lines.push(format!("run {0} goes on; `shopfloor attach {0}` comes back to it", run.id))
        }
        None => lines.push("What runs in them ends; the recordings stay.".to_owned()),
    }
    lines.extend(super::farewell(model));
    model.overlay = Some(Overlay::Leaving(Leaving { title, lines }));
    Vec::new()
}

/// A key for that question; Esc was taken before.
pub fn leaving_key(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == Key::char('y') {
        return vec![Effect::Quit];
    }
    if key == Key::char('n') {
        model.overlay = None;
    } else {
        model.say(Tone::Off, "y ends them and leaves; Esc goes back");
    }
    Vec::new()
}
