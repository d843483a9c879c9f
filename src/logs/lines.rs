//! Lines of a source, forward and backward from any place, through a window.
//!
//! A line that is longer than a piece is cut into pieces at fixed places of the
//! file, so that a line of 2 GiB costs no more than a short one and its pieces
//! are the same from whichever side they are reached: a place `k * PIECE` is a
//! start when the whole piece before it holds no line end (and is not one itself).

use std::io;

use super::content::Content;

/// Where long lines are cut, in bytes. No piece is longer than two of these.
pub const PIECE: u64 = 64 << 10;

/// How much is read at once, in bytes.
const WINDOW: usize = 256 << 10;

/// Where a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Its first byte.
    pub start: u64,
    /// Behind its last byte, without the line end.
    pub end: u64,
    /// Where the next one starts.
    pub next: u64,
    /// Whether it goes on in the next piece.
    pub goes_on: bool,
}

/// Reads lines of one content.
#[derive(Debug)]
pub struct Lines<'s> {
    content: &'s Content,
    length: u64,
    buffer: Vec<u8>,
    at: u64,
}

impl<'s> Lines<'s> {
    /// A reader of the source as long as it is now.
    pub fn new(content: &'s Content) -> Lines<'s> {
        Lines { content, length: content.length(), buffer: Vec::new(), at: 0 }
    }

    /// How long the source is for this reader.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The line that starts at `start`; `None` at the end.
    ///
    /// # Errors
    /// What the disk says.
    pub fn at(&mut self, start: u64) -> io::Result<Option<Extent>> {
        if start >= self.length {
            return Ok(None);
        }
        let cut = start.next_multiple_of(PIECE) + PIECE;
        // One byte more: a line end right at the cut belongs to this piece.
        let bytes = self.bytes(start, (cut + 1).min(self.length))?;
        let extent = match memchr::memchr(b'\n', bytes) {
            Some(at) => {
                let end = start + at as u64;
                Extent { start, end, next: end + 1, goes_on: false }
            }
            None => {
                let end = (start + bytes.len() as u64).min(cut);
                // A file that shrank meanwhile gives fewer bytes than it has.
                let next = if bytes.is_empty() { self.length } else { end };
                Extent { start, end, next, goes_on: end == cut && end < self.length }
            }
        };
        Ok(Some(extent))
    }

    /// The line before the one that starts at `start`; `None` at the beginning.
    ///
    /// # Errors
    /// What the disk says.
    pub fn before(&mut self, start: u64) -> io::Result<Option<Extent>> {
        let start = start.min(self.length);
        let Some(last) = start.checked_sub(1).filter(|last| *last >= self.content.start()) else {
            return Ok(None);
        };
        let begin = self.start_of(last)?;
        let is_ended = self.bytes(last, start)?.first() == Some(&b'\n');
        let end = if is_ended { last } else { start };
        Ok(Some(Extent {
            start: begin,
            end,
            next: start,
            goes_on: !is_ended && start < self.length,
        }))
    }

    /// Where the line that holds this byte starts.
    ///
    /// # Errors
    /// What the disk says.
    pub fn start_of(&mut self, offset: u64) -> io::Result<u64> {
        let first = self.content.start();
        if offset <= first {
            return Ok(first);
        }
        self.start_within(offset).map(|start| start.max(first))
    }

    fn start_within(&mut self, offset: u64) -> io::Result<u64> {
        let offset = offset.min(self.length);
        let piece = offset / PIECE * PIECE;
        let bytes = self.bytes(piece, offset)?;
        if let Some(at) = memchr::memrchr(b'\n', bytes) {
            return Ok(piece + at as u64 + 1);
        }
        let Some(before) = piece.checked_sub(PIECE) else { return Ok(0) };
        let bytes = self.bytes(before, piece)?;
        if let Some(at) = memchr::memrchr(b'\n', bytes) {
            return Ok(before + at as u64 + 1);
        }
        // A line end right at the cut belongs to the piece before it.
        let is_end = offset == piece && self.bytes(piece, piece + 1)?.first() == Some(&b'\n');
        if is_end { self.start_within(piece - 1) } else { Ok(piece) }
    }

    /// The bytes of a stretch (at most two pieces long, else its beginning).
    ///
    /// # Errors
    /// What the disk says.
    pub fn bytes(&mut self, start: u64, end: u64) -> io::Result<&[u8]> {
        let len = usize::try_from(end.saturating_sub(start)).unwrap_or(WINDOW / 2).min(WINDOW / 2);
        let held = self.at..self.at + self.buffer.len() as u64;
        if start < held.start || start + len as u64 > held.end {
            // A little before as well: reading backward comes there next.
            let from = if start < held.start && !self.buffer.is_empty() {
                (start + len as u64).saturating_sub(WINDOW as u64)
            } else {
                start.saturating_sub(4096)
            };
            let from = from.max(self.content.first).min(start);
            self.buffer.resize(WINDOW, 0);
            let read = self.content.read_at(from, &mut self.buffer)?;
            self.buffer.truncate(read);
            self.at = from;
        }
        let skip = usize::try_from(start - self.at).unwrap_or(usize::MAX);
        let end = skip.saturating_add(len).min(self.buffer.len());
        Ok(self.buffer.get(skip..end).unwrap_or(&[]))
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
