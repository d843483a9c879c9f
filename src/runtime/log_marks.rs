//! Marked lines, kept from one session to the next in one file of the user.
//!
//! A mark belongs to a file, not to its name: to the same file on the same
//! device, made at the same moment, that still begins and reads there as it did
//! when the line was marked. So a log keeps its marks when it is renamed
//! (rotated) and grows, and neither what comes in its place nor what is written
//! over it has them.

use std::os::unix::fs::MetadataExt as _;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::app::logs::LogMark;
use crate::logs::lines::Lines;
use crate::logs::source::Source;
use crate::logs::view::{Spot, View};

use super::state_dir::StateDir;

/// The file.
const FILE: &str = "log-marks.json";
/// The version of what is in it.
const SCHEMA: u32 = 1;
/// Files whose marks are kept; the one that was not marked for the longest time goes first.
const FILES: usize = 200;
/// The most that is read of it, in bytes.
const MOST: u64 = 8 << 20;
/// Bytes of the beginning, and before a mark, that tell one content from another.
const FACE: u64 = 256;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Book {
    schema: u32,
    files: Vec<Marked>,
}

/// The marks of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Marked {
    device: u64,
    inode: u64,
    /// When it was made, in milliseconds since 1970, where the disk knows.
    made: Option<u64>,
    /// So long it was at least.
    length: u64,
    /// Its beginning: so many bytes, and their hash.
    face: (u64, String),
    /// Where marked lines begin, where they ended then, and the hash of them with what stands before.
    marks: Vec<(u64, u64, String)>,
}

/// Where marks are kept.
#[derive(Debug, Clone)]
pub struct MarkBook {
    state: StateDir,
}

impl MarkBook {
    /// The book of this user.
    pub fn of_user() -> Option<MarkBook> {
        StateDir::of_user().ok().map(|state| MarkBook { state })
    }

    /// In this directory.
    pub fn in_directory(state: StateDir) -> MarkBook {
        MarkBook { state }
    }

    /// Where the marked lines of a source begin.
    pub fn marks_of(&self, source: &Source) -> Vec<u64> {
        let Some(now) = told_of(source) else { return Vec::new() };
        let book = self.read();
        let same = book.files.iter().filter(|marked| is_same(marked, &now, source));
        let marks = same.flat_map(|marked| &marked.marks);
        let there = marks.filter(|(at, end, print)| {
            starts_line(source, *at) && print_of(source, *at, *end).as_ref() == Some(print)
        });
        there.map(|(at, _, _)| *at).collect()
    }

    /// Keeps these marks of a source, and no others of it. What is no file has none.
    ///
    /// # Errors
    /// One sentence when they cannot be written.
    pub fn keep(&self, source: &Source, marks: &[u64]) -> Result<(), String> {
        let Some(mut now) = told_of(source) else { return Ok(()) };
        let lines = marks.iter().filter(|at| starts_line(source, **at));
        let prints = lines.filter_map(|at| {
            let end = Lines::new(&source.content).at(*at).ok()??.end;
            Some((*at, end, print_of(source, *at, end)?))
        });
        now.marks = prints.collect();
        let mut book = self.read();
        book.schema = SCHEMA;
        book.files.retain(|marked| !is_same(marked, &now, source));
        if !now.marks.is_empty() {
            book.files.push(now);
        }
        let over = book.files.len().saturating_sub(FILES);
        book.files.drain(..over);
        let text = serde_json::to_vec(&book).map_err(|error| error.to_string());
        let written = text.and_then(|text| {
            self.state.write(FILE, &text).map_err(|error| self.state.explain(&error))
        });
        written.map(drop).map_err(|why| format!("marks are not kept: {why}"))
    }

