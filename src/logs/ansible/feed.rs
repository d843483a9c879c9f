//! Bytes, in pieces of any size, to lines.

use memchr::memchr;

use super::outline::Outline;
use super::reader::Reader;

/// Bytes of a line that the grammar sees; no line of Ansible tells more later.
const LONGEST_LINE: usize = 1024 * 1024;

/// A [`Reader`] that is fed with bytes as they come: pieces may end anywhere,
/// also inside a letter or an escape sequence.
#[derive(Debug, Default)]
pub struct Feed {
    reader: Reader,
    /// The beginning of a line whose end did not come yet.
    partial: Vec<u8>,
    /// Bytes of that line, also those beyond the longest that is kept.
    partial_length: u64,
    /// Number of the next line.
    number: u64,
    /// Byte at which the next line begins.
    offset: u64,
}

impl Feed {
    /// A feed whose next byte is byte `offset` of the log and begins line `number`.
    pub fn starting_at(number: u64, offset: u64) -> Feed {
        Feed { number, offset, ..Feed::default() }
    }

    /// The clock for what comes next, in milliseconds since 1970.
    pub fn clock(&mut self, unix_ms: i64) {
        self.reader.clock(unix_ms);
    }

    /// Takes more bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while let Some(at) = memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(at + 1);
            bytes = rest;
            if self.partial_length == 0 {
                let line_length = line.len() as u64;
                self.take(line.get(..LONGEST_LINE.min(at)).unwrap_or(line), line_length);
            } else {
                self.keep(line.get(..at).unwrap_or(line));
                let whole = std::mem::take(&mut self.partial);
                let length = std::mem::take(&mut self.partial_length) + 1;
                self.take(&whole, length);
                self.partial = whole;
                self.partial.clear();
            }
        }
        if !bytes.is_empty() {
            self.keep(bytes);
        }
    }

    /// Tells the reader of the line whose end did not come yet: it may be a
    /// prompt. To be called when nothing came for a moment.
    pub fn pause(&mut self) {
        let text = String::from_utf8_lossy(&self.partial);
        self.reader.unfinished(self.number, self.offset, &text);
    }

    /// The log is at its end; `cut` when its writer died in the middle.
    pub fn end(&mut self, cut: bool) {
        if self.partial_length > 0 && !cut {
            let whole = std::mem::take(&mut self.partial);
            let length = std::mem::take(&mut self.partial_length);
            self.take(&whole, length);
        }
        self.reader.end(cut);
    }

    /// What was understood so far.
    pub fn outline(&self) -> &Outline {
        self.reader.outline()
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.partial.len());
        self.partial.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or(bytes));
        self.partial_length += bytes.len() as u64;
    }

    fn take(&mut self, line: &[u8], length: u64) {
        match std::str::from_utf8(line) {
            Ok(text) => self.reader.line(self.number, self.offset, text),
            Err(_) => self.reader.line(self.number, self.offset, &String::from_utf8_lossy(line)),
        }
        self.number += 1;
        self.offset += length;
    }
}
