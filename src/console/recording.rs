//! Recordings of consoles: asciicast v2, what was shown and never what was
//! typed. Written by a thread of its own, so that a slow disk slows nobody.
//!
//! The format: <https://docs.asciinema.org/manual/asciicast/v2/>. Only events
//! `o` (output), `r` (a new size) and `m` (a remark of ours) are written.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The largest recording, in bytes of output.
pub const LARGEST: u64 = 64 << 20;
/// Output that may wait for the disk, in bytes; more is left out, with a remark.
const WAITING: u64 = 16 << 20;
/// How long what was written may stay in memory.
const FLUSH: Duration = Duration::from_secs(1);
/// The largest file and line that are read back.
const LARGEST_READ: u64 = 512 << 20;
const LONGEST_LINE: u64 = 16 << 20;

/// What a recording says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Always 2.
    pub version: u8,
    /// Columns at the start.
    pub width: u16,
    /// Rows at the start.
    pub height: u16,
    /// When it began, in seconds since 1970.
    #[serde(default)]
    pub timestamp: u64,
    /// Where the console went.
    #[serde(default)]
    pub title: String,
}

/// Something in a recording.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Output.
    Output(String),
    /// A new size.
    Resize(u16, u16),
    /// A remark: output that is missing, the end.
    Remark(String),
}

enum Told {
    Output(Instant, Vec<u8>),
    Event(Instant, Event),
}

/// A recording that is being written. Dropping it ends it.
pub struct Recording {
    to: Sender<Told>,
    waiting: Arc<AtomicU64>,
    taken: u64,
    lost: u64,
    path: PathBuf,
}

impl Recording {
    /// Begins a recording in a new file, readable by its owner only.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn start(path: &Path, title: &str, size: (u16, u16)) -> std::io::Result<Recording> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let timestamp =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let header = Header {
            version: 2,
            width: size.0,
            height: size.1,
            timestamp,
            title: title.to_owned(),
        };
        let mut out = BufWriter::with_capacity(256 << 10, file);
        serde_json::to_writer(&mut out, &header)?;
        out.write_all(b"\n")?;
        out.flush()?;
        let (to, from) = channel::<Told>();
        let waiting = Arc::new(AtomicU64::new(0));
        let held = Arc::clone(&waiting);
        let began = Instant::now();
        let write = move || {
            let mut pen = Pen { out, began, cut: Vec::new() };
            let mut flushed = Instant::now();
            loop {
                let told = match from.try_recv() {
                    Ok(told) => Ok(told),
                    // Nothing waits: what a program printed last is not lost with us.
                    Err(_) => match pen.out.flush() {
                        Ok(()) => from.recv_timeout(FLUSH),
                        Err(_) => return,
                    },
                };
                let result = match told {
                    Ok(Told::Output(at, bytes)) => {
                        held.fetch_sub(bytes.len() as u64, Relaxed);
                        pen.output(at, bytes)
                    }
                    Ok(Told::Event(at, event)) => pen.event(at, &event),
                    Err(std::sync::mpsc::RecvTimeoutError::Timeout) => Ok(()),
                    Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                };
                if result.is_err() || (flushed.elapsed() > FLUSH && pen.out.flush().is_err()) {
                    // The disk is full or gone; `Recording` sees that nobody listens.
                    return;
                }
                if flushed.elapsed() > FLUSH {
                    flushed = Instant::now();
                }
            }
            let _ = pen.out.flush();
        };
        std::thread::Builder::new().name("recording".to_owned()).spawn(write)?;
        Ok(Recording { to, waiting, taken: 0, lost: 0, path: path.to_owned() })
    }

    /// Where it is written.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Output; `false` when no more is recorded: it is full, or cannot be written.
    pub fn output(&mut self, bytes: &[u8]) -> bool {
        let size = bytes.len() as u64;
        let now = Instant::now();
        if self.taken.saturating_add(size) > LARGEST {
            let end = Event::Remark("the recording is full; nothing after this is in it".into());
            let _ = self.to.send(Told::Event(now, end));
            return false;
        }
        if self.waiting.load(Relaxed).saturating_add(size) > WAITING {
            self.lost += size;
            return true;
        }
        if self.lost > 0 {
            let remark = Event::Remark(format!("{} bytes are missing here", self.lost));
            let _ = self.to.send(Told::Event(now, remark));
            self.lost = 0;
        }
        self.taken += size;
        self.waiting.fetch_add(size, Relaxed);
        self.to.send(Told::Output(now, bytes.to_vec())).is_ok()
    }

    /// A new size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let _ = self.to.send(Told::Event(Instant::now(), Event::Resize(columns, rows)));
    }

    /// A remark.
    pub fn remark(&self, text: &str) {
        let _ = self.to.send(Told::Event(Instant::now(), Event::Remark(text.to_owned())));
    }
}