    /// What cannot be understood has no marks; it is written anew with the next one.
    fn read(&self) -> Book {
        let path = self.state.path().join(FILE);
        let is_small = std::fs::metadata(&path).is_ok_and(|found| found.len() <= MOST);
        let text = if is_small { std::fs::read(&path).ok() } else { None };
        let book = text.and_then(|text| serde_json::from_slice::<Book>(&text).ok());
        book.filter(|book| book.schema == SCHEMA).unwrap_or_default()
    }
}

/// The marks of the sources that are open.
#[derive(Debug, Default)]
pub struct MarkKeeper {
    book: Option<MarkBook>,
    marks: Vec<LogMark>,
    /// What the sources were when their marks were looked up: how often they
    /// began anew, and where they begin.
    known: Vec<(u32, u64)>,
}

impl MarkKeeper {
    /// Marks that are kept in this book, if there is one.
    pub fn new(book: Option<MarkBook>) -> MarkKeeper {
        MarkKeeper { book, ..MarkKeeper::default() }
    }

    /// Marks a line, or takes its mark away.
    ///
    /// # Errors
    /// One sentence when that is not kept; it holds until the log is left.
    pub fn set(&mut self, view: &View, spot: Spot, is_marked: bool) -> Result<(), String> {
        self.marks.retain(|mark| mark.spot != spot);
        if is_marked {
            let at = view.time_of(spot).ok().flatten();
            self.marks.push(LogMark { spot, at });
        }
        let Some(held) = view.sources.get(usize::from(spot.0)) else { return Ok(()) };
        let Some(book) = &self.book else { return Ok(()) };
        let of_source = self.marks.iter().filter(|mark| mark.spot.0 == spot.0);
        let marks: Vec<u64> = of_source.map(|mark| mark.spot.1).collect();
        book.keep(&held.source, &marks)
    }

    /// The marks, where others are there now: sources were opened, began anew, or lost lines.
    pub fn look(&mut self, view: &View) -> Option<Vec<LogMark>> {
        let before = self.marks.clone();
        for (number, held) in view.sources.iter().enumerate() {
            let now = (held.generation, held.source.content.start());
            let known = self.known.get(number).copied();
            if known == Some(now) {
                continue;
            }
            let Ok(source) = u16::try_from(number) else { break };
            let is_same = known.is_some_and(|known| known.0 == now.0);
            self.marks.retain(|mark| mark.spot.0 != source || (is_same && mark.spot.1 >= now.1));
            if !is_same && let Some(book) = &self.book {
                for start in book.marks_of(&held.source) {
                    let spot = (source, start);
                    let at = view.time_of(spot).ok().flatten();
                    self.marks.push(LogMark { spot, at });
                }
            }
            match self.known.get_mut(number) {
                Some(known) => *known = now,
                None => self.known.push(now),
            }
        }
        (self.marks != before).then(|| self.marks.clone())
    }
}

/// What tells this file from others; `None` for a stream.
fn told_of(source: &Source) -> Option<Marked> {
    let found = source.metadata()?;
    let made = found.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let face = source.length().min(FACE);
    Some(Marked {
        device: found.dev(),
        inode: found.ino(),
        made: made.and_then(|at| u64::try_from(at.as_millis()).ok()),
        length: source.length(),
        face: (face, hash_of(source, 0, face)?),
        marks: Vec::new(),
    })
}

fn is_same(known: &Marked, now: &Marked, source: &Source) -> bool {
    (known.device, known.inode, known.made) == (now.device, now.inode, now.made)
        && known.length <= now.length
        && hash_of(source, 0, known.face.0).as_ref() == Some(&known.face.1)
}

fn starts_line(source: &Source, at: u64) -> bool {
    Lines::new(&source.content).start_of(at).is_ok_and(|start| start == at)
}

/// The hash of a line and of what stands before it. A last line may still grow: it counts up to where it ended.
fn print_of(source: &Source, at: u64, end: u64) -> Option<String> {
    hash_of(source, at.saturating_sub(FACE), end)
}

