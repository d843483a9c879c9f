//! The consoles of a screen: their sessions, and the keys that go to them. They
//! end with the screen, but for those that a run holds (`run_consoles`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::app::consoles::{ConsoleNews, ConsoleOrder, Place, View, is_release};
use crate::app::msg::Outcome;
use crate::app::{Key, KeyName, Model, Msg};
use crate::console::{
    Elsewhere, MouseAct, MouseAt, Order, Session, SessionOptions, State, Stroke, StrokeKey, Ways,
};
use crate::probes::Reach;
use crate::transport::secrets::SecretStore;
use crate::transport::ssh::SshPool;

use super::clock;
use super::run_consoles::{self, RunConsole};
use super::run_line::RunWay;
use super::state_dir::StateDir;

/// The longest paste that a console takes, in bytes; a longer one is refused as a whole, because
/// a part of a script is another script.
const LONGEST_PASTE: usize = 1 << 20;

/// After how long a line that ended takes keys of ours: whoever was typing when
/// it dropped must not press them by accident, nor leave what they typed in a recording.
const AFTER_END: Duration = Duration::from_secs(1);
/// How long a runner may take to end a console when the screen is left.
const GOODBYE: Duration = Duration::from_secs(2);
/// How a recording's sentence begins while it takes a text to look for.
const FINDING: &str = "find: ";
/// Recordings that are kept per site; the oldest go.
const KEPT: usize = 200;
/// And how many bytes of them.
const KEPT_BYTES: u64 = 1 << 30;

/// What the terminal gave while a console has the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsoleInput {
    /// A key.
    Key(Stroke),
    /// Pasted text.
    Paste(String),
    /// The mouse, at a place of the screen.
    Mouse(MouseAct, MouseAt),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It went to the console.
    Hidden,
    /// It is a key of ours after all.
    Ours(Key),
    /// The key bar is wanted.
    Bar,
}

/// The sessions of this screen.
pub struct Consoles {
    sessions: BTreeMap<u32, Session>,
    ended: BTreeMap<u32, Instant>,
    /// The key that leaves, as it was pressed last.
    release: Option<Stroke>,
    ways: Option<Ways>,
    state: Option<StateDir>,
    /// Those of them that a run holds.
    in_runs: BTreeMap<u32, Arc<RunConsole>>,
    /// Those that are being ended there.
    ending: Vec<tokio::task::JoinHandle<Result<(), String>>>,
    /// The site's directory, where its runs are found.
    site: PathBuf,
    to: mpsc::Sender<Msg>,
}

impl Consoles {
    /// None yet; what they tell goes to `to`, recordings into `state`.
    pub fn new(state: Option<StateDir>, site: PathBuf, to: mpsc::Sender<Msg>) -> Consoles {
        Consoles {
            sessions: BTreeMap::new(),
            ended: BTreeMap::new(),
            release: None,
            ways: None,
            state,
            in_runs: BTreeMap::new(),
            ending: Vec::new(),
            site,
            to,
        }
    }

    /// Tells from now on which consoles the runs of the site hold.
    pub fn follow_runs(&self) {
        run_consoles::follow(self.site.clone(), self.to.clone());
    }

    /// The ways to the targets of the site that was read.
    pub fn set_reach(&mut self, reach: &Reach) {
        self.ways = Some(Ways { ssh: Arc::clone(&reach.ssh), secrets: Arc::clone(&reach.secrets) });
    }

