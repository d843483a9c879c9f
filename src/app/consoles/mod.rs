//! Consoles on the screen: which are open, which is shown, and who has the keys.
//!
//! Keys that are typed into a console never come here: the runtime keeps them
//! while [`Consoles::has_keys`] says so. What comes here is what a console
//! shows, and the keys of the key bar, of looking back, and of a line that ended.

mod choices;
mod in_runs;
mod keys;
mod news;

use serde::{Deserialize, Serialize};

pub use crate::console::{Cursor, Find, Ink, Place, Row, Run, Scroll, State, Style, View};

use super::{Key, KeyName, Model};

pub use choices::{Choice, Choices, choices, hypervisor, open_place, places_of};
pub use in_runs::{InRunConsole, InRuns, farewell, farewells};
pub use keys::{choices_key, key};
pub use news::{fit, news, wished};

/// What a console told, or the operator's key that is ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "console", content = "of")]
pub enum ConsoleNews {
    /// A console shows something else.
    View(u32, Box<View>),
    /// A console has that number in the run that holds it, and that name there.
    Numbered(u32, u64, String),
    /// Which consoles the runs of the site hold.
    InRuns(InRuns),
    /// The key that leaves was pressed while a console had the keys.
    Bar,
}

/// What is wanted of the consoles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "console", content = "of")]
pub enum ConsoleOrder {
    /// Open one, at that size in columns and rows.
    Open(u32, Box<Place>, (u16, u16)),
    /// Its window has another size.
    Resize(u32, u16, u16),
    /// Type a prepared line, without Enter.
    Type(u32, String),
    /// Send the key that leaves itself.
    SendRelease(u32),
    /// Move its view.
    Scroll(u32, Scroll),
    /// Search in it.
    Find(u32, Find),
    /// Put what its view shows on the clipboard.
    Copy(u32),
    /// Connect again; `true` takes a serial line that somebody else holds.
    Connect(u32, bool),
    /// In a run: ask for its keys, or give them to whoever asks (`true`); keep them (`false`).
    Keys(u32, bool),
    /// It is shown (`true`) or not.
    Show(u32, bool),
    /// End it.
    Close(u32),
}

/// What the keys do while a console is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// They go to the program.
    #[default]
    Typing,
    /// The key bar owns the next one.
    Bar,
    /// As `Bar`, after `q`: once more ends the console.
    Closing,
    /// They move the view.
    Looking,
    /// They type what is looked for.
    Finding,
    /// They go to the screen above.
    Aside,
}

/// How much of the screen a console takes beside what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Share {
    /// Two thirds.
    #[default]
    TwoThirds,
    /// Half.
    Half,
    /// A third.
    Third,
}

impl Share {
    /// The next in turn.
    #[must_use]
    pub const fn next(self) -> Share {
        match self {
            Share::TwoThirds => Share::Half,
            Share::Half => Share::Third,
            Share::Third => Share::TwoThirds,
        }
    }

    /// So many rows of those.
    pub const fn of(self, rows: u16) -> u16 {
        match self {
            Share::TwoThirds => rows - rows / 3,
            Share::Half => rows / 2,
            Share::Third => rows / 3,
        }
    }
}

/// An open console.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenConsole {
    /// Its number, from 1; never used twice in a session.
    pub id: u32,
    /// Where it goes.
    pub place: Place,
    /// What it shows; while it is not shown, what it showed last.
    pub view: View,
    /// The size its window had last.
    pub size: (u16, u16),
    /// Lines to offer for typing.
    pub lines: Vec<String>,
}

impl OpenConsole {
    /// Number and name: `console 1: bastion`.
    pub fn title(&self) -> String {
        let name = self.place.name();
        let name = crate::domain::untrusted::printable(&name);
        format!("console {}: {name}", self.id)
    }
}

/// All consoles of this session.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Consoles {
    /// The open ones, in the order they were opened.
    pub open: Vec<OpenConsole>,
    /// The one that is shown.
    pub shown: Option<u32>,
    /// What the keys do.
    pub mode: Mode,
    /// How much of the screen it takes.
    pub share: Share,
    /// Whether it takes all of it.
    pub is_full: bool,
    /// What is being typed to be looked for.
    pub find: String,
    /// Whether this session is for one console only and ends with it.
    pub alone: bool,
    /// The place to open once the site was read, for such a session.
    pub wish: Option<Place>,
    /// The number of the last one.
    pub last: u32,
    /// Those that the runs of the site hold.
    pub in_runs: InRuns,
}

impl Consoles {
    /// The console that is shown.
    pub fn front(&self) -> Option<&OpenConsole> {
        self.of(self.shown?)
    }

    /// The console of that number.
    pub fn of(&self, id: u32) -> Option<&OpenConsole> {
        self.open.iter().find(|console| console.id == id)
    }

    pub(super) fn of_mut(&mut self, id: u32) -> Option<&mut OpenConsole> {
        self.open.iter_mut().find(|console| console.id == id)
    }
}

impl Model {
    /// Whether the runtime keeps the keys for the console that is shown: they
    /// go to its program, or wait for the line.
    pub fn console_has_keys(&self) -> bool {
        // Even in a terminal in which nothing can be seen, or before the one
        // console of a session is there: whoever types does not mean us.
        let is_there = self.consoles.front().is_some() || self.consoles.wish.is_some();
        is_there && self.consoles.mode == Mode::Typing && self.overlay.is_none()
    }

