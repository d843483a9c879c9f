//! A source: a file that is read where it is looked at, and watched for growth,
//! truncation and rotation. Everything else (standard input, packed files, live
//! streams) is spooled into private temporary files first and then read the same way.
//!
//! Positioned reads only: a mapped file that somebody truncates kills the process.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::Content;
use super::spool::{self, Packing, Spool};
use super::times::RunTimes;

/// How many bytes of the beginning tell one content from another.
const FACE: usize = 256;

/// Where the lines of a source come from.
#[derive(Debug)]
enum Origin {
    /// A file that others may go on writing.
    Path { path: PathBuf, file: Arc<File>, identity: (u64, u64) },
    /// A spool that is being filled.
    Spool(Arc<Spool>),
}

/// Something that lines can be read from.
#[derive(Debug)]
pub struct Source {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub content: Content,
    origin: Origin,
    face: Vec<u8>,
    /// When the bytes of a run's output arrived.
    pub times: Option<RunTimes>,
    /// The year and month lines without a year are of, from the file's own date.
    pub about: Option<(i16, u8)>,
}

/// What became of a source since it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Growth {
    /// Nothing.
    Same,
    /// It is longer.
    Grown,
    /// It holds something else now: shorter than before, or with another beginning.
    Truncated {
        /// Bytes before.
        was: u64,
        /// Bytes now.
        is: u64,
    },
    /// Another file has its name now; this one is still read.
    Rotated,
    /// Nothing has its name any more; this one is still read.
    Removed,
}

/// Why something cannot be opened: one sentence with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceTrouble(pub String);

impl Source {
    /// Opens a file, packed or not; a FIFO is read as a stream.
    ///
    /// # Errors
    /// One sentence when it is missing, may not be read, or is no file with lines.
    pub fn open(path: &Path) -> Result<Source, SourceTrouble> {
        let name = path
            .file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let found = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        let kind = found.file_type();
        if kind.is_dir() {
            return Err(SourceTrouble(format!(
                "{} is a directory; name a file in it",
                path.display()
            )));
        }
        if kind.is_fifo() {
            return Source::from_fifo(path, name);
        }
        if kind.is_char_device() || kind.is_block_device() || kind.is_socket() {
            return Err(SourceTrouble(format!(
                "{} is a device, not a file with lines; pipe it: `shopfloor log - < {}`",
                path.display(),
                path.display()
            )));
        }
        let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let mut head = [0u8; 8];
        let read = file.read_at(&mut head, 0).map_err(|error| unreadable(path, &error))?;
        if let Some(packing) = Packing::of(head.get(..read).unwrap_or(&[])) {
            // The reader starts at the beginning.
            std::io::Seek::rewind(&mut file).map_err(|error| unreadable(path, &error))?;
            let advice = packing.advice(path);
            let spool = Spool::start_advised(packing.reader(file, path)?, &name, &advice)?;
            return Ok(Source::spooled(name, spool));
        }
        let mut source = Source::of_file(name, file, path, &found)?;
        source.times = RunTimes::beside(path);
        Ok(source)
    }

    /// Standard input.
    ///
    /// # Errors
    /// When there is no room for a temporary file.
    pub fn stdin() -> Result<Source, SourceTrouble> {
        let spool = Spool::start(Box::new(io::stdin()), "standard input")?;
        Ok(Source::spooled("standard input".to_owned(), spool))
    }

    /// A stream that `reader` gives, under a name.
    ///
    /// # Errors
    /// When there is no room for a temporary file.
    pub fn stream(name: &str, reader: Box<dyn io::Read + Send>) -> Result<Source, SourceTrouble> {
        Ok(Source::spooled(name.to_owned(), Spool::start(reader, name)?))
    }

    /// A live source: its pieces come over the sender, which waits when they come
    /// faster than the disk takes them. The source ends with the last sender.
    ///
    /// # Errors
    /// When there is no room for a temporary file.
    pub fn live(
        name: &str,
    ) -> Result<(Source, std::sync::mpsc::SyncSender<Vec<u8>>), SourceTrouble> {
        let (to, pieces) = spool::pieces();
        Ok((Source::stream(name, Box::new(pieces))?, to))
    }

    fn from_fifo(path: &Path, name: String) -> Result<Source, SourceTrouble> {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Without a writer a blocking open would wait for ever; so would a read.
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        let file = std::fs::OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(path)
            .map_err(|error| unreadable(path, &error))?;
        let spool = Spool::start(Box::new(spool::Patient(file)), &name)?;
        Ok(Source::spooled(name, spool))
    }

    fn spooled(name: String, spool: Arc<Spool>) -> Source {
        Source {
            name,
            content: spool.content(),
            origin: Origin::Spool(spool),
            face: Vec::new(),
            times: None,
            about: None,
        }
    }

