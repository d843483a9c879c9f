//! The consoles that a run holds: they go on when the screen that opened them
//! ends, and end with the runner. Their sessions are those of [`crate::console`];
//! here is who is shown which, and who types.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::console::{Order, Session, SessionOptions, State, Tapped, Ways};
use crate::inventory::settings::Settings;
use crate::transport::secrets::SecretStore;
use crate::transport::ssh::SshPool;

use super::pen::{Pen, WatcherId};
use super::protocol::{ConsoleWord, Frame};
use super::remote::ssh_settings;

/// The most consoles of a run at once: each keeps 10,000 lines.
pub const MOST: usize = 12;
/// Pieces that may wait for a watcher; one that does not keep up gets the whole again.
const PIECES: usize = 64;
/// The longest piece of a frame.
const PIECE: usize = 256 * 1024;

/// A console of the run.
pub struct Held {
    /// What it is called.
    pub name: String,
    /// Who types.
    pub pen: Pen,
    /// How its line stands, as far as it was written down.
    pub state: State,
    /// The process of this machine in it.
    pub process: Option<i32>,
    session: Session,
}

/// All of them.
pub struct Hosted {
    held: BTreeMap<u64, Held>,
    /// Which one a watcher is shown, and the size of its window.
    shown: BTreeMap<WatcherId, (u64, (u16, u16))>,
    ways: Ways,
    last: u64,
}

impl Hosted {
    /// None yet; they go the ways of the site in `site`.
    pub fn new(site: &Path) -> Hosted {
        let secrets = Arc::new(SecretStore::default());
        let settings = ssh_settings(&Settings::load(site));
        let ssh = SshPool::new(settings, Arc::clone(&secrets));
        Hosted {
            held: BTreeMap::new(),
            shown: BTreeMap::new(),
            ways: Ways { ssh, secrets },
            last: 0,
        }
    }

    /// The secrets that consoles need, in memory only.
    pub fn secrets(&self) -> &SecretStore {
        &self.ways.secrets
    }

    /// The number of the next one.
    pub fn next_number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Opens one under that number.
    pub fn open(
        &mut self,
        number: u64,
        name: String,
        place: crate::console::Place,
        options: SessionOptions,
    ) -> &Session {
        let session = Session::open(place, self.ways.clone(), options);
        // Nobody looks at it here.
        session.tell(Order::Show(false));
        let held =
            Held { name, pen: Pen::default(), state: State::Opening, process: None, session };
        let held = match self.held.entry(number) {
            std::collections::btree_map::Entry::Vacant(free) => free.insert(held),
            std::collections::btree_map::Entry::Occupied(taken) => {
                let taken = taken.into_mut();
                *taken = held;
                taken
            }
        };
        &held.session
    }

    /// Whether there is no room for another.
    pub fn is_full(&self) -> bool {
        self.open_numbers().len() >= MOST
    }

    /// The oldest of those that ended, where they are too many: each keeps its text.
    pub fn oldest_too_many(&self) -> Option<u64> {
        let open = self.open_numbers();
        let mut ended = self.held.keys().copied().filter(|number| !open.contains(number));
        (self.held.len() - open.len() >= MOST).then(|| ended.next()).flatten()
    }

    /// Those whose lines did not end.
    pub fn open_numbers(&self) -> Vec<u64> {
        let is_open = |held: &&Held| !matches!(held.state, State::Ended(_));
        let open = self.held.iter().filter(|(_, held)| is_open(held));
        open.map(|(number, _)| *number).collect()
    }

    /// All of them.
    pub fn numbers(&self) -> Vec<u64> {
        self.held.keys().copied().collect()
    }

