//! How a journal's line looks, and the reader.
//!
//! ```text
//! {"v":1,"seq":3,"at":1795271000123,"event":{"what":"output-mark","offset":4096},"hash":"9f…"}
//! ```
//!
//! `hash` is SHA-256 over the hash of the line before (64 hexadecimal digits;
//! for the first line 64 zeros) and this line's bytes up to the comma before
//! `"hash"`. So a changed byte, a missing line and a line from elsewhere are
//! all noticed, and a line that was torn while it was written is recognised
//! by its missing end.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::Stamp;

use super::event::Event;

/// The version that this program writes and reads.
pub const VERSION: u64 = 1;

/// What stands between a line's body and its hash.
const BEFORE_HASH: &[u8] = b",\"hash\":\"";
/// What ends a line.
const AFTER_HASH: &[u8] = b"\"}";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// One line, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts from 1 without a hole.
    pub seq: u64,
    /// When it was written, by the machine's clock, which may have been set back since.
    pub at: Stamp,
    /// What happened.
    pub event: Event,
}

#[derive(Serialize, Deserialize)]
struct Body {
    v: u64,
    seq: u64,
    at: i64,
    event: Event,
}

/// Only what a newer version must still say.
#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

/// The end of a chain: what the next line is hashed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The number of the last line; 0 before the first.
    pub seq: u64,
    hash: String,
}

impl Default for Chain {
    fn default() -> Chain {
        Chain { seq: 0, hash: "0".repeat(DIGITS) }
    }
}

impl Chain {
    /// The next line, with its line end. The chain moves on only when the
    /// caller says so by taking the chain that is returned: a line that could
    /// not be written is no part of it.
    ///
    /// # Errors
    /// When the event cannot be written as JSON, which none of ours does.
    pub fn line(&self, at: Stamp, event: &Event) -> Result<(Vec<u8>, Chain), String> {
        let body = Body { v: VERSION, seq: self.seq + 1, at: at.0, event: event.clone() };
        let mut line = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
        // Without the closing brace: the hash is the last field.
        line.pop();
        let hash = digest(&self.hash, &line);
        line.extend_from_slice(BEFORE_HASH);
        line.extend_from_slice(hash.as_bytes());
        line.extend_from_slice(AFTER_HASH);
        line.push(b'\n');
        Ok((line, Chain { seq: self.seq + 1, hash }))
    }
}

fn digest(before: &str, body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(before.as_bytes());
    hasher.update(body);
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A journal as far as it can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Read {
    /// The lines, in order.
    pub entries: Vec<Entry>,
    /// Where the chain stands after them.
    pub chain: Chain,
    /// How many bytes they are.
    pub bytes: u64,
    /// Bytes of a last line that was torn while it was written; they were dropped.
    pub torn: u64,
}

/// What is wrong with a journal. What comes before the place is good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Written by a program that knows more.
    #[error(
        "line {line} of the journal has version {version}, this program reads {VERSION}; use the newer shopfloor"
    )]
    Newer {
        /// The line, from 1.
        line: u64,
        /// Its version.
        version: u64,
    },
    /// Lines are missing.
    #[error(
        "lines are missing from the journal before line {line}: number {found} follows {before}"
    )]
    Hole {
        /// The line, from 1.
        line: u64,
        /// The number before it.
        before: u64,
        /// Its number.
        found: u64,
    },
    /// A byte is not what was written.
    #[error("line {line} of the journal was changed or damaged after it was written")]
    Damaged {
        /// The line, from 1.
        line: u64,
    },
}

/// Reads a journal. A last line without its end was torn and is dropped;
/// everything else that is not as it was written is trouble. The lines before
/// the trouble come with it.
///
/// # Errors
/// What is wrong and where, with what is good before it.
pub fn read(bytes: &[u8]) -> Result<Read, (Trouble, Read)> {
    let mut so_far = Read::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some(end) = memchr::memchr(b'\n', rest) else {
            so_far.torn = rest.len() as u64;
            break;
        };
        let (line, after) = rest.split_at(end);
        match next(&so_far.chain, line) {
            Ok((entry, chain)) => {
                so_far.entries.push(entry);
                so_far.chain = chain;
                so_far.bytes += line.len() as u64 + 1;
            }
            Err(trouble) => return Err((trouble, so_far)),
        }
        rest = after.get(1..).unwrap_or_default();
    }
    Ok(so_far)
}

/// Reads the line that must follow.
///
/// # Errors
/// Why it does not.
pub fn next(chain: &Chain, line: &[u8]) -> Result<(Entry, Chain), Trouble> {
    let number = chain.seq + 1;
    let damaged = || Trouble::Damaged { line: number };
    if let Ok(Versioned { v }) = serde_json::from_slice::<Versioned>(line)
        && v > VERSION
    {
        return Err(Trouble::Newer { line: number, version: v });
    }
    let body_end = line
        .len()
        .checked_sub(BEFORE_HASH.len() + DIGITS + AFTER_HASH.len())
        .ok_or_else(damaged)?;
    let (body, tail) = line.split_at(body_end);
    let hash = tail
        .strip_prefix(BEFORE_HASH)
        .and_then(|tail| tail.strip_suffix(AFTER_HASH))
        .and_then(|hash| std::str::from_utf8(hash).ok())
        .ok_or_else(damaged)?;
    let mut json = body.to_vec();
    json.push(b'}');
    let parsed: Body = serde_json::from_slice(&json).map_err(|_| damaged())?;
    if parsed.v == VERSION && parsed.seq > number {
        // Its own hash cannot be checked without the one before.
        return Err(Trouble::Hole { line: number, before: chain.seq, found: parsed.seq });
    }
    if digest(&chain.hash, body) != hash || parsed.seq != number || parsed.v != VERSION {
        return Err(damaged());
    }
    let entry = Entry { seq: parsed.seq, at: Stamp(parsed.at), event: parsed.event };
    Ok((entry, Chain { seq: number, hash: hash.to_owned() }))
}
