//! Which line is where: the number of every thousandth line's place, found in
//! the background. Ten million lines take about 160 KiB.

use std::io;

use super::content::Content;

/// Lines between two remembered places.
const STEP: u64 = 1024;

/// Bytes between two remembered places at most: one endless line must not
/// make counting in it slow.
const STRETCH: u64 = 4 << 20;

/// Bytes that are counted at once.
const BLOCK: usize = 16 << 10;

/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;

/// A remembered place: so many line ends are before this byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Post {
    offset: u64,
    lines: u64,
}

/// The index of one source, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    posts: Vec<Post>,
    scanned: u64,
    lines: u64,
}

impl Default for LineIndex {
    fn default() -> LineIndex {
        LineIndex { posts: vec![Post { offset: 0, lines: 0 }], scanned: 0, lines: 0 }
    }
}

impl LineIndex {
    /// How far it was read, in bytes.
    pub fn scanned(&self) -> u64 {
        self.scanned
    }

    /// Line ends up to there.
    pub fn line_ends(&self) -> u64 {
        self.lines
    }

    /// What lies before `start` is gone; so many line ends were there.
    pub fn give_up(&mut self, start: u64, lines: u64) {
        self.posts.retain(|post| post.offset > start);
        self.posts.insert(0, Post { offset: start, lines });
        if self.scanned < start {
            (self.scanned, self.lines) = (start, lines);
        }
    }

    /// Takes in the bytes that follow what it knows.
    pub fn take(&mut self, bytes: &[u8]) {
        for block in bytes.chunks(BLOCK) {
            let before = self.lines;
            // Counting alone is several times as quick as coming by every place.
            self.lines += memchr::memchr_iter(b'\n', block).count() as u64;
            if self.lines / STEP > before / STEP {
                let ends = memchr::memchr_iter(b'\n', block).zip(before + 1..);
                for (at, lines) in ends.filter(|(_, lines)| lines.is_multiple_of(STEP)) {
                    self.posts.push(Post { offset: self.scanned + at as u64 + 1, lines });
                }
            }
            self.scanned += block.len() as u64;
        }
        let last = self.posts.last().map_or(0, |post| post.offset);
        if self.scanned.saturating_sub(last) >= STRETCH {
            self.posts.push(Post { offset: self.scanned, lines: self.lines });
        }
    }

    /// The number of the line that holds the byte at `offset`, from 1; `None`
    /// where the index did not come yet.
    ///
    /// # Errors
    /// What the disk says.
    pub fn number_at(&self, content: &Content, offset: u64) -> io::Result<Option<u64>> {
        if offset > self.scanned {
            return Ok(None);
        }
        let at = self.posts.partition_point(|post| post.offset <= offset);
        let Some(post) = at.checked_sub(1).and_then(|at| self.posts.get(at)) else {
            return Ok(None);
        };
        let mut lines = post.lines;
        let mut buffer = vec![0u8; CHUNK];
        let mut from = post.offset;
        while from < offset {
            let len = usize::try_from(offset - from).unwrap_or(CHUNK).min(CHUNK);
            let read = content.read_at(from, buffer.get_mut(..len).unwrap_or(&mut []))?;
            if read == 0 {
                break;
            }
            let bytes = buffer.get(..read).unwrap_or(&[]);
            lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
            from += read as u64;
        }
        Ok(Some(lines + 1))
    }

    /// Where line `number` (from 1) starts; `None` where the index did not come yet.
    ///
    /// # Errors
    /// What the disk says.
    pub fn start_of(&self, content: &Content, number: u64) -> io::Result<Option<u64>> {
        let ends = number.saturating_sub(1);
        if ends > self.lines {
            return Ok(None);
        }
        let at = self.posts.partition_point(|post| post.lines < ends);
        // Several places may lie in one long line: its first byte is wanted.
        let post = at.checked_sub(1).and_then(|at| self.posts.get(at));
        let Some(post) = post.or(self.posts.first()) else { return Ok(None) };
        let mut missing = ends.saturating_sub(post.lines);
        let mut from = post.offset;
        let mut buffer = vec![0u8; CHUNK];
        while missing > 0 {
            let read = content.read_at(from, &mut buffer)?;
            if read == 0 {
                return Ok(None);
            }
            let bytes = buffer.get(..read).unwrap_or(&[]);
            for at in memchr::memchr_iter(b'\n', bytes) {
                missing -= 1;
                if missing == 0 {
                    return Ok(Some(from + at as u64 + 1));
                }
            }
            from += read as u64;
        }
        Ok(Some(from))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::source::Source;
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn numbers_and_places_are_those_of_a_plain_count(
            lengths in prop::collection::vec(0usize..12, 0..6000),
            chunk in 1usize..5000,
        ) {
            let mut bytes = Vec::new();
            for len in &lengths {
                bytes.extend(std::iter::repeat_n(b'x', *len));
                bytes.push(b'\n');
            }
            let scratch = tempfile::tempdir().unwrap();
            let path = scratch.path().join("log");
            std::fs::write(&path, &bytes).unwrap();
            let source = Source::open(&path).unwrap();
            let mut index = LineIndex::default();
            bytes.chunks(chunk).for_each(|part| index.take(part));
            prop_assert_eq!(index.line_ends(), lengths.len() as u64);
            let mut start = 0u64;
            for (number, len) in (1u64..).zip(&lengths) {
                if number % 97 == 1 {
                    prop_assert_eq!(index.start_of(&source.content, number).unwrap(), Some(start));
                    prop_assert_eq!(index.number_at(&source.content, start + *len as u64).unwrap(), Some(number));
                }
                start += *len as u64 + 1;
            }
            prop_assert_eq!(index.start_of(&source.content, lengths.len() as u64 + 2).unwrap(), None);
            prop_assert_eq!(index.number_at(&source.content, start + 1).unwrap(), None);
        }
    }

    #[test]
    fn ten_million_lines_cost_little() {
        let mut index = LineIndex::default();
        let line = [b"a line of a hundred and five bytes or so".as_slice(), b"\n"].concat();
        let block = line.repeat(10_000);
        for _ in 0..1000 {
            index.take(&block);
        }
        assert_eq!(index.line_ends(), 10_000_000);
        assert!(index.posts.len() * size_of::<Post>() < 400 << 10, "{}", index.posts.len());
    }
}
