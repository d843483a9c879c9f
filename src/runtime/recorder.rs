//! The flight recorder: a start snapshot and at least the last 10,000
//! messages, kept compressed in memory and written only on request or in a
//! crash report.
//!
//! It runs on a thread of its own, so that neither compressing nor writing
//! ever delays a key. Messages hold no secrets by construction; the recorder
//! relies on that and adds nothing of its own but times.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::scrub::Scrub;
use super::whole_file;

/// How many messages a generation holds. Two generations are kept, so that
/// always at least this many of the last messages are there.
const GENERATION: usize = 10_000;

/// Messages that may wait for the recorder's thread. When it falls behind by
/// more, the recording starts anew from a fresh snapshot rather than slow the screen.
const QUEUE: usize = 16_384;

/// The longest first line of a recording that is looked at, in bytes: a file
/// of another kind may have no line end at all.
const LONGEST_HEADER: u64 = 4096;

/// The longest line after it, in bytes. The snapshot of 10,000 targets with
/// all their facts stays below a tenth of this.
const LONGEST_LINE: u64 = 512 << 20;

/// The version of the recording's format.
pub const FORMAT: u32 = 1;

/// The first line of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the format.
    pub shopfloor_recording: u32,
    /// Version of the program that wrote it.
    pub version: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line<'a, S, M> {
    Snapshot(&'a S),
    Msg(&'a M),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OwnedLine<S, M> {
    Snapshot(Box<S>),
    Msg(Box<M>),
}

enum Note<S, M> {
    Snapshot(Box<S>),
    Msg(Box<M>),
    Save(PathBuf, SyncSender<io::Result<()>>),
}

/// The side of the recorder that the loop talks to.
#[derive(Debug)]
pub struct Recorder<S, M> {
    notes: SyncSender<Note<S, M>>,
    wants_snapshot: Arc<AtomicBool>,
}

impl<S, M> Clone for Recorder<S, M> {
    fn clone(&self) -> Self {
        Recorder { notes: self.notes.clone(), wants_snapshot: Arc::clone(&self.wants_snapshot) }
    }
}

impl<S, M> Recorder<S, M>
where
    S: Serialize + Send + 'static,
    M: Serialize + Send + 'static,
{
    /// Starts the recorder's thread. It ends with the last handle. What `scrub` knows is left out.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(scrub: Arc<Scrub>) -> io::Result<Recorder<S, M>> {
        let (notes, inbox) = sync_channel(QUEUE);
        let wants_snapshot = Arc::new(AtomicBool::new(true));
        let flag = Arc::clone(&wants_snapshot);
        std::thread::Builder::new()
            .name("recorder".into())
            .spawn(move || keep(&inbox, &flag, &scrub))?;
        Ok(Recorder { notes, wants_snapshot })
    }

    /// Whether the next message must be preceded by a snapshot.
    pub fn wants_snapshot(&self) -> bool {
        self.wants_snapshot.load(Ordering::Relaxed)
    }

    /// Notes the state from which the following messages go on.
    pub fn snapshot(&self, state: S) {
        if self.notes.try_send(Note::Snapshot(Box::new(state))).is_ok() {
            self.wants_snapshot.store(false, Ordering::Relaxed);
        }
    }

    /// Notes a message before it is applied. Until a snapshot was taken it is left out.
    pub fn message(&self, msg: M) {
        if self.wants_snapshot() {
            return;
        }
        if let Err(TrySendError::Full(_)) = self.notes.try_send(Note::Msg(Box::new(msg))) {
            self.wants_snapshot.store(true, Ordering::Relaxed);
        }
    }

    /// Writes what is kept to a file that only its owner can read. Waits at
    /// most `patience`; call it where waiting is allowed.
    ///
    /// # Errors
    /// What the disk says, or that the recorder did not answer in time.
    pub fn save(&self, path: &Path, patience: Duration) -> io::Result<()> {
        let (reply, answer) = sync_channel(1);
        self.notes
            .try_send(Note::Save(path.to_path_buf(), reply))
            .map_err(|_| io::Error::other("the recorder is busy or gone"))?;
        answer.recv_timeout(patience).map_err(|_| {
            io::Error::new(io::ErrorKind::TimedOut, "the recorder did not answer in time")
        })?
    }
}

/// One snapshot and the messages after it, as members of a gzip file.
struct Generation {
    done: Vec<u8>,
    open: GzEncoder<Vec<u8>>,
    messages: usize,
}

impl Generation {
    fn new() -> Generation {
        Generation { done: Vec::new(), open: encoder(), messages: 0 }
    }