    /// The console of that number.
    pub fn get(&self, number: u64) -> Option<&Held> {
        self.held.get(&number)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut Held> {
        self.held.get_mut(&number)
    }

    /// The one that is meant by "the console of the run": the last that is open.
    pub fn usual(&self) -> Option<u64> {
        self.open_numbers().last().copied().or_else(|| self.held.keys().next_back().copied())
    }

    /// Which one a watcher is shown.
    pub fn shown_to(&self, watcher: WatcherId) -> Option<u64> {
        self.shown.get(&watcher).map(|(number, _)| *number)
    }

    /// The watchers of a console.
    pub fn watchers(&self, number: u64) -> Vec<WatcherId> {
        let of = self.shown.iter().filter(|(_, (shown, _))| *shown == number);
        of.map(|(watcher, _)| *watcher).collect()
    }

    /// The processes of this machine in consoles: they are no part of the run's command.
    pub fn processes(&self) -> BTreeSet<i32> {
        self.held.values().filter_map(|held| held.process).collect()
    }

    /// Shows a console to a watcher whose window has that size.
    pub fn show(
        &mut self,
        watcher: WatcherId,
        number: u64,
        size: (u16, u16),
        to: &mpsc::Sender<Frame>,
    ) {
        let Some(held) = self.held.get(&number) else { return };
        self.shown.insert(watcher, (number, size));
        let (tap, tapped) = mpsc::channel(PIECES);
        let is = ConsoleWord::Is { number, name: held.name.clone() };
        tokio::spawn(forward(Frame::Console(is), tapped, to.clone()));
        held.session.tell(Order::Tap(tap));
    }

    /// A watcher's window has another size; the console follows whoever types.
    pub fn resize(&mut self, watcher: WatcherId, size: (u16, u16)) {
        if let Some((_, known)) = self.shown.get_mut(&watcher) {
            *known = size;
        }
        self.follow_size(watcher);
    }

    /// Gives the console the size of a watcher's window, if that one types in it.
    pub fn follow_size(&self, watcher: WatcherId) {
        let Some((number, (columns, rows))) = self.shown.get(&watcher) else { return };
        if let Some(held) = self.held.get(number).filter(|held| held.pen.holder() == Some(watcher))
        {
            held.session.tell(Order::Resize(*columns, *rows));
        }
    }

    /// Tells a console something; `false` when it takes nothing at the moment.
    pub fn tell(&self, number: u64, order: Order) -> bool {
        self.held.get(&number).is_some_and(|held| held.session.tell(order))
    }

    /// A watcher is gone.
    pub fn forget(&mut self, watcher: WatcherId) {
        self.shown.remove(&watcher);
    }

    /// Ends a console; who was shown it comes back.
    pub fn close(&mut self, number: u64) -> Vec<WatcherId> {
        let watchers = self.watchers(number);
        self.held.remove(&number);
        for watcher in &watchers {
            self.shown.remove(watcher);
        }
        watchers
    }
}

/// Passes on what a console shows. Waits for the watcher; the console does not.
async fn forward(first: Frame, mut tapped: mpsc::Receiver<Tapped>, to: mpsc::Sender<Frame>) {
    if to.send(first).await.is_err() {
        return;
    }
    while let Some(news) = tapped.recv().await {
        let mut frames = Vec::new();
        match news {
            Tapped::Whole { columns, rows, bytes, recorded } => {
                frames.push(Frame::Console(ConsoleWord::Anew { columns, rows, recorded }));
                frames.extend(bytes.chunks(PIECE).map(|piece| Frame::Shown(piece.to_vec())));
            }
            Tapped::Bytes(bytes) => frames.push(Frame::Shown(bytes)),
            Tapped::Resize(columns, rows) => {
                frames.push(Frame::Console(ConsoleWord::Size { columns, rows }));
            }
            Tapped::Opening => frames.push(Frame::Console(ConsoleWord::Opening)),
            Tapped::Open => frames.push(Frame::Console(ConsoleWord::Open)),
            Tapped::Ended(why) => frames.push(Frame::Console(ConsoleWord::Ended { why })),
        }
        for frame in frames {
            if to.send(frame).await.is_err() {
                return;
            }
        }
    }
}
