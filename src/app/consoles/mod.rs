//! Consoles on the screen: which are open, which is shown, and who has the keys.
//!
//! Keys that are typed into a console never come here: the runtime keeps them
//! while [`Consoles::has_keys`] says so. What comes here is what a console
//! shows, and the keys of the key bar, of looking back, and of a line that ended.

mod choices;
mod in_runs;
mod keys;
mod leaving;
mod news;

use serde::{Deserialize, Serialize};

pub use crate::console::virsh::is_name as is_machine_name;
pub use crate::console::{Cursor, Find, Ink, PenAct, Place, Row, Run, Scroll, State, Style, View};

use crate::domain::Stamp;

use super::overlay::Overlay;
use super::{Key, KeyName, Model, Size};

pub use choices::{Choice, Choices, choices, open_place, places_of, replay};
pub use in_runs::{InRunConsole, InRuns, farewell, farewells};
pub(super) use keys::show;
pub use keys::{choices_key, key};
pub use leaving::{Leaving, leave, leaving_key};
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
    /// Something about the pen of its run.
    Pen(u32, PenAct),
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
    /// As `Bar`, after `q`: `y` ends the console.
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
    /// Since when its line stands as it does: is opened, is open, has ended.
    pub since: Stamp,
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

    /// Whether its line has ended; its text is still there.
    pub fn has_ended(&self) -> bool {
        matches!(self.view.state, State::Ended(_))
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
        self.is_too_small_in(self.size)
    }

    /// Whether that is so in a terminal of another size.
    pub fn is_too_small_in(&self, size: Size) -> bool {
        let is_alone = self.consoles.alone && self.consoles.front().is_some();
        let (columns, rows) = SMALLEST_ALONE;
        size.is_below(if is_alone { Size::new(columns, rows) } else { Size::SMALLEST })
    }
}

/// The smallest terminal for a console alone.
pub const SMALLEST_ALONE: (u16, u16) = (30, 6);

/// One sentence for a terminal in which nothing of all this can be shown.
pub fn too_small(model: &Model) -> Option<String> {
    if let Some(Overlay::Leaving(leaving)) = &model.overlay {
        return Some(format!("{} y leaves, Esc goes back.", leaving.title));
    }
    let front = model.consoles.front()?;
    let (columns, rows) = (model.size.columns, model.size.rows);
    let all = (Size::SMALLEST.columns, Size::SMALLEST.rows);
    let (w, h) = if model.consoles.alone { SMALLEST_ALONE } else { all };
    let (id, free) = (front.id, release_text(model));
    let what = if front.has_ended() { "ended" } else { "goes on" };
    let is_left = !model.consoles.alone || front.place.run().is_some();
    let key = if is_left { "d leaves it" } else { "q ends it" };
    Some(match model.consoles.mode {
        Mode::Closing => format!("End console {id}? y ends it, Esc goes back."),
        Mode::Bar => format!("{key}, Esc goes back."),
        _ => {
            format!(
                "Console {id} {what}; it needs {w}x{h}, this is {columns}x{rows}. {free} {key}."
            )
        }
    })
}

/// What becomes of a console when the screen is left, in two lengths; `None`
/// when nothing is lost.
pub fn fate(console: &OpenConsole) -> Option<(&'static str, &'static str)> {
    match (console.place.run(), console.ends_with_screen()) {
        (Some(_), _) => Some(("outlives this screen", "outlives screen")),
        (None, true) => Some(("ends with this screen", "ends with screen")),
        (None, false) => None,
    }
}

/// The words on the upper edge of a console in so many columns: its name, and
/// what becomes of it, which is said first and in ever fewer words.
pub fn title(console: &OpenConsole, room: usize) -> String {
    let (name, recorded) = (console.title(), console.view.recorded.as_str());
    if console.place.own_run().is_some() {
        return format!("{name} (goes on without this screen)");
    }
    let Some((long, short)) = fate(console) else {
        return if recorded.is_empty() { name } else { format!("{name} ({recorded})") };
    };
    let mut forms = vec![
        format!("{name} ({long}, {recorded})"),
        format!("{name} ({long})"),
        format!("{name} ({short})"),
        format!("console {} ({long})", console.id),
        format!("console {} ({short})", console.id),
    ];
    if recorded.is_empty() {
        forms.remove(0);
    }
    let fits = |form: &&String| form.chars().count() <= room;
    forms.iter().find(fits).or(forms.last()).cloned().unwrap_or_default()
}