    /// Does what the model wants.
    pub fn begin(&mut self, order: ConsoleOrder) {
        match order {
            ConsoleOrder::Open(id, place, size) => self.open(id, *place, size),
            ConsoleOrder::Resize(id, columns, rows) => {
                self.tell(id, Order::Resize(columns, rows));
            }
            ConsoleOrder::Type(id, line) => self.tell(id, Order::Type(line)),
            ConsoleOrder::SendRelease(id) => {
                if let Some(stroke) = self.release {
                    self.tell(id, Order::Key(stroke));
                }
            }
            ConsoleOrder::Scroll(id, scroll) => self.tell(id, Order::Scroll(scroll)),
            ConsoleOrder::Find(id, find) => self.tell(id, Order::Find(find)),
            ConsoleOrder::Connect(id, force) => {
                self.ended.remove(&id);
                self.tell(id, Order::Connect { force });
            }
            ConsoleOrder::Pen(id, act) => self.tell(id, Order::Pen(act)),
            ConsoleOrder::Show(id, is_shown) => self.tell(id, Order::Show(is_shown)),
            ConsoleOrder::Keys(id, yes) => {
                if let Some(held) = self.in_runs.get(&id) {
                    held.keys(yes);
                }
            }
            ConsoleOrder::Close(id) => {
                if let Some(held) = self.in_runs.remove(&id) {
                    self.ending.retain(|ending| !ending.is_finished());
                    self.ending.push(held.end());
                }
                self.sessions.remove(&id);
                self.ended.remove(&id);
            }
            // The owner of the terminal copies.
            ConsoleOrder::Copy(_) => {}
        }
    }

    /// What a console's view shows, to be copied.
    pub async fn text_of(&self, id: u32) -> Option<String> {
        let session = self.sessions.get(&id)?;
        tokio::time::timeout(Duration::from_secs(2), session.copy()).await.ok().flatten()
    }

    fn tell(&self, id: u32, order: Order) {
        let Some(session) = self.sessions.get(&id) else { return };
        if !session.tell(order) {
            let sentence = format!("console {id} takes nothing at the moment; try again");
            self.say(Outcome::Failed(sentence));
        }
    }

    fn say(&self, outcome: Outcome) {
        let to = self.to.clone();
        tokio::spawn(async move {
            let _ = to.send(Msg::Done(outcome)).await;
        });
    }

    fn open(&mut self, id: u32, place: Place, size: (u16, u16)) {
        let (recording, unrecorded) = match &self.state {
            // Whoever holds it records it.
            _ if matches!(place, Place::Run { .. } | Place::InRun { .. } | Place::Replay(_)) => {
                (None, String::new())
            }
            Some(state) => match recording_in(state, id, &place) {
                Ok(path) => (Some(path), String::new()),
                Err(error) => (None, state.explain(&error)),
            },
            None => (None, "there is no state directory".to_owned()),
        };
        let ways = self.ways.clone().unwrap_or_else(|| {
            // Before a site was read there are no hosts, and no secrets either.
            let secrets = Arc::new(SecretStore::default());
            Ways { ssh: SshPool::new(Default::default(), Arc::clone(&secrets)), secrets }
        });
        tracing::info!(console = id, place = place.name(), "console opened");
        let options = SessionOptions { size, recording, unrecorded, directory: None };
        let held = match &place {
            Place::Run { run, by } => {
                let way = RunWay { site: self.site.clone(), run: *run, by: by.clone() };
                Some(Arc::new(way) as Arc<dyn Elsewhere>)
            }
            place => self.held(id, place, &ways).map(|held| held as Arc<dyn Elsewhere>),
        };
        let session = match held {
            Some(held) => Session::elsewhere(place, ways, options, held),
            None => Session::open(place, ways, options),
        };
        let mut views = session.views();
        let to = self.to.clone();
        tokio::spawn(async move {
            // Ends with the session; a slow screen sees fewer views, never a queue of old ones.
            while views.changed().await.is_ok() {
                let view: View = View::clone(&views.borrow_and_update());
                if to.send(Msg::Console(ConsoleNews::View(id, Box::new(view)))).await.is_err() {
                    return;
                }
            }
        });
        self.sessions.insert(id, session);
    }

