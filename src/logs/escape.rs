//! Where an escape sequence ends, and what it is; text without any.

use std::borrow::Cow;

/// An escape sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape<'b> {
    /// `ESC [ … last`: attributes, cursor, erasing.
    Csi {
        /// A private mark (`?`, `>` …); such sequences are about modes.
        prefix: Option<u8>,
        /// Digits, semicolons and colons.
        parameters: &'b [u8],
        /// The byte that says what it does.
        last: u8,
    },
    /// `ESC ] … BEL` or `ESC ] … ESC \`: titles, links, the clipboard.
    Command(&'b [u8]),
    /// A string for a device (DCS, APC, PM, SOS) of so many bytes.
    Device(usize),
    /// A character set is chosen.
    Set,
    /// `ESC` and one more byte.
    Short(u8),
}

/// The sequence that `bytes` begins with (its first byte is `ESC`) and its
/// length; `None` when it does not end within `bytes`.
pub fn read(bytes: &[u8]) -> Option<(usize, Escape<'_>)> {
    match *bytes.get(1)? {
        b'[' => csi(bytes),
        b']' => {
            let (len, text) = string(bytes)?;
            Some((len, Escape::Command(text)))
        }
        b'P' | b'X' | b'^' | b'_' => {
            let (len, text) = string(bytes)?;
            Some((len, Escape::Device(text.len())))
        }
        0x20..=0x2f => {
            let end = bytes.iter().skip(1).position(|byte| !(0x20..=0x2f).contains(byte))? + 1;
            let is_final = (0x30..=0x7e).contains(bytes.get(end)?);
            is_final.then_some((end + 1, Escape::Set))
        }
        last @ 0x30..=0x7e => Some((2, Escape::Short(last))),
        _ => None,
    }
}

/// Where something was left out of a text: the place in the text, and the place in the bytes behind it.
pub type Cut = (usize, usize);

/// Appends to `text` the bytes of whole lines without their escape sequences,
/// and to `cuts` where they were. One that never ends in its line stays.
pub fn strip(bytes: &[u8], text: &mut Vec<u8>, cuts: &mut Vec<Cut>) {
    let mut from = 0;
    for at in memchr::memchr_iter(0x1b, bytes) {
        if at < from {
            continue;
        }
        let mut rest = bytes.get(at..).unwrap_or(&[]);
        if matches!(rest.get(1), Some(b']' | b'P' | b'X' | b'^' | b'_')) {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            rest = rest.get(..end).unwrap_or(rest);
        }
        if let Some((len, _)) = read(rest) {
            text.extend_from_slice(bytes.get(from..at).unwrap_or(&[]));
            from = at + len;
            cuts.push((text.len(), from));
        }
    }
    text.extend_from_slice(bytes.get(from..).unwrap_or(&[]));
}

/// Where in the bytes a place of the text is; a sequence right there belongs to what follows it.
pub fn place_before(cuts: &[Cut], place: usize) -> usize {
    let at = cuts.partition_point(|cut| cut.0 < place);
    match at.checked_sub(1).and_then(|at| cuts.get(at)) {
        Some((text, bytes)) => bytes + (place - text),
        None => place,
    }
}

/// A line without its escape sequences.
pub fn stripped(line: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(0x1b, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut text = Vec::with_capacity(line.len());
    strip(line, &mut text, &mut Vec::new());
    Cow::Owned(text)
}

/// The first parameter of a sequence, or what it is without one.
pub fn first(parameters: &[u8], default: u16) -> u16 {
    let digits = parameters.split(|byte| *byte == b';' || *byte == b':').next().unwrap_or(&[]);
    if digits.is_empty() {
        return default;
    }
    std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(u16::MAX)
}

fn csi(bytes: &[u8]) -> Option<(usize, Escape<'_>)> {
    let body = bytes.get(2..)?;
    let parameters = body.iter().position(|byte| !(0x30..=0x3f).contains(byte))?;
    let tail = body.get(parameters..)?;
    let between = tail.iter().position(|byte| !(0x20..=0x2f).contains(byte))?;
    let last = *tail.get(between)?;
    if !(0x40..=0x7e).contains(&last) {
        return None;
    }
    let len = 2 + parameters + between + 1;
    let parameters = body.get(..parameters)?;
    let is_private = parameters.first().is_some_and(|byte| (0x3c..=0x3f).contains(byte));
    let mark = if between > 0 { tail.first().copied() } else { None };
    let prefix = if is_private { parameters.first().copied() } else { mark };
    Some((len, Escape::Csi { prefix, parameters, last }))
}

/// A string that `BEL` or `ESC \` ends: its length with both, and what is in it.
fn string(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let body = bytes.get(2..)?;
    let end = memchr::memchr2(0x07, 0x1b, body)?;
    let text = body.get(..end)?;
    if body.get(end) == Some(&0x07) {
        return Some((2 + end + 1, text));
    }
    (body.get(end + 1) == Some(&b'\\')).then_some((2 + end + 2, text))
}
