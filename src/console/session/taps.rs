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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::{Grid, Order, Place, SCROLLBACK, Session, SessionOptions, Ways};
    use super::*;
    use crate::transport::secrets::SecretStore;
    use crate::transport::ssh::SshPool;

    fn session(script: &str) -> Session {
        let secrets = Arc::new(SecretStore::default());
        let ways = Ways { ssh: SshPool::new(Default::default(), Arc::clone(&secrets)), secrets };
        let options = SessionOptions {
            size: (80, 24),
            recording: None,
            unrecorded: String::new(),
            directory: Some("/".into()),
        };
        let place = Place::Local(["sh", "-c", script].map(str::to_owned).to_vec());
        let session = Session::open(place, ways, options);
        session.tell(Order::Show(false));
        session
    }

    async fn shows(session: &Session, text: &str) {
        let begun = Instant::now();
        while !session.text().await.is_some_and(|shown| shown.contains(text)) {
            assert!(begun.elapsed() < Duration::from_secs(60), "never saw {text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Takes in what comes until it contains the text.
    async fn read(from: &mut mpsc::Receiver<Tapped>, text: &str) -> (Grid, usize) {
        let (mut grid, mut wholes) = (Grid::new(80, 24, SCROLLBACK), 0);
        let begun = Instant::now();
        while !grid.text(100).contains(text) {
            assert!(begun.elapsed() < Duration::from_secs(60), "never told {text}");
            match tokio::time::timeout(Duration::from_secs(30), from.recv()).await {
                Ok(Some(Tapped::Whole { columns, rows, bytes, .. })) => {
                    grid = Grid::new(columns, rows, SCROLLBACK);
                    grid.feed(&bytes);
                    wholes += 1;
                }
                Ok(Some(Tapped::Bytes(bytes))) => grid.feed(&bytes),
                Ok(Some(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        (grid, wholes)
    }

    #[tokio::test]
    async fn who_does_not_read_slows_nobody_and_gets_the_whole_later() {
        let session = session("sleep 0.2; pwd; seq 1 300000; echo THE-END; exec sleep 60");
        let (to, mut slow) = mpsc::channel(4);
        session.tell(Order::Tap(to));
        // Nobody reads the tap meanwhile.
        shows(&session, "THE-END").await;
        let (grid, wholes) = read(&mut slow, "THE-END").await;
        assert!(wholes >= 2, "{wholes}");
        assert_eq!(grid.history(), SCROLLBACK, "the scrollback came along");
        let (to, mut late) = mpsc::channel(4);
        session.tell(Order::Tap(to));
        let (late, wholes) = read(&mut late, "THE-END").await;
        assert_eq!((late.screen(), wholes), (grid.screen(), 1));
        assert!(session.standing().borrow().process.is_some_and(|pid| pid > 1));
    }

    #[tokio::test]
    async fn the_end_of_the_line_is_told() {
        let session = session("echo bye; exit 3");
        let (to, mut tap) = mpsc::channel(64);
        session.tell(Order::Tap(to));
        loop {
            let told = tokio::time::timeout(Duration::from_secs(30), tap.recv()).await;
            if let Tapped::Ended(why) = told.expect("in time").expect("an end") {
                assert!(why.contains("status 3"), "{why}");
                break;
            }
        }
        assert!(matches!(session.standing().borrow().state, State::Ended(_)));
    }
}
