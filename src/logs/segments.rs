//! The bytes of a stream in temporary files of one size, so that the oldest can
//! be given up while the newest are written. The files have no name once they
//! are open and are gone with the process, whatever happens.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::content::Content;
use super::lines::PIECE;
use super::source::SourceTrouble;

/// The files of one stream.
#[derive(Debug)]
pub struct Segments {
    size: u64,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// Each with its line ends.
    files: VecDeque<(Arc<File>, u64)>,
    /// Where the first file begins.
    first: u64,
    /// Where the first line begins that is whole, and line ends before it.
    start: u64,
    lines_before: u64,
    /// Line ends before the first file.
    lines_given_up: u64,
    length: u64,
}

impl Segments {
    /// Files for a stream of which at most `most` bytes are kept.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new(most: u64) -> Result<Segments, SourceTrouble> {
        // Lines are cut at multiples of a piece: no piece lies in two files.
        let size = (most / 16 / PIECE).max(1) * PIECE;
        let files = VecDeque::from([(Arc::new(private_file()?), 0)]);
        Ok(Segments { size, held: Mutex::new(Held { files, ..Held::default() }) })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What can be read now.
    pub fn content(&self) -> Content {
        let held = self.held();
        Content {
            files: held.files.iter().map(|(file, _)| Arc::clone(file)).collect(),
            size: self.size,
            first: held.first,
            start: held.start,
            lines_before: held.lines_before,
            length: held.length,
        }
    }

    /// The same, where something changed.
    pub fn newer(&self, known: &Content) -> Option<Content> {
        let is_same = {
            let held = self.held();
            (held.length, held.first) == (known.length, known.first)
        };
        (!is_same).then(|| self.content())
    }

    /// Bytes that are kept.
    pub fn kept(&self) -> u64 {
        let held = self.held();
        held.length - held.first
    }

    /// Adds bytes. Only one thread does.
    ///
    /// # Errors
    /// What the disk says; what was written before is there.
    pub fn append(&self, mut bytes: &[u8]) -> Result<(), SourceTrouble> {
        while !bytes.is_empty() {
            let (length, last) = {
                let held = self.held();
                (held.length, held.files.back().map(|(file, _)| Arc::clone(file)))
            };
            let within = length % self.size;
            let file = match last {
                Some(file) if within > 0 || length == 0 => file,
                _ => {
                    let file = Arc::new(private_file()?);
                    self.held().files.push_back((Arc::clone(&file), 0));
                    file
                }
            };
            let room = usize::try_from(self.size - within).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            file.write_all_at(now, within)
                .map_err(|error| SourceTrouble(format!("it cannot be kept: {error}")))?;
            let mut held = self.held();
            held.length += now.len() as u64;
            if let Some((_, lines)) = held.files.back_mut() {
                *lines += memchr::memchr_iter(b'\n', now).count() as u64;
            }
            bytes = later;
        }
        Ok(())
    }

    /// Where the file begins that follows the oldest; `None` where there is only one.
    pub fn second(&self) -> Option<u64> {
        let held = self.held();
        (held.files.len() > 1).then(|| held.first + self.size)
    }

    /// Gives up the oldest file.
    pub fn give_up_oldest(&self) {
        let mut held = self.held();
        if held.files.len() < 2 {
            return;
        }
        let Some((_, lines)) = held.files.pop_front() else { return };
        held.first += self.size;
        held.lines_given_up += lines;
        let (mut start, mut lines_before) = (held.first, held.lines_given_up);
        // The rest of a line whose beginning is gone goes with it, unless it is endless.
        let mut head = vec![0; usize::try_from(PIECE).unwrap_or(0)];
        let read =
            held.files.front().map_or(0, |(file, _)| file.read_at(&mut head, 0).unwrap_or(0));
        if let Some(at) = memchr::memchr(b'\n', head.get(..read).unwrap_or(&[])) {
            start += at as u64 + 1;
            lines_before += 1;
        }
        (held.start, held.lines_before) = (start, lines_before);
    }
}

/// The free room on the disk of temporary files, in bytes.
pub fn room() -> Option<u64> {
    let found = rustix::fs::statvfs(directory()).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

fn directory() -> PathBuf {
    // /tmp is memory on many machines; a stream can be large.
    match std::env::var_os("TMPDIR").filter(|dir| !dir.is_empty()) {
        Some(directory) => PathBuf::from(directory),
        None if Path::new("/var/tmp").is_dir() => PathBuf::from("/var/tmp"),
        None => std::env::temp_dir(),
    }
}

/// A file only this process can reach.
fn private_file() -> Result<File, SourceTrouble> {
    let directory = directory();
    let mut last = None;
    for attempt in 0..16u32 {
        let mut salt = [0u8; 8];
        // Without randomness the attempt's number alone tells names apart.
        let _ = rustix::rand::getrandom(&mut salt, rustix::rand::GetRandomFlags::empty());
        let salt = u64::from_ne_bytes(salt).wrapping_add(u64::from(attempt));
        let path = directory.join(format!(".shopfloor-{}-{salt:016x}", std::process::id()));
        match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => {
                let _ = std::fs::remove_file(&path);
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = Some(error),
            Err(error) => {
                last = Some(error);
                break;
            }
        }
    }
    let why = last.map_or_else(String::new, |error| error.to_string());
    Err(SourceTrouble(format!(
        "no temporary file can be made in {}: {why}; set TMPDIR to a directory you can write",
        directory.display()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_given_up_at_the_beginning_of_a_line() {
        let segments = Segments::new(PIECE * 4).unwrap();
        assert_eq!(segments.second(), None);
        let line = |n: usize| format!("line {n:06} of a stream\n");
        let count = 20_000;
        for n in 1..=count {
            segments.append(line(n).as_bytes()).unwrap();
        }
        let before = segments.content();
        assert_eq!((before.start(), before.lines_before()), (0, 0));
        assert_eq!(segments.second(), Some(PIECE));
        segments.give_up_oldest();
        segments.give_up_oldest();
        let after = segments.newer(&before).unwrap();
        assert!(segments.newer(&after).is_none());
        assert_eq!(after.length(), before.length());
        let len = line(1).len() as u64;
        assert_eq!(after.start(), (2 * PIECE).next_multiple_of(len));
        assert_eq!(after.lines_before(), after.start() / len);
        let mut bytes = vec![0; line(1).len() * 3000];
        assert_eq!(after.read_at(after.start(), &mut bytes).unwrap(), bytes.len(), "across files");
        let first = usize::try_from(after.lines_before()).unwrap() + 1;
        let wanted: String = (first..first + 3000).map(line).collect();
        assert!(bytes == wanted.as_bytes());
        // Who looked before still reads what is gone.
        assert_eq!(before.read_at(0, &mut bytes[..7]).unwrap(), 7);
        assert_eq!(&bytes[..7], b"line 00");
        assert_eq!(after.read_at(0, &mut bytes).unwrap(), 0);
        assert_eq!(after.read_at(after.length() - 3, &mut bytes).unwrap(), 3);
    }
}
