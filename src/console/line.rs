//! The way between a console and the other side, whatever it is: output and
//! the end come as news; keys and sizes go.

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
    /// It ended, and how, as a sentence. No more news come.
    Ended(String),
}

/// An open way. Dropping it hangs up.
pub struct Line {
    /// What comes.
    pub news: mpsc::Receiver<LineNews>,
    keys: mpsc::Sender<Vec<u8>>,
    size: watch::Sender<(u16, u16)>,
}

/// The other ends of a [`Line`]'s channels.
pub struct LineEnds {
    /// To tell news.
    pub news: mpsc::Sender<LineNews>,
    /// To take keys.
    pub keys: mpsc::Receiver<Vec<u8>>,
    /// The size in columns and rows.
    pub size: watch::Receiver<(u16, u16)>,
}

impl Line {
    /// A way and its other ends.
    pub fn new(size: (u16, u16)) -> (Line, LineEnds) {
        let (to_us, news) = mpsc::channel(WAITING);
        let (keys, typed) = mpsc::channel(KEYS);
        let (size, sizes) = watch::channel(size);
        (Line { news, keys, size }, LineEnds { news: to_us, keys: typed, size: sizes })
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
}
