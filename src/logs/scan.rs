//! Looking through a whole source for lines, forward or backward, in chunks,
//! until told to stop. What is found may be looked at again before it counts.
//! Lines are looked through as they are read: a colour in a word does not part it.

use std::io;
use std::ops::ControlFlow;

use super::content::Content;
use super::escape;
use super::lines::{Lines, PIECE};
use super::matcher::Matcher;

/// How much is read at once, in bytes: it fits into the cache of a core.
const CHUNK: u64 = 256 << 10;

/// The same for the first look backward: what is looked for is often near.
const NEAR: u64 = 16 << 10;

/// Whether work is still wanted.
pub trait Wanted {
    /// `false` to stop at the next chance.
    fn is_wanted(&self) -> bool;
}

impl<F: Fn() -> bool> Wanted for F {
    fn is_wanted(&self) -> bool {
        self()
    }
}

/// A line (or a piece of a long one) that was found.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'b> {
    /// Offset of its first byte.
    pub start: u64,
    /// Its text: its bytes without escape sequences.
    pub line: &'b [u8],
}

/// Looks through `from..to` from the beginning and hands over each line that
/// matches, until told to break. `from` must be the start of a line.
/// Returns how far it came.
///
/// # Errors
/// What the disk says.
pub fn forward(
    content: &Content,
    (from, to): (u64, u64),
    matcher: &Matcher,
    wanted: &dyn Wanted,
    mut each: impl FnMut(Hit<'_>) -> ControlFlow<()>,
) -> io::Result<u64> {
    let mut buffer = Vec::new();
    let (mut text, mut cuts) = (Vec::new(), Vec::new());
    let mut at = from;
    while at < to {
        if !wanted.is_wanted() {
            return Ok(at);
        }
        let bytes = read_lines(content, at, to, &mut buffer)?;
        if bytes.is_empty() {
            break;
        }
        cuts.clear();
        let shown = if memchr::memchr(0x1b, bytes).is_some() {
            text.clear();
            escape::strip(bytes, &mut text, &mut cuts);
            text.as_slice()
        } else {
            bytes
        };
        let mut seen = 0;
        while let Some(found) = matcher.find_at(shown, seen) {
            let (start, end) = line_around(shown, found.start);
            let line = shown.get(start..end).unwrap_or(&[]);
            let is_within = found.end <= end || matcher.is_match(line);
            let place = at + escape::place_before(&cuts, start) as u64;
            if is_within && each(Hit { start: place, line }) == ControlFlow::Break(()) {
                return Ok(place);
            }
            seen = end + 1;
            if seen >= shown.len() {
                break;
            }
        }
        at += bytes.len() as u64;
    }
    Ok(at)
}

/// The last line before `to` that matches and is kept. `to` must be the start of a line, or the end.
///
/// # Errors
/// What the disk says.
pub fn backward(
    content: &Content,
    to: u64,
    matcher: &Matcher,
    wanted: &dyn Wanted,
    keeps: impl Fn(&[u8]) -> bool,
) -> io::Result<Option<u64>> {
    let mut lines = Lines::new(content);
    let (mut end, mut reach) = (to, NEAR);
    while end > content.start() && wanted.is_wanted() {
        let start = lines.start_of(end.saturating_sub(reach))?;
        reach = (reach * 4).min(CHUNK);
        // One long piece can hold the whole chunk.
        let start = start.min(end - 1);
        let mut last = None;
        forward(content, (start, end), matcher, wanted, |hit| {
            if keeps(hit.line) {
                last = Some(hit.start);
            }
            ControlFlow::Continue(())
        })?;
        if last.is_some() {
            return Ok(last);
        }
        end = start;
    }
    Ok(None)
}

/// Reads about a chunk from `at` on that ends with a line, if one ends in it.
fn read_lines<'b>(
    content: &Content,
    at: u64,
    to: u64,
    buffer: &'b mut Vec<u8>,
) -> io::Result<&'b [u8]> {
    let len = usize::try_from((to - at).min(CHUNK)).unwrap_or(0);
    if buffer.len() < len {
        buffer.resize(len, 0);
    }
    let read = content.read_at(at, buffer.get_mut(..len).unwrap_or(&mut []))?;
    let bytes = buffer.get(..read).unwrap_or(&[]);
    if at + read as u64 >= to {
        return Ok(bytes);
    }
    match memchr::memrchr(b'\n', bytes) {
        Some(last) => Ok(bytes.get(..=last).unwrap_or(bytes)),
        None => {
            // A piece of an endless line: cut where the reader of lines cuts it.
            let cut = (at + read as u64) / PIECE * PIECE;
            let len = usize::try_from(cut.saturating_sub(at)).unwrap_or(read);
            Ok(if len == 0 { bytes } else { bytes.get(..len).unwrap_or(bytes) })
        }
    }
}

