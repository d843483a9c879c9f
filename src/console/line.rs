//! The way between a console and the other side, whatever it is: output and
//! the end come as news; keys and sizes go.

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

/// Pieces of output that may wait: when they do, the program waits.
const WAITING: usize = 4;
/// Pieces of keys that may wait; when the other side takes none, further ones are not taken.
const KEYS: usize = 256;

/// What came from the other side.
#[derive(Debug)]
pub enum LineNews {
    /// Output.
    Bytes(Vec<u8>),
    /// The other side has that size now, in columns and rows; for recordings.
    Resize(u16, u16),
    /// What follows is everything from the beginning, for an empty screen of that size.
    Anew(u16, u16),
    /// What is recorded there, in words.
    Recorded(String),
    /// Whether keys from here go to the program there.
    Keys(bool),
    /// A sentence from there, until keys are typed.
    Said(String),
    /// How it stands there, until it says something else.
    Stands(String),
    /// Whether what follows is answered from here when it asks the terminal something.
    Answers(bool),
    /// Somebody is wanted there.
    Ring,
    /// It ended, and how, as a sentence. No more news come.
    Ended(String),
}

/// An open way. Dropping it hangs up.
pub struct Line {
    /// What comes.
    pub news: mpsc::Receiver<LineNews>,
    /// The process of this machine at its other end, where there is one.
    pub process: Option<i32>,
    keys: mpsc::Sender<Vec<u8>>,
    size: watch::Sender<(u16, u16)>,
    acts: mpsc::Sender<PenAct>,
}

/// What a person does about the pen of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PenAct {
    /// Asks for it; gives it back where it is had.
    Turn,
    /// Gives it to whoever asks, or does not.
    Give(bool),
}

/// The other ends of a [`Line`]'s channels.
pub struct LineEnds {
    /// To tell news.
    pub news: mpsc::Sender<LineNews>,
    /// To take keys.
    pub keys: mpsc::Receiver<Vec<u8>>,
    /// The size in columns and rows.
    pub size: watch::Receiver<(u16, u16)>,
    /// What is done about the pen.
    pub acts: mpsc::Receiver<PenAct>,
}

impl Line {
    /// A way and its other ends.
    pub fn new(size: (u16, u16)) -> (Line, LineEnds) {
        let (to_us, news) = mpsc::channel(WAITING);
        let (keys, typed) = mpsc::channel(KEYS);
        let (size, sizes) = watch::channel(size);
        let (acts, acted) = mpsc::channel(KEYS);
        let ends = LineEnds { news: to_us, keys: typed, size: sizes, acts: acted };
        (Line { news, process: None, keys, size, acts }, ends)
    }

    /// Sends keys; `false` when the other side takes no more at the moment.
    pub fn send(&self, bytes: Vec<u8>) -> bool {
        // A line that ended tells so by itself.
        bytes.is_empty()
            || !matches!(self.keys.try_send(bytes), Err(mpsc::error::TrySendError::Full(_)))
    }

    /// Tells the size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let _ = self.size.send((columns, rows));
    }

    /// Does something about the pen; a line without one does not listen.
    pub fn act(&self, act: PenAct) {
        let _ = self.acts.try_send(act);
    }
}

/// A console that somebody else holds, who goes on when we are gone: the emulator
/// here shows what the one there shows, and whoever holds it answers the program.
pub trait Elsewhere: Send + Sync {
    /// Goes there at that size. `again` connects what ended there once more;
    /// `Some(true)` takes a serial line that somebody else holds.
    fn go(&self, size: (u16, u16), again: Option<bool>) -> Going;
}

/// A way that is being opened.
pub type Going = std::pin::Pin<Box<dyn Future<Output = Result<Line, String>> + Send>>;