    /// Whether nothing but the page that wishes for more room can be shown.
    pub fn is_too_small_for_all(&self) -> bool {
        if self.consoles.alone && self.consoles.front().is_some() {
            return self.size.columns < SMALLEST_ALONE.0 || self.size.rows < SMALLEST_ALONE.1;
        }
        self.size.is_too_small()
    }
}

/// The smallest terminal for a console alone.
pub const SMALLEST_ALONE: (u16, u16) = (30, 6);

/// One sentence for a terminal in which a console cannot be shown.
pub fn too_small(model: &Model) -> Option<String> {
    let front = model.consoles.front()?;
    let (columns, rows) = (model.size.columns, model.size.rows);
    let wanted = if model.consoles.alone { SMALLEST_ALONE } else { (60, 15) };
    let what = match front.view.state {
        State::Ended(_) => "ended",
        _ => "goes on",
    };
    let (w, h) = wanted;
    let (id, leave) = (front.id, release_text(model));
    Some(format!(
        "Console {id} {what}; it needs {w}x{h}, this is {columns}x{rows}. {leave} d leaves."
    ))
}

/// The words on the upper edge of a console: name, what of it is kept.
pub fn title(console: &OpenConsole) -> String {
    let recorded = &console.view.recorded;
    match (recorded.is_empty(), console.place.run()) {
        (true, None) => console.title(),
        (false, None) => format!("{} ({recorded}, ends with this screen)", console.title()),
        // First what nobody expects of a console.
        (true, Some(_)) => format!("{} (outlives this screen)", console.title()),
        (false, Some(_)) => format!("{} (outlives this screen, {recorded})", console.title()),
    }
}

/// The words at the right of the upper edge: where the keys go.
pub fn whose_keys(model: &Model) -> &'static str {
    match model.consoles.mode {
        Mode::Typing if model.consoles.front().is_some_and(|front| front.view.watches) => {
            "you watch"
        }
        Mode::Typing => "keys go HERE",
        Mode::Bar | Mode::Closing => "next key: bar below",
        Mode::Looking | Mode::Finding => "looking back",
        Mode::Aside => "keys go above",
    }
}

/// One sentence about a console for its lower edge or the status line: what it
/// says of itself, or what a program tried.
pub fn sentence(console: &OpenConsole) -> String {
    let view = &console.view;
    match &view.state {
        State::Opening => format!("opening {}", console.place.way()),
        State::Ended(why) => match console.place {
            Place::Replay(_) => format!("{why}. Enter or r plays it again, Esc leaves it"),
            _ => format!("{why}. Enter or r connects again, Esc leaves it"),
        },
        State::Open if !view.said.is_empty() => view.said.clone(),
        State::Open if view.clipboard > 0 => {
            let times = if view.clipboard == 1 { "once" } else { "several times" };
            format!("the program tried to use your clipboard {times}; it cannot")
        }
        State::Open => view.title.clone(),
    }
}

/// What the key bar offers: keys and words. Narrow screens leave out the last.
pub fn bar(model: &Model) -> Vec<(String, &'static str)> {
    let mut keys = vec![("Esc", "back"), ("d", "leave"), ("q", "close")];
    if model.consoles.open.len() > 1 {
        keys.push(("n", "next"));
    }
    keys.extend([("[", "look"), ("y", "copy")]);
    if model.consoles.front().is_some_and(|front| front.place.run().is_some()) {
        keys.push(("+", "keys"));
    }
    if !model.consoles.alone {
        keys.extend([("Tab", "up"), ("z", "full"), ("s", "size")]);
    }
    let keys = keys.into_iter().map(|(key, what)| (key.to_owned(), what));
    std::iter::once((release_text(model), "send")).chain(keys).collect()
}

/// The key that takes the keys back from a program: the first of `console.focus`.
fn release(model: &Model) -> Key {
    let bindings = model.keymap.bindings().iter();
    let mut own = bindings.filter(|binding| binding.command == FOCUS);
    own.next().map_or(Key::ctrl('\\'), |binding| binding.key)
}

/// Whether a key is one of that command.
pub fn is_release(model: &Model, key: Key) -> bool {
    model.keymap.bindings().iter().any(|it| it.command == FOCUS && it.key == key)
}

/// The name of the first.
pub fn release_text(model: &Model) -> String {
    super::keymap::key_text(release(model))
}

/// The command whose key [`release`] is.
pub const FOCUS: &str = "console.focus";

/// Whether a key can take the keys back: no terminal sends it as another key,
/// and nobody types it as text.
pub const fn can_release(key: Key) -> bool {
    match (key.name, key.ctrl, key.alt) {
        (KeyName::F(_), false, false) => true,
        // Ctrl-H, I, J and M are Backspace, Tab, Enter and Enter.
        (KeyName::Char('h' | 'i' | 'j' | 'm'), true, _) => false,
        (KeyName::Char('a'..='z' | '\\' | ']' | '^' | '_'), true, false) => true,
        (KeyName::Char('a'..='z'), false, true) => true,
        _ => false,
    }
}

/// The keys while looking back, and where the view stands.
pub fn looking(view: &View) -> String {
    let found = match view.found {
        Some((at, of)) => format!("hit {at} of {of}   "),
        None => String::new(),
    };
    let newer = match view.newer {
        0 => String::new(),
        count => format!("{count} newer below   "),
    };
    format!("{} lines above the end of {}   {newer}{found}", view.above, view.history)
}
