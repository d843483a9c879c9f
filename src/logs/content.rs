//! The bytes of a source, read where they are looked at.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

/// The bytes of a source as they were when it was last looked at: what was given
/// up meanwhile is still read, what came is not there yet.
#[derive(Debug, Clone)]
pub struct Content {
    /// One file, or parts of the same size that follow each other.
    pub(super) files: Vec<Arc<File>>,
    /// Bytes of a part.
    pub(super) size: u64,
    /// Where the first part begins.
    pub(super) first: u64,
    pub(super) start: u64,
    pub(super) lines_before: u64,
    pub(super) length: u64,
}

impl Content {
    /// The bytes of one file.
    pub(super) fn of_file(file: Arc<File>, length: u64) -> Content {
        Content { files: vec![file], size: u64::MAX, first: 0, start: 0, lines_before: 0, length }
    }

    /// Where the first byte is that was not given up.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Line ends before that.
    pub fn lines_before(&self) -> u64 {
        self.lines_before
    }

    /// Where it ends, as last looked at.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Reads from an offset on; fewer bytes than asked only at the end.
    ///
    /// # Errors
    /// What the disk says.
    pub fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let Some(at) = (offset + done as u64).checked_sub(self.first) else { break };
            let (number, within) = (at / self.size, at % self.size);
            let file = usize::try_from(number).ok().and_then(|number| self.files.get(number));
            let Some(file) = file else { break };
            let room = usize::try_from(self.size - within).unwrap_or(usize::MAX).min(rest.len());
            match file.read_at(rest.get_mut(..room).unwrap_or(&mut []), within) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}
