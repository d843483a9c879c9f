//! Streams put into private temporary files, so that they can be read like one:
//! standard input, packed files, FIFOs, live sources.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::content::Content;
use super::segments::{self, Segments};
use super::source::SourceTrouble;

/// The most that is kept of one stream, in bytes: a packed file can unfold to
/// a thousand times its size, and a live source never ends.
pub const MOST: u64 = 1 << 30;

/// The share of the free room on the disk of temporary files that one stream may take.
const SHARE: u64 = 10;

/// How much is counted of what is not kept, in bytes; reading it costs time.
const COUNTED: u64 = 8 << 30;

/// Room that is left on the disk of the temporary file, in bytes.
const SPARE: u64 = 256 << 20;

/// Pieces of a live source that may wait.
const WAITING: usize = 64;

/// How long to wait before looking again at a FIFO nobody writes to, or at a reader that is behind.
const NAP: Duration = Duration::from_millis(50);

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip.
    Gzip,
    /// zlib.
    Zlib,
    /// Zstandard.
    Zstd,
    /// Known by its first bytes, but not read here.
    Foreign(&'static str),
}

impl Packing {
    /// The packing that the first bytes of a file tell; `None` for text.
    pub fn of(head: &[u8]) -> Option<Packing> {
        match head {
            [0x1f, 0x8b, 0x08, ..] => Some(Packing::Gzip),
            [0x78, 0x01 | 0x9c | 0xda, ..] => Some(Packing::Zlib),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Foreign("xz")),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Some(Packing::Foreign("bzip2")),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Packing::Foreign("lz4")),
            _ => None,
        }
    }

    /// How to see all of a packed file of which a part is kept.
    pub fn advice(self, path: &Path) -> String {
        let tool = match self {
            Packing::Gzip => "zcat".to_owned(),
            Packing::Zlib => "pigz -dc".to_owned(),
            Packing::Zstd => "zstdcat".to_owned(),
            Packing::Foreign(name) => format!("{name} -dc"),
        };
        format!("`{tool} {} > FILE` on a disk with room and open FILE", path.display())
    }

    /// What reads the unpacked bytes.
    ///
    /// # Errors
    /// When this packing is not read here, with the way that works.
    pub fn reader(self, file: File, path: &Path) -> Result<Box<dyn Read + Send>, SourceTrouble> {
        Ok(match self {
            Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
            Packing::Zlib => Box::new(flate2::read::ZlibDecoder::new(file)),
            Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(file).map_err(|error| {
                SourceTrouble(format!("{} cannot be unpacked: {error}", path.display()))
            })?),
            Packing::Foreign(name) => {
                return Err(SourceTrouble(format!(
                    "{place} is packed with {name}; unpack it: `{name} -dc {place} | shopfloor log -`",
                    place = path.display()
                )));
            }
        })
    }
}

/// What is kept of a stream that is longer than its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// Its beginning: it can be read again from there.
    First,
    /// Its end: what is live is watched for what comes.
    Newest,
}

/// A stream that a thread of its own puts into temporary files.
#[derive(Debug)]
pub struct Spool {
    segments: Segments,
    left_out: AtomicU64,
    is_done: AtomicBool,
    trouble: Mutex<Option<String>>,
    /// What lies from here on must not be given up.
    wanted_from: AtomicU64,
}

impl Spool {
    /// Starts to read `from`, of which the newest is kept.
    ///
    /// # Errors
    /// When no temporary file can be made or no thread started.
    pub fn start(from: Box<dyn Read + Send>, name: &str) -> Result<Arc<Spool>, SourceTrouble> {
        Spool::start_bounded(from, name, Keeps::Newest, bound())
    }

    /// The same of what can be read again: its beginning is kept, and `advice` says how to see the rest.
    ///
    /// # Errors
    /// As [`Spool::start`].
    pub fn start_advised(
        from: Box<dyn Read + Send>,
        name: &str,
        advice: &str,
    ) -> Result<Arc<Spool>, SourceTrouble> {
        let words = Words { name: name.into(), advice: advice.into() };
        Spool::start_in(from, words, Keeps::First, bound())
    }

    /// The same, with another bound.
    ///
    /// # Errors
    /// As [`Spool::start`].
    pub(super) fn start_bounded(
        from: Box<dyn Read + Send>,
        name: &str,
        keeps: Keeps,
        most: u64,
    ) -> Result<Arc<Spool>, SourceTrouble> {
        let words = Words { name: name.into(), advice: "write it to a file".into() };
        Spool::start_in(from, words, keeps, most)
    }

    fn start_in(
        from: Box<dyn Read + Send>,
        words: Words,
        keeps: Keeps,
        most: u64,
    ) -> Result<Arc<Spool>, SourceTrouble> {
        let spool = Arc::new(Spool {
            segments: Segments::new(most)?,
            left_out: AtomicU64::new(0),
            is_done: AtomicBool::new(false),
            trouble: Mutex::new(None),
            wanted_from: AtomicU64::new(u64::MAX),
        });
        let filled = Arc::downgrade(&spool);
        std::thread::Builder::new()
            .name("log spool".into())
            .spawn(move || fill(from, &filled, &words, keeps, most))
            .map_err(|error| SourceTrouble(format!("no thread can be started: {error}")))?;
        Ok(spool)
    }

    /// What can be read now.
    pub fn content(&self) -> Content {
        self.segments.content()
    }

    /// The same, where something changed.
    pub fn newer(&self, known: &Content) -> Option<Content> {
        self.segments.newer(known)
    }