    /// The way to a console that a run holds.
    fn held(&mut self, id: u32, place: &Place, ways: &Ways) -> Option<Arc<RunConsole>> {
        place.run()?;
        let secrets = Arc::clone(&ways.secrets);
        match RunConsole::at(&self.site, place, secrets, id, self.to.clone()) {
            Ok(held) => {
                let held = Arc::new(held);
                self.in_runs.insert(id, Arc::clone(&held));
                Some(held)
            }
            Err(sentence) => {
                self.say(Outcome::Failed(sentence));
                None
            }
        }
    }

    /// The screen is left: what was to be ended in a run is ended first. Why one was not comes back.
    pub async fn close(&mut self) -> Vec<String> {
        let mut refusals = Vec::new();
        for ending in self.ending.drain(..) {
            // A runner that does not answer must not hold us up.
            if let Ok(Ok(Err(refusal))) = tokio::time::timeout(GOODBYE, ending).await {
                refusals.push(refusal);
            }
        }
        refusals
    }

    /// Takes what was typed while the console in front has the keys.
    pub fn take(&mut self, model: &Model, input: ConsoleInput) -> Taken {
        let Some(front) = model.consoles.front() else {
            // The one console of this session is not there yet, or never will be.
            return match input {
                ConsoleInput::Key(Stroke { key: StrokeKey::Char('c'), ctrl: true, .. }) => {
                    Taken::Ours(Key::ctrl('c'))
                }
                _ => Taken::Hidden,
            };
        };
        let id = front.id;
        if let ConsoleInput::Key(stroke) = input
            && key_of(stroke).is_some_and(|key| is_release(model, key))
        {
            self.release = Some(stroke);
            return Taken::Bar;
        }
        if matches!(front.view.state, State::Ended(_)) {
            let since = *self.ended.entry(id).or_insert_with(Instant::now);
            return match input {
                ConsoleInput::Key(stroke) if since.elapsed() > AFTER_END => ours(stroke),
                _ => Taken::Hidden,
            };
        }
        self.ended.remove(&id);
        if let (Place::Replay(_), ConsoleInput::Key(stroke)) = (&front.place, &input)
            && matches!(stroke.key, StrokeKey::Esc)
            && !front.view.said.starts_with(FINDING)
        {
            return Taken::Ours(Key::plain(KeyName::Esc));
        }
        if model.is_too_small_for_all() {
            // Nobody types what nobody sees.
            return Taken::Hidden;
        }
        match input {
            ConsoleInput::Key(stroke) => self.tell(id, Order::Key(stroke)),
            ConsoleInput::Paste(text) if text.len() > LONGEST_PASTE => {
                self.say(Outcome::Failed(format!(
                    "nothing of the paste was sent: it has {} KiB, and {} KiB are taken at once; copy it as a file",
                    text.len() >> 10,
                    LONGEST_PASTE >> 10
                )));
            }
            ConsoleInput::Paste(text) => self.tell(id, Order::Paste(text)),
            ConsoleInput::Mouse(act, at) => {
                let areas = crate::app::areas(model, model.size);
                let Some(rows) = areas.console.map(|area| area.rows) else { return Taken::Hidden };
                if rows.contains(at.column, at.row) {
                    let at = MouseAt { column: at.column - rows.x, row: at.row - rows.y, ..at };
                    self.tell(id, Order::Mouse(act, at));
                }
            }
        }
        Taken::Hidden
    }

    /// The screen gained or lost the focus.
    pub fn focus(&self, model: &Model, has_focus: bool) {
        if let Some(id) = model.consoles.shown.filter(|_| model.console_has_keys()) {
            self.tell(id, Order::Focus(has_focus));
        }
    }

    /// Notes when lines end, so that keys of ours work only a while after.
    pub fn note(&mut self, model: &Model) {
        for console in &model.consoles.open {
            if matches!(console.view.state, State::Ended(_)) {
                self.ended.entry(console.id).or_insert_with(Instant::now);
            }
        }
    }
}