    fn of_file(
        name: String,
        file: File,
        path: &Path,
        found: &Metadata,
    ) -> Result<Source, SourceTrouble> {
        let length = file.metadata().map_or(found.len(), |now| now.len());
        let file = Arc::new(file);
        let identity = (found.dev(), found.ino());
        let mut source = Source {
            name,
            content: Content::of_file(Arc::clone(&file), length),
            origin: Origin::Path { path: path.to_path_buf(), file, identity },
            face: Vec::new(),
            times: None,
            about: month_of(found.mtime()),
        };
        source.face = source.read_face().map_err(|error| unreadable(path, &error))?;
        Ok(source)
    }

    /// How long it is, as last looked at.
    pub fn length(&self) -> u64 {
        self.content.length()
    }

    /// Whether more can come: a file always may grow, a stream until it ends.
    pub fn is_live(&self) -> bool {
        match &self.origin {
            Origin::Path { .. } => true,
            Origin::Spool(spool) => !spool.is_done(),
        }
    }

    /// A word for the list of sources: how it is read.
    pub fn kind(&self) -> &'static str {
        match &self.origin {
            Origin::Path { .. } => "file",
            Origin::Spool(spool) if spool.is_done() => "done",
            Origin::Spool(_) => "live",
        }
    }

    /// What went wrong or was left out while it was spooled, if something was.
    pub fn trouble(&self) -> Option<String> {
        match &self.origin {
            Origin::Path { .. } => None,
            Origin::Spool(spool) => spool.trouble(),
        }
    }

    /// Bytes that came and are not kept: the end of a packed file, the beginning of a stream.
    pub fn left_out(&self) -> u64 {
        match &self.origin {
            Origin::Path { .. } => 0,
            Origin::Spool(spool) => spool.left_out() + self.content.start(),
        }
    }

    /// What a stream gives from here on must not be given up until this is called with more.
    pub fn wants_from(&self, offset: u64) {
        if let Origin::Spool(spool) = &self.origin {
            spool.wants_from(offset);
        }
    }

    /// Whether it is a stream that was put into a temporary file.
    pub fn is_spooled(&self) -> bool {
        matches!(self.origin, Origin::Spool(_))
    }

    /// What the disk tells of the file that is read; `None` for a stream.
    pub fn metadata(&self) -> Option<Metadata> {
        match &self.origin {
            Origin::Path { file, .. } => file.metadata().ok(),
            Origin::Spool(_) => None,
        }
    }

    /// The file behind it, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Path { path, .. } => Some(path),
            Origin::Spool(_) => None,
        }
    }

    fn read_face(&self) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.length()).unwrap_or(FACE).min(FACE);
        let mut face = vec![0; len];
        let read = self.content.read_at(0, &mut face)?;
        face.truncate(read);
        Ok(face)
    }

    /// Looks whether it grew, shrank or was replaced.
    pub fn look(&mut self) -> Growth {
        let was = self.length();
        let (path, file, identity) = match &self.origin {
            Origin::Path { path, file, identity } => (path, file, *identity),
            Origin::Spool(spool) => {
                let Some(newer) = spool.newer(&self.content) else { return Growth::Same };
                self.content = newer;
                return Growth::Grown;
            }
        };
        let is = file.metadata().map_or(was, |found| found.len());
        let named = std::fs::metadata(path).map(|found| (found.dev(), found.ino()));
        if let Some(times) = &mut self.times {
            times.look();
        }
        if is != was || is == 0 {
            let has_other_face = self.face_changed();
            self.content.length = is;
            if is < was || has_other_face {
                self.face = self.read_face().unwrap_or_default();
                return Growth::Truncated { was, is };
            }
            if self.face.len() < FACE && is > was {
                self.face = self.read_face().unwrap_or_default();
            }
            if is > was {
                return Growth::Grown;
            }
        }
        match named {
            Ok(named) if named != identity => Growth::Rotated,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Growth::Removed,
            _ => Growth::Same,
        }
    }

    fn face_changed(&self) -> bool {
        let mut now = vec![0; self.face.len()];
        match self.content.read_at(0, &mut now) {
            Ok(read) => now.get(..read) != Some(self.face.as_slice()),
            Err(_) => false,
        }
    }

    /// Opens what has its name now.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn reopen(&self) -> Result<Source, SourceTrouble> {
        match &self.origin {
            Origin::Path { path, .. } => Source::open(path),
            Origin::Spool(_) => {
                Err(SourceTrouble(format!("{} is a stream; it cannot be read again", self.name)))
            }
        }
    }
}

/// Year and month of a file's date, for lines that give neither.
fn month_of(seconds: i64) -> Option<(i16, u8)> {
    let at = jiff::Timestamp::from_second(seconds).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    Some((at.year(), u8::try_from(at.month()).ok()?))
}

fn unreadable(path: &Path, error: &io::Error) -> SourceTrouble {
    let place = path.display();
    SourceTrouble(match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file {place}; check the name"),
        io::ErrorKind::PermissionDenied => {
            format!("{place} may not be read by this user; try with sudo, or copy it")
        }
        _ => format!("{place} cannot be read: {error}; copy it and open the copy"),
    })
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
