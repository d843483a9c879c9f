//! Others who are shown everything that a console shows. One that does not
//! keep up misses what came meanwhile and then gets the whole again, so that it
//! slows nobody and needs no memory.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::super::view::State;
use super::{Work, u16_of};

/// How soon somebody who did not keep up is looked at again.
const AGAIN: Duration = Duration::from_millis(50);
/// How long the end of a sequence is waited for, so that nobody begins in the middle of one.
const PATIENCE: Duration = Duration::from_millis(300);

/// What somebody is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tapped {
    /// Everything, for an empty screen.
    Whole {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
        /// What to feed to it.
        bytes: Vec<u8>,
        /// What is recorded, in words.
        recorded: String,
    },
    /// What came next.
    Bytes(Vec<u8>),
    /// Another size.
    Resize(u16, u16),
    /// The line is being opened.
    Opening,
    /// The line is open.
    Open,
    /// The line ended; a sentence.
    Ended(String),
}

struct Tap {
    to: mpsc::Sender<Tapped>,
    /// Since when it needs the whole; `None` when it has everything.
    behind: Option<Instant>,
}

/// Everybody who is shown a console.
#[derive(Default)]
pub(super) struct Taps(Vec<Tap>);

impl Taps {
    pub(super) fn add(&mut self, to: mpsc::Sender<Tapped>) {
        self.0.push(Tap { to, behind: Some(Instant::now()) });
    }

    /// Tells everybody who has kept up.
    pub(super) fn tell(&mut self, what: impl Fn() -> Tapped) {
        for tap in self.0.iter_mut().filter(|tap| tap.behind.is_none()) {
            if tap.to.try_send(what()).is_err() {
                tap.behind = Some(Instant::now());
            }
        }
    }

    /// When somebody is to be looked at again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.iter().any(|tap| tap.behind.is_some()).then(|| Instant::now() + AGAIN)
    }
}

impl Work {
    /// Gives the whole to those who need it and have room for it.
    pub(super) fn serve_taps(&mut self) {
        self.taps.0.retain(|tap| !tap.to.is_closed());
        let is_between = self.grid.is_between_sequences();
        let is_ready = |tap: &Tap| {
            let is_empty = tap.to.capacity() == tap.to.max_capacity();
            tap.behind.is_some_and(|since| is_empty && (is_between || since.elapsed() > PATIENCE))
        };
        if !self.taps.0.iter().any(is_ready) {
            return;
        }
        let whole = Tapped::Whole {
            columns: u16_of(self.grid.columns()),
            rows: u16_of(self.grid.rows()),
            bytes: self.grid.whole(),
            recorded: self.recorded.clone(),
        };
        let state = match &self.state {
            State::Opening => Tapped::Opening,
            State::Open => Tapped::Open,
            State::Ended(why) => Tapped::Ended(why.clone()),
        };
        for tap in self.taps.0.iter_mut() {
            // There is room: nothing waits for it.
            if is_ready(tap)
                && tap.to.try_send(whole.clone()).is_ok()
                && tap.to.try_send(state.clone()).is_ok()
            {
                tap.behind = None;
            }
        }
    }
}