    /// Bytes of the end that came and were not kept.
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Acquire)
    }

    /// Whether nothing more comes.
    pub fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }

    /// What went wrong, if something did.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From here on everything must be there until this is called again with
    /// more: whoever writes waits when the bound is reached.
    pub fn wants_from(&self, offset: u64) {
        self.wanted_from.store(offset, Ordering::Release);
    }

    fn say(&self, sentence: String) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(sentence);
    }

    /// Makes room for so many bytes; `false` where what is wanted is in the way.
    fn make_room(&self, bytes: u64, most: u64) -> bool {
        while self.segments.kept() + bytes > most {
            let Some(second) = self.segments.second() else { return true };
            if second > self.wanted_from.load(Ordering::Acquire) {
                return false;
            }
            self.segments.give_up_oldest();
        }
        true
    }
}

/// The most that is kept of one stream here and now.
fn bound() -> u64 {
    segments::room().map_or(MOST, |free| MOST.min(free / SHARE))
}

/// What is said of a stream.
struct Words {
    name: String,
    /// How to see what is not kept.
    advice: String,
}

fn fill(
    mut from: Box<dyn Read + Send>,
    filled: &Weak<Spool>,
    words: &Words,
    keeps: Keeps,
    most: u64,
) {
    let name = &words.name;
    let mut bytes = vec![0u8; 128 << 10];
    let mut until_check = 0u64;
    loop {
        let read = match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                if let Some(spool) = filled.upgrade() {
                    spool.say(format!("{name} ends early: {error}; what was read is shown"));
                }
                break;
            }
        };
        // Nobody reads it any more.
        let Some(mut spool) = filled.upgrade() else { return };
        if until_check == 0 && !has_room() {
            spool.say(format!(
                "the disk of temporary files is full: {name} is shown as far as it was read; set TMPDIR to another disk"
            ));
            break;
        }
        // Looked at once in 64 MiB.
        until_check = (until_check + read as u64) % (64 << 20);
        if until_check < read as u64 {
            until_check = 0;
        }
        let is_wanted = spool.wanted_from.load(Ordering::Acquire) < u64::MAX;
        let mut kept = bytes.get(..read).unwrap_or(&[]);
        if keeps == Keeps::Newest || is_wanted {
            while !spool.make_room(read as u64, most) {
                drop(spool);
                std::thread::sleep(NAP);
                let Some(again) = filled.upgrade() else { return };
                spool = again;
            }
        } else {
            let room = most.saturating_sub(spool.segments.kept());
            kept = kept.get(..usize::try_from(room).unwrap_or(read)).unwrap_or(kept);
        }
        if let Err(trouble) = spool.segments.append(kept) {
            spool.say(format!("{name} is shown as far as it was read: {trouble}"));
            break;
        }
        if kept.len() < read {
            spool.left_out.store((read - kept.len()) as u64, Ordering::Release);
            drop(spool);
            count(&mut *from, &mut bytes, filled, words, most);
            break;
        }
    }
    if let Some(spool) = filled.upgrade() {
        spool.is_done.store(true, Ordering::Release);
    }
}

/// Counts what is not kept, and says so as it goes. Of what unfolds without
/// end only so much is read.
fn count(from: &mut dyn Read, bytes: &mut [u8], filled: &Weak<Spool>, words: &Words, most: u64) {
    let mut said = 0;
    loop {
        // Nobody reads it any more.
        let Some(spool) = filled.upgrade() else { return };
        let left_out = spool.left_out();
        let is_enough = left_out >= COUNTED;
        let say = |at_least: &str| {
            spool.say(format!(
                "only the first {} of {} are kept, {at_least}{} more are left out; to see all, {}",
                size_words(most),
                words.name,
                size_words(left_out),
                words.advice
            ));
        };
        if is_enough || left_out >= said + (64 << 20) || said == 0 {
            said = left_out;
            say("at least ");
        }
        if is_enough {
            return;
        }
        match from.read(bytes) {
            Ok(0) => return say(""),
            Ok(read) => {
                spool.left_out.fetch_add(read as u64, Ordering::AcqRel);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return say("at least "),
        }
    }
}

/// `8 GiB`, `512 MiB`.
pub fn size_words(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KiB", bytes >> 10),
        1_048_576..1_073_741_824 => format!("{} MiB", bytes >> 20),
        _ => format!("{}.{} GiB", bytes >> 30, ((bytes % (1 << 30)) * 10) >> 30),
    }
}

fn has_room() -> bool {
    segments::room().is_none_or(|free| free > SPARE)
}

/// The two ends of a live source.
pub fn pieces() -> (SyncSender<Vec<u8>>, Pieces) {
    let (to, from) = sync_channel(WAITING);
    (to, Pieces { from, rest: Vec::new(), used: 0 })
}

/// Reads the pieces of a live source as one stream.
#[derive(Debug)]
pub struct Pieces {
    from: Receiver<Vec<u8>>,
    rest: Vec<u8>,
    used: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.used >= self.rest.len() {
            match self.from.recv() {
                Ok(piece) => (self.rest, self.used) = (piece, 0),
                Err(_) => return Ok(0),
            }
        }
        let rest = self.rest.get(self.used..).unwrap_or(&[]);
        let len = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        self.used += len;
        Ok(len)
    }
}

/// A FIFO without a writer reads as its end, and without a byte as "try again":
/// both mean to wait, because the next writer may come.
#[derive(Debug)]
pub struct Patient(pub File);

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(into) {
                Ok(0) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            std::thread::sleep(NAP);
        }
    }
}
