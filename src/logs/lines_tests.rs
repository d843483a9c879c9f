use proptest::prelude::*;

use super::*;
use crate::logs::source::Source;

fn source_of(bytes: &[u8]) -> (tempfile::TempDir, Source) {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("log");
    std::fs::write(&path, bytes).unwrap();
    let source = Source::open(&path).unwrap();
    (scratch, source)
}

/// The lines as cutting the whole content gives them.
fn split(bytes: &[u8]) -> Vec<(u64, u64)> {
    let piece = usize::try_from(PIECE).unwrap();
    let mut lines = Vec::new();
    let mut start = 0;
    for at in 0..bytes.len() {
        if bytes[at] == b'\n' {
            lines.push((start as u64, at as u64));
            start = at + 1;
        } else if at > 0
            && at % piece == 0
            && start + piece <= at
            && !bytes[at - piece..at].contains(&b'\n')
        {
            lines.push((start as u64, at as u64));
            start = at;
        }
    }
    if start < bytes.len() {
        lines.push((start as u64, bytes.len() as u64));
    }
    lines
}

fn check(bytes: &[u8]) {
    let (_scratch, source) = source_of(bytes);
    let mut reader = Lines::new(&source.content);
    let mut forward = Vec::new();
    let mut at = 0;
    while let Some(line) = reader.at(at).unwrap() {
        assert_eq!(line.start, at);
        assert!(line.next > at);
        assert_eq!(reader.start_of((line.start + line.end) / 2).unwrap(), line.start);
        forward.push((line.start, line.end));
        at = line.next;
    }
    assert_eq!(forward, split(bytes));
    let mut backward = Vec::new();
    let mut at = source.length();
    while let Some(line) = reader.before(at).unwrap() {
        assert_eq!(line.next, at);
        backward.push((line.start, line.end));
        at = line.start;
    }
    backward.reverse();
    assert_eq!(backward, forward, "both ways give the same lines");
}

#[test]
fn long_lines_are_cut_at_the_same_places_from_both_sides() {
    let piece = usize::try_from(PIECE).unwrap();
    for long in [1, piece - 1, piece, piece + 1, 2 * piece - 1, 2 * piece, 5 * piece + 3] {
        for head in ["", "\n", "short\n"] {
            for tail in ["", "\n", "\nend", "\nend\n"] {
                check(format!("{head}{}{tail}", "x".repeat(long)).as_bytes());
            }
        }
    }
    check(b"");
    check(b"\n\n\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_content_gives_the_lines_of_a_plain_split(
        parts in prop::collection::vec((any::<u8>(), 0usize..90_000, any::<bool>()), 0..12),
        short in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut bytes = short;
        for (byte, len, is_ended) in parts {
            bytes.extend(std::iter::repeat_n(byte, len));
            if is_ended {
                bytes.push(b'\n');
            }
        }
        check(&bytes);
    }
}