    fn add<S: Serialize, M: Serialize>(&mut self, line: &Line<'_, S, M>, scrub: &Scrub) {
        // Writing to memory cannot fail; a value that cannot be serialised is left out.
        if let Ok(text) = serde_json::to_vec(line) {
            let mut text = scrub.json(text);
            text.push(b'\n');
            let _ = self.open.write_all(&text);
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        if let Ok(member) = std::mem::replace(&mut self.open, encoder()).finish() {
            self.done.extend(member);
        }
        self.done.clone()
    }
}

fn encoder() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}

fn keep<S: Serialize, M: Serialize>(
    inbox: &Receiver<Note<S, M>>,
    wants_snapshot: &AtomicBool,
    scrub: &Scrub,
) {
    let mut earlier: Option<Generation> = None;
    let mut current: Option<Generation> = None;
    while let Ok(note) = inbox.recv() {
        match note {
            Note::Snapshot(state) => {
                // After a hole the messages before it lead nowhere.
                let is_full = current.as_ref().is_some_and(|now| now.messages >= GENERATION);
                earlier = if is_full { current.take() } else { None };
                let mut next = Generation::new();
                next.add(&Line::<S, M>::Snapshot(&state), scrub);
                current = Some(next);
            }
            Note::Msg(msg) => {
                if let Some(now) = current.as_mut() {
                    now.add(&Line::<S, M>::Msg(&msg), scrub);
                    now.messages += 1;
                    if now.messages == GENERATION {
                        wants_snapshot.store(true, Ordering::Relaxed);
                    }
                }
            }
            Note::Save(path, reply) => {
                let _ = reply.send(write_file(&path, earlier.as_mut(), current.as_mut()));
            }
        }
    }
}

fn write_file(
    path: &Path,
    earlier: Option<&mut Generation>,
    current: Option<&mut Generation>,
) -> io::Result<()> {
    let header =
        Header { shopfloor_recording: FORMAT, version: env!("CARGO_PKG_VERSION").to_owned() };
    let mut head = encoder();
    serde_json::to_writer(&mut head, &header)?;
    head.write_all(b"\n")?;
    let mut content = head.finish()?;
    for generation in [earlier, current].into_iter().flatten() {
        content.extend(generation.bytes());
    }
    whole_file::write(path, whole_file::PRIVATE, &content)
}

/// A recording as it was read: the state at its start and what happened after it.
#[derive(Debug)]
pub struct Recording<S, M> {
    /// Who wrote it.
    pub header: Header,
    /// The state before the first message.
    pub start: S,
    /// The messages, oldest first.
    pub messages: Vec<M>,
    /// Whether the end was cut off in the middle of a line.
    pub is_torn: bool,
}

/// Why a recording cannot be read, in one sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadRecording(pub String);

/// Reads a recording, also an uncompressed one. A torn end is dropped and said.
///
/// # Errors
/// When it is no recording, is of a newer format, or holds no snapshot.
pub fn read<S: DeserializeOwned, M: DeserializeOwned>(
    path: &Path,
) -> Result<Recording<S, M>, BadRecording> {
    let file = std::fs::File::open(path).map_err(|e| {
        let place = path.display();
        BadRecording(format!(
            "{place} cannot be opened: {e}; name a recording that this account may read"
        ))
    })?;
    read_from(file, path)
}