fn hash_of(source: &Source, from: u64, to: u64) -> Option<String> {
    let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).ok()?];
    let read = source.content.read_at(from, &mut bytes).ok()?;
    let digest = Sha256::digest(bytes.get(..read)?);
    Some(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;

    use super::*;

    fn lines(word: &str, count: usize) -> String {
        (1..=count).map(|n| format!("{word} {n}\n")).collect()
    }

    fn marks(book: &MarkBook, path: &Path) -> Vec<u64> {
        book.marks_of(&Source::open(path).unwrap())
    }

    #[test]
    fn marks_are_of_the_file_wherever_it_goes_and_of_no_other() {
        let scratch = tempfile::tempdir().unwrap();
        let state = || StateDir::open_at(scratch.path().join("state")).unwrap();
        let book = MarkBook::in_directory(state());
        let (path, rotated) = (scratch.path().join("a.log"), scratch.path().join("a.log.1"));
        std::fs::write(&path, lines("line", 100)).unwrap();
        book.keep(&Source::open(&path).unwrap(), &[0, 7 * 9, 5]).unwrap();
        let book = MarkBook::in_directory(state());
        assert_eq!(marks(&book, &path), [0, 63], "no line begins at byte 5");

        // It grows, is renamed, and another one with the same lines comes in its place.
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"more\n").unwrap();
        assert_eq!(marks(&book, &path), [0, 63]);
        std::fs::rename(&path, &rotated).unwrap();
        std::fs::write(&path, lines("line", 200)).unwrap();
        assert_eq!(marks(&book, &rotated), [0, 63]);
        assert_eq!(marks(&book, &path), Vec::<u64>::new(), "the new file of that name has none");
        book.keep(&Source::open(&path).unwrap(), &[7]).unwrap();
        assert_eq!((marks(&book, &path), marks(&book, &rotated)), (vec![7], vec![0, 63]));

        // Written over in place: shorter, then as long with other lines.
        std::fs::write(&path, lines("line", 10)).unwrap();
        assert_eq!(marks(&book, &path), Vec::<u64>::new());
        std::fs::write(&path, lines("life", 200)).unwrap();
        assert_eq!(marks(&book, &path), Vec::<u64>::new());

        // Taken away again, and a file of marks that is no such file.
        book.keep(&Source::open(&rotated).unwrap(), &[]).unwrap();
        assert_eq!(marks(&book, &rotated), Vec::<u64>::new());
        std::fs::write(scratch.path().join("state").join(FILE), b"{\"schema\":9").unwrap();
        assert_eq!(marks(&book, &rotated), Vec::<u64>::new());
        book.keep(&Source::open(&rotated).unwrap(), &[0]).unwrap();
        assert_eq!(marks(&book, &rotated), [0]);
    }

    #[test]
    fn a_last_line_keeps_its_mark_when_it_goes_on() {
        let scratch = tempfile::tempdir().unwrap();
        let book = MarkBook::in_directory(StateDir::open_at(scratch.path().join("s")).unwrap());
        let path = scratch.path().join("log");
        std::fs::write(&path, "one\ntwo").unwrap();
        book.keep(&Source::open(&path).unwrap(), &[4]).unwrap();
        assert_eq!(marks(&book, &path), [4]);
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b" goes on\nthree\n").unwrap();
        assert_eq!(marks(&book, &path), [4]);
    }

    #[test]
    fn old_files_give_way() {
        let scratch = tempfile::tempdir().unwrap();
        let book = MarkBook::in_directory(StateDir::open_at(scratch.path().join("s")).unwrap());
        for n in 0..FILES + 5 {
            let path = scratch.path().join(n.to_string());
            std::fs::write(&path, format!("file {n}\n")).unwrap();
            book.keep(&Source::open(&path).unwrap(), &[0]).unwrap();
        }
        assert_eq!(book.read().files.len(), FILES);
        assert_eq!(marks(&book, &scratch.path().join("4")), Vec::<u64>::new());
        assert_eq!(marks(&book, &scratch.path().join("5")), [0]);
    }
}