/// The words at the right of the upper edge: where the keys go.
pub fn whose_keys(model: &Model) -> String {
    let front = model.consoles.front();
    let ended = front.filter(|console| console.has_ended());
    match (model.consoles.mode, ended) {
        (Mode::Typing, Some(console)) => format!("ended {}", ago(console, model.now)),
        (Mode::Typing, None) if front.is_some_and(|front| front.view.watches) => {
            "you watch".to_owned()
        }
        (Mode::Typing, None) => "keys go HERE".to_owned(),
        (Mode::Bar | Mode::Closing, _) => "next key: bar below".to_owned(),
        (Mode::Looking | Mode::Finding, _) => "keys look back".to_owned(),
        (Mode::Aside, _) => "keys go above".to_owned(),
    }
}

fn ago(console: &OpenConsole, now: Stamp) -> String {
    format!("{}, {} ago", console.since.near(now), now.since(console.since).short())
}

/// One sentence about a console for its lower edge: why it ended, what it says
/// of itself, or what a program tried.
pub fn sentence(console: &OpenConsole) -> String {
    let view = &console.view;
    match &view.state {
        State::Opening => format!("opening {}", console.place.way()),
        State::Ended(why) => why.clone(),
        State::Open if !view.said.is_empty() => view.said.clone(),
        State::Open if view.clipboard > 0 => {
            let times = if view.clipboard == 1 { "once" } else { "several times" };
            format!("your clipboard was refused {times}")
        }
        State::Open => view.title.clone(),
    }
}

/// What the key bar offers: keys with what they do, in long or in short words.
pub fn bar(model: &Model, is_long: bool) -> Vec<(String, &'static str)> {
    let consoles = &model.consoles;
    let front = consoles.front();
    let mut keys: Vec<(String, &str, &str)> = Vec::new();
    let mut add = |key: &str, long: &'static str, short: &'static str| {
        keys.push((key.to_owned(), long, short));
    };
    add("Esc", "goes back", "back");
    if front.is_some_and(OpenConsole::has_ended) {
        add("r", "connects again", "again");
    } else {
        add(&release_text(model), "sends that key", "send");
    }
    let has_ended = front.is_some_and(OpenConsole::has_ended);
    let is_run = front.is_some_and(|console| console.place.own_run().is_some());
    let is_in_run = front.is_some_and(|console| console.place.run().is_some());
    if !consoles.alone || is_in_run {
        add("d", if has_ended { "leaves it" } else { "leaves it running" }, "leave");
    }
    if is_run {
        add("p", "asks for the pen or gives it back", "pen");
        add("x", "stops the run", "stop");
    }
    let is_only_closed = has_ended || is_run;
    add(
        "q",
        if is_only_closed { "closes it" } else { "ends it" },
        if is_only_closed { "close" } else { "end" },
    );
    let lines = front.map_or(0, |console| console.lines.len());
    // Elsewhere they stand above the bar.
    if consoles.is_full && lines > 0 {
        add(&format!("1-{lines}"), "type a prepared line", "type");
    }
    if is_in_run && !has_ended {
        add("+", "takes or gives the keys", "keys");
    }
    add("[", "looks back", "look");
    add("y", "copies", "copy");
    if consoles.open.len() > 1 {
        add("n", "shows the next", "next");
    }
    if !consoles.alone {
        add("Tab", "keys to the screen above", "up");
        add("z", if consoles.is_full { "small again" } else { "whole screen" }, "full");
        add("s", "another size", "size");
    }
    let words = |(key, long, short)| (key, if is_long { long } else { short });
    keys.into_iter().map(words).collect()
}

/// What the keys do that an ended line leaves to us.
pub fn ended_keys(console: &OpenConsole, is_alone: bool) -> Vec<(&'static str, &'static str)> {
    let mut keys = match console.place.beyond() {
        Place::Replay(_) => vec![("r", "plays it again")],
        // A run is over once.
        Place::Run { .. } => Vec::new(),
        _ => vec![("r", "connects again")],
    };
    if matches!(console.place.beyond(), Place::Serial { .. }) {
        keys.push(("f", "takes it from others"));
    }
    keys.push(("q", "closes it"));
    keys.push(("Esc", if is_alone { "leaves" } else { "keeps it for later" }));
    keys.extend([("[", "looks back"), ("y", "copies")]);
    keys
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