/// Writes events.
struct Pen<W: Write> {
    out: W,
    began: Instant,
    /// Bytes of a character that is not whole yet.
    cut: Vec<u8>,
}

impl<W: Write> Pen<W> {
    fn output(&mut self, at: Instant, bytes: Vec<u8>) -> std::io::Result<()> {
        let bytes = if self.cut.is_empty() {
            bytes
        } else {
            let mut joined = std::mem::take(&mut self.cut);
            joined.extend(bytes);
            joined
        };
        let whole = whole_characters(&bytes);
        let (whole, cut) = bytes.split_at(whole);
        self.cut = cut.to_vec();
        if whole.is_empty() {
            return Ok(());
        }
        self.line(at, "o", &String::from_utf8_lossy(whole))
    }

    fn event(&mut self, at: Instant, event: &Event) -> std::io::Result<()> {
        match event {
            Event::Output(text) => self.line(at, "o", text),
            Event::Resize(columns, rows) => self.line(at, "r", &format!("{columns}x{rows}")),
            Event::Remark(text) => self.line(at, "m", text),
        }
    }

    fn line(&mut self, at: Instant, code: &str, data: &str) -> std::io::Result<()> {
        let seconds = at.saturating_duration_since(self.began).as_secs_f64();
        write!(self.out, "[{seconds:.6}, \"{code}\", ")?;
        serde_json::to_writer(&mut self.out, data)?;
        self.out.write_all(b"]\n")
    }
}

/// How many bytes end with a whole character; bytes that are none count as whole.
fn whole_characters(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    for at in tail..bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let is_cut = std::str::from_utf8(rest)
            .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none());
        if is_cut {
            return at;
        }
    }
    bytes.len()
}

/// A recording that was read, event by event.
pub struct Playback {
    /// What it says of itself.
    pub header: Header,
    lines: BufReader<std::io::Take<File>>,
    number: u64,
}

impl Playback {
    /// Opens a recording.
    ///
    /// # Errors
    /// A sentence when it is none, or of a version this program cannot read.
    pub fn open(path: &Path) -> Result<Playback, String> {
        let shown = path.display();
        let kind = std::fs::metadata(path).map_err(|e| format!("{shown} cannot be read: {e}"))?;
        if !kind.is_file() {
            return Err(format!("{shown} is no file"));
        }
        let file = File::open(path).map_err(|e| format!("{shown} cannot be read: {e}"))?;
        let mut lines = BufReader::with_capacity(256 << 10, file.take(LARGEST_READ));
        let first = line_of(&mut lines).map_err(|e| format!("{shown} cannot be read: {e}"))?;
        let first = first.unwrap_or_default();
        let header: Header = serde_json::from_slice(&first)
            .map_err(|_| format!("{shown} is no recording of a console (asciicast)"))?;
        if header.version != 2 {
            let version = header.version;
            return Err(format!("{shown} is an asciicast of version {version}; 2 can be read"));
        }
        Ok(Playback { header, lines, number: 1 })
    }