/// The line of a chunk that holds a place.
fn line_around(bytes: &[u8], at: usize) -> (usize, usize) {
    let start = memchr::memrchr(b'\n', bytes.get(..at).unwrap_or(&[])).map_or(0, |n| n + 1);
    let rest = bytes.get(at..).unwrap_or(&[]);
    let end = memchr::memchr(b'\n', rest).map_or(bytes.len(), |n| at + n);
    (start, end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::matcher::Pattern;
    use super::super::source::Source;
    use super::*;

    fn source_of(bytes: &[u8]) -> (tempfile::TempDir, Source) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("log");
        std::fs::write(&path, bytes).unwrap();
        let source = Source::open(&path).unwrap();
        (scratch, source)
    }

    fn found(source: &Source, pattern: &Pattern) -> (Vec<u64>, Vec<u64>) {
        let matcher = pattern.matcher().unwrap().unwrap();
        let (mut ahead, mut back) = (Vec::new(), Vec::new());
        forward(&source.content, (0, source.length()), &matcher, &|| true, |hit| {
            ahead.push(hit.start);
            ControlFlow::Continue(())
        })
        .unwrap();
        let mut end = source.length();
        while back.len() < 200
            && let Some(start) =
                backward(&source.content, end, &matcher, &|| true, |_| true).unwrap()
        {
            back.push(start);
            end = start;
        }
        back.reverse();
        // Every step looks through lines again: of many hits the last ones do.
        (ahead, back)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn both_ways_find_the_lines_that_a_plain_search_finds(
            lines in prop::collection::vec("([ab x]|\u{1b}\\[[0-9;]{0,4}m|\u{1b}\\]8;;a\u{7}|\u{1b}){0,40}", 0..200),
            copies in 1usize..120,
            pattern in prop::sample::select(vec![("ab", false), ("a\\sb", true), ("^b", true), ("x$", true), ("B", false)]),
        ) {
            let block = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            let bytes = block.repeat(copies);
            let (_scratch, source) = source_of(bytes.as_bytes());
            let pattern = Pattern { text: pattern.0.into(), is_regex: pattern.1 };
            let matcher = pattern.matcher().unwrap().unwrap();
            let mut wanted = Vec::new();
            let mut start = 0u64;
            for line in bytes.split_inclusive('\n') {
                if matcher.is_match(&escape::stripped(line.trim_end_matches('\n').as_bytes())) {
                    wanted.push(start);
                }
                start += line.len() as u64;
            }
            let (ahead, back) = found(&source, &pattern);
            prop_assert_eq!(&ahead, &wanted);
            let last = wanted.len().saturating_sub(200);
            prop_assert_eq!(&back, &wanted[last..]);
        }
    }

    #[test]
    fn colours_part_no_word_and_are_no_text() {
        let bytes =
            b"one\n\x1b[32mok\x1b[0m: NEE\x1b[1mDLE\x1b[0m\x1b]0;x\x07 end\x1b[0m\n\x1b[0mlast\n";
        let (_scratch, source) = source_of(bytes);
        let regex = |text: &str| Pattern { text: text.into(), is_regex: true };
        for (pattern, place) in [
            (Pattern::plain("NEEDLE end"), Some(4)),
            (regex("^ok: .*end$"), Some(4)),
            (regex("^last$"), Some(46)),
            (Pattern::plain("[1m"), None),
            (Pattern::plain("31"), None),
        ] {
            let (ahead, back) = found(&source, &pattern);
            assert_eq!(ahead.first().copied(), place, "{pattern:?}");
            assert_eq!(ahead, back, "{pattern:?}");
        }
    }

    #[test]
    fn a_hit_in_an_endless_line_is_found_and_work_can_be_stopped() {
        let mut bytes = vec![b'x'; 3 << 20];
        bytes.extend(b"NEEDLE");
        bytes.extend(vec![b'y'; 1 << 20]);
        let (_scratch, source) = source_of(&bytes);
        let (ahead, back) = found(&source, &Pattern::plain("NEEDLE"));
        assert_eq!((ahead.len(), back.len()), (1, 1));
        let matcher = Pattern::plain("NEEDLE").matcher().unwrap().unwrap();
        let came = forward(&source.content, (0, source.length()), &matcher, &|| false, |_| {
            ControlFlow::Continue(())
        });
        assert_eq!(came.unwrap(), 0);
    }
}