/// A key that may be the one that leaves, as `keys.toml` names it.
fn key_of(stroke: Stroke) -> Option<Key> {
    let name = match stroke.key {
        StrokeKey::Char(c) if stroke.ctrl => KeyName::Char(c.to_ascii_lowercase()),
        StrokeKey::Char(c) => KeyName::Char(c),
        StrokeKey::F(number) if !stroke.shift => KeyName::F(number),
        _ => return None,
    };
    Some(Key { name, ctrl: stroke.ctrl, alt: stroke.alt })
}

/// The keys that a line that ended leaves to us.
fn ours(stroke: Stroke) -> Taken {
    if stroke.ctrl || stroke.alt {
        return Taken::Hidden;
    }
    let name = match stroke.key {
        StrokeKey::Enter => KeyName::Enter,
        StrokeKey::Esc => KeyName::Esc,
        StrokeKey::PageUp => KeyName::PageUp,
        StrokeKey::Char(c @ ('r' | 'f' | 'q' | 'y' | '[')) => KeyName::Char(c),
        _ => return Taken::Hidden,
    };
    Taken::Ours(Key::plain(name))
}

/// The file of a new recording; old ones make room.
fn recording_in(state: &StateDir, id: u32, place: &Place) -> std::io::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    let directory = state.path().join("consoles");
    if !directory.is_dir() {
        std::fs::DirBuilder::new().mode(0o700).create(&directory)?;
    }
    make_room(&directory);
    let name: String =
        place.name().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name: String = name.trim_matches('-').chars().take(40).collect();
    let pid = std::process::id();
    let word = format!("console-{name}-{pid}-{id}");
    Ok(directory.join(StateDir::dated_name(&word, clock::now(), "cast")))
}

fn make_room(directory: &std::path::Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut all: Vec<(std::time::SystemTime, u64, PathBuf)> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "cast"))
        .filter_map(|entry| {
            let about = entry.metadata().ok()?;
            Some((about.modified().ok()?, about.len(), entry.path()))
        })
        .collect();
    all.sort_by_key(|entry| std::cmp::Reverse(entry.0));
    let mut bytes = 0u64;
    for (at, (_, size, path)) in all.into_iter().enumerate() {
        bytes = bytes.saturating_add(size);
        if at + 1 >= KEPT || bytes > KEPT_BYTES {
            // Another screen of this site may have been faster.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_ended_takes_few_keys_and_no_letters_of_a_password() {
        assert_eq!(ours(Stroke::plain(StrokeKey::Enter)), Taken::Ours(Key::plain(KeyName::Enter)));
        for c in ['a', 'x', 'é', '1', '/'] {
            assert_eq!(ours(Stroke::plain(StrokeKey::Char(c))), Taken::Hidden, "{c}");
        }
        assert_eq!(ours(Stroke::ctrl('r')), Taken::Hidden);
    }

    #[test]
    fn the_key_that_leaves_is_known_as_it_was_pressed() {
        assert_eq!(key_of(Stroke::ctrl('\\')), Some(Key::ctrl('\\')));
        assert_eq!(key_of(Stroke::ctrl('G')), Some(Key::ctrl('g')));
        assert_eq!(key_of(Stroke::plain(StrokeKey::F(12))), Some(Key::plain(KeyName::F(12))));
        let shifted = Stroke { shift: true, ..Stroke::plain(StrokeKey::F(12)) };
        assert_eq!(key_of(shifted), None);
        assert_eq!(key_of(Stroke::plain(StrokeKey::Enter)), None);
    }

    #[test]
    fn old_recordings_make_room_for_new_ones() {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..KEPT + 5 {
            std::fs::write(dir.path().join(format!("{number}.cast")), "x").unwrap();
        }
        std::fs::write(dir.path().join("other.txt"), "x").unwrap();
        make_room(dir.path());
        let left = std::fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, KEPT - 1 + 1, "room for one more, and the other file stays");
    }
}