    /// The next event and its time in seconds; `None` at the end. A torn last
    /// line is the end.
    ///
    /// # Errors
    /// A sentence with the line that cannot be read.
    pub fn next_event(&mut self) -> Result<Option<(f64, Event)>, String> {
        loop {
            self.number += 1;
            let number = self.number;
            let wrong = |why: &str| format!("line {number} of the recording: {why}");
            let Some(line) = line_of(&mut self.lines).map_err(|e| wrong(&e.to_string()))? else {
                return Ok(None);
            };
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let read: Result<(f64, String, String), _> = serde_json::from_slice(&line);
            let Ok((at, code, data)) = read else {
                // A program that was killed leaves half a line.
                let is_last = line_of(&mut self.lines).is_ok_and(|next| next.is_none());
                return if is_last { Ok(None) } else { Err(wrong("is no event")) };
            };
            let event = match code.as_str() {
                "o" => Event::Output(data),
                "m" => Event::Remark(data),
                "r" => match size_of(&data) {
                    Some((columns, rows)) => Event::Resize(columns, rows),
                    None => return Err(wrong("is no size")),
                },
                _ => continue,
            };
            return Ok(Some((at, event)));
        }
    }
}

fn line_of(lines: &mut BufReader<std::io::Take<File>>) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let count = lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if count as u64 == LONGEST_LINE {
        return Err(std::io::Error::other("is longer than 16 MiB"));
    }
    Ok((count > 0).then_some(line))
}

fn size_of(text: &str) -> Option<(u16, u16)> {
    let (columns, rows) = text.split_once('x')?;
    Some((columns.parse().ok()?, rows.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_comes_back_and_characters_are_never_cut() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.cast");
        let mut recording = Recording::start(&path, "bastion", (80, 24)).unwrap();
        let text = "\u{1b}[31mdéjà 日本\u{1b}[0m \"\\\r\n".repeat(20);
        for piece in text.as_bytes().chunks(7) {
            assert!(recording.output(piece));
        }
        recording.resize(100, 30);
        drop(recording);
        let all = wait_for(&path, "100x30");
        assert!(all.lines().all(|line| line.starts_with('{') || line.starts_with('[')));
        let mut back = Playback::open(&path).unwrap();
        assert_eq!((back.header.width, back.header.title.as_str()), (80, "bastion"));
        let (mut shown, mut last) = (String::new(), None);
        while let Some((_, event)) = back.next_event().unwrap() {
            if let Event::Output(text) = &event {
                shown.push_str(text);
            }
            last = Some(event);
        }
        assert_eq!(shown, text);
        assert_eq!(last, Some(Event::Resize(100, 30)));
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    fn wait_for(path: &Path, end: &str) -> String {
        let begun = Instant::now();
        loop {
            let text = std::fs::read_to_string(path).unwrap();
            if text.contains(end) {
                return text;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{text}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_recording_is_bounded_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.cast");
        let mut recording = Recording::start(&path, "x", (80, 24)).unwrap();
        let piece = vec![b'x'; 1 << 20];
        let begun = Instant::now();
        while recording.output(&piece) {
            assert!(begun.elapsed() < Duration::from_secs(60), "never full");
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(recording);
        wait_for(&path, "is full");
        assert!(std::fs::metadata(&path).unwrap().len() < LARGEST + (1 << 20));
    }

    #[test]
    fn a_torn_end_is_the_end_and_other_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.cast");
        let good =
            "{\"version\":2,\"width\":80,\"height\":24}\n[0.1,\"o\",\"a\"]\n[0.2,\"i\",\"x\"]\n";
        std::fs::write(&path, format!("{good}[0.3,\"o\",\"b")).unwrap();
        let mut back = Playback::open(&path).unwrap();
        assert_eq!(back.next_event(), Ok(Some((0.1, Event::Output("a".into())))));
        assert_eq!(back.next_event(), Ok(None));
        std::fs::write(&path, format!("{good}rubbish\n[0.3,\"o\",\"b\"]\n")).unwrap();
        let mut back = Playback::open(&path).unwrap();
        back.next_event().unwrap();
        assert!(back.next_event().unwrap_err().contains("line 4"));
        for (text, word) in
            [("", "no recording"), ("{\"version\":1,\"width\":1,\"height\":1}", "version 1")]
        {
            std::fs::write(&path, text).unwrap();
            let refused = Playback::open(&path).map(|_| ()).unwrap_err();
            assert!(refused.contains(word), "{refused}");
        }
        assert!(Playback::open(dir.path()).map(|_| ()).unwrap_err().contains("no file"));
    }
}