/// Reads a recording from wherever it comes; `path` is its name in sentences.
///
/// # Errors
/// As [`read`].
pub fn read_from<S: DeserializeOwned, M: DeserializeOwned>(
    from: impl io::Read + 'static,
    path: &Path,
) -> Result<Recording<S, M>, BadRecording> {
    let place = path.display();
    let bad = |why: String| BadRecording(format!("{place} {why}"));
    let mut raw = BufReader::new(from);
    let is_packed = raw
        .fill_buf()
        .map_err(|e| bad(format!("cannot be read: {e}; name a recording")))?
        .starts_with(&[0x1f, 0x8b]);
    let mut lines: Box<dyn BufRead> =
        if is_packed { Box::new(BufReader::new(MultiGzDecoder::new(raw))) } else { Box::new(raw) };

    let mut text = Vec::new();
    let no_recording =
        || bad("is no recording; one is written by `:record` and beside a crash report".into());
    let mut head = (&mut lines).take(LONGEST_HEADER);
    head.read_until(b'\n', &mut text).map_err(|_| no_recording())?;
    let header: Header = serde_json::from_slice(&text).map_err(|_| no_recording())?;
    if header.shopfloor_recording > FORMAT {
        return Err(bad(format!(
            "was written by version {} in a newer format ({}); this version reads up to {FORMAT}",
            header.version, header.shopfloor_recording
        )));
    }

    let mut start = None;
    let mut messages = Vec::new();
    let mut is_torn = false;
    loop {
        text.clear();
        match (&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut text) {
            Ok(0) => break,
            Ok(_) if text.ends_with(b"\n") => match serde_json::from_slice(&text) {
                // A later snapshot repeats what the messages lead to.
                Ok(OwnedLine::Snapshot(state)) => {
                    if start.is_none() {
                        start = Some(*state);
                    }
                }
                Ok(OwnedLine::Msg(msg)) => messages.push(*msg),
                Err(e) => {
                    return Err(bad(format!(
                        "holds a line that this version cannot read: {e}; play it with version {}",
                        header.version
                    )));
                }
            },
            Ok(_) | Err(_) => {
                is_torn = true;
                break;
            }
        }
    }
    let start = start.ok_or_else(|| {
        bad("holds no snapshot to start from; it ended before anything was recorded".into())
    })?;
    Ok(Recording { header, start, messages, is_torn })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(messages: usize) -> (tempfile::TempDir, PathBuf) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("recording.jsonl.gz");
        let recorder: Recorder<u64, u64> = Recorder::start(Arc::default()).unwrap();
        for n in 0..messages as u64 {
            if recorder.wants_snapshot() {
                recorder.snapshot(n);
            }
            recorder.message(n);
            // No console is as fast as this loop: saving now and then waits for the thread.
            if n % 4_000 == 3_999 {
                let aside = scratch.path().join(n.to_string());
                recorder.save(&aside, Duration::from_secs(20)).unwrap();
            }
        }
        recorder.save(&path, Duration::from_secs(20)).unwrap();
        (scratch, path)
    }

    #[test]
    fn what_was_noted_comes_back_in_order() {
        let (_scratch, path) = saved(500);
        let recording: Recording<u64, u64> = read(&path).unwrap();
        assert_eq!(recording.start, 0);
        assert_eq!(recording.messages, (0..500).collect::<Vec<_>>());
        assert!(!recording.is_torn);
    }

    #[test]
    fn at_least_the_last_ten_thousand_are_kept_and_old_ones_go() {
        let (_scratch, path) = saved(45_000);
        let recording: Recording<u64, u64> = read(&path).unwrap();
        assert_eq!(
            recording.start, recording.messages[0],
            "the snapshot belongs to the first message"
        );
        assert!(recording.messages.len() >= GENERATION, "{}", recording.messages.len());
        assert!(recording.messages.len() < 4 * GENERATION, "{}", recording.messages.len());
        assert_eq!(recording.messages.last(), Some(&44_999));
        assert!(recording.messages.windows(2).all(|pair| pair[1] == pair[0] + 1), "no hole");
    }

    #[test]
    fn a_torn_end_is_dropped_and_said() {
        let (scratch, _) = saved(0);
        let path = scratch.path().join("torn.jsonl");
        std::fs::write(
            &path,
            "{\"shopfloor_recording\":1,\"version\":\"0\"}\n{\"snapshot\":7}\n{\"msg\":8}\n{\"ms",
        )
        .unwrap();
        let recording: Recording<u64, u64> = read(&path).unwrap();
        assert_eq!((recording.start, recording.messages, recording.is_torn), (7, vec![8], true));
    }

    #[test]
    fn other_files_are_refused_with_the_reason() {
        let scratch = tempfile::tempdir().unwrap();
        for (content, expected) in [
            ("hello\n", "is no recording"),
            ("{\"shopfloor_recording\":99,\"version\":\"9\"}\n", "newer format"),
            ("{\"shopfloor_recording\":1,\"version\":\"0\"}\n", "no snapshot"),
        ] {
            let path = scratch.path().join("file");
            std::fs::write(&path, content).unwrap();
            let error = read::<u64, u64>(&path).unwrap_err().0;
            assert!(error.contains(expected), "{error}");
        }
    }

    fn from_bytes(bytes: Vec<u8>) -> Result<Recording<u64, u64>, BadRecording> {
        read_from(io::Cursor::new(bytes), Path::new("recording"))
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            proptest::prop_assert!(from_bytes(bytes).is_err(), "no bytes by chance are a recording");
        }

        #[test]
        fn any_lines_after_a_header_are_survived(
            lines in proptest::collection::vec("(\\{\"(msg|snapshot)\":[0-9]{1,3}\\}|\\PC{0,20})", 0..8),
            cut in 0usize..200,
        ) {
            let whole = format!("{{\"shopfloor_recording\":1,\"version\":\"0\"}}\n{}\n", lines.join("\n"));
            let cut = whole.len().saturating_sub(cut);
            if let Ok(recording) = from_bytes(whole.into_bytes()[..cut].to_vec()) {
                proptest::prop_assert!(recording.messages.len() <= lines.len());
            }
        }
    }
}
