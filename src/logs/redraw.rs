//! Lines that lines behind them draw anew: bars of downloads. Some programs go up
//! and print everything again (skopeo, podman, BuildKit), others go up to one
//! line, write it and come back (docker pull), all of that in one endless line.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;

use super::clean::{self, Cleaned, Cleaner};
use super::ink::Span;
use super::lines::{Extent, Lines};

/// Lines behind one that can draw it anew, and bytes in which the first of them goes up.
const REACH: (usize, u64) = (48, 24 << 10);

/// Bytes of a line without an end that are looked through for what it draws.
const LONGEST: u64 = 4 << 20;

/// What one line draws above itself, by the distance.
type Painting = BTreeMap<usize, Vec<Span>>;

/// Paintings that were looked at already, by where their line begins.
#[derive(Debug, Default)]
pub struct Paintings(BTreeMap<u64, (Painting, u64)>);

/// Whether a line is an older state of one that comes soon, or only draws others anew.
///
/// # Errors
/// What the disk says.
pub fn is_older_state(lines: &mut Lines<'_>, extent: &Extent) -> io::Result<bool> {
    let end = (extent.next + REACH.1).min(lines.length());
    let bytes = lines.bytes(extent.next, end)?;
    // Nothing goes up anywhere near: the usual case costs one look.
    if may_rise(bytes) {
        for (distance, line) in (1..=REACH.0).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            // Without its end it may come back yet.
            if line.ends_with(b"\n") && clean::rises(line) >= distance {
                return Ok(true);
            }
        }
    }
    if !may_rise(lines.bytes(extent.start, extent.end)?) {
        return Ok(false);
    }
    let cleaned = cleaned(&mut Cleaner::default(), lines, extent, 0)?;
    Ok(cleaned.spans.is_empty() && !cleaned.above.is_empty())
}

/// A line as it is shown, from a byte of it on. Of a line that is read in pieces
/// a piece may begin somewhere above: then its text counts from where the cursor turns.
///
/// # Errors
/// What the disk says.
pub fn cleaned(
    cleaner: &mut Cleaner,
    lines: &mut Lines<'_>,
    extent: &Extent,
    from: usize,
) -> io::Result<Cleaned> {
    let before = extent.start.saturating_sub(1);
    let is_piece = extent.start > before && lines.bytes(before, extent.start)? != b"\n";
    let is_open = extent.next == extent.end;
    let bytes = lines.bytes(extent.start, extent.end)?;
    let turn = if is_piece { turns(bytes).next() } else { None };
    let bytes = bytes.get(turn.unwrap_or(from)..).unwrap_or(bytes);
    Ok(if is_open { cleaner.part(without_torn_end(bytes)) } else { cleaner.line(bytes) })
}

/// What comes next may end the sequence that begins at the end.
fn without_torn_end(bytes: &[u8]) -> &[u8] {
    let Some(at) = memchr::memrchr(0x1b, bytes) else { return bytes };
    let (before, torn) = bytes.split_at(at);
    let is_torn = match torn.get(1..) {
        None | Some([]) => true,
        Some([b'[', rest @ ..]) => {
            rest.len() < 32 && rest.iter().all(|byte| (0x20..=0x3f).contains(byte))
        }
        Some(_) => false,
    };
    if is_torn { before } else { bytes }
}

/// What a line is after a line behind it went up to it, wrote it anew and came
/// back; `None` where none did.
///
/// # Errors
/// What the disk says.
pub fn newest_state(
    lines: &mut Lines<'_>,
    extent: &Extent,
    known: &mut Paintings,
) -> io::Result<Option<Vec<Span>>> {
    let end = (extent.next + REACH.1).min(lines.length());
    if extent.goes_on || !may_rise(lines.bytes(extent.next, end)?) {
        return Ok(None);
    }
    let (mut at, mut newest) = (extent.next, None);
    for distance in 1..=REACH.0 {
        let Some(next) = lines.at(at)?.filter(|next| next.start < end) else { break };
        let painter = lines.bytes(next.start, next.end)?;
        if next.goes_on || may_rise(painter) {
            let (painting, behind) = match known.0.entry(at) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(painting(lines, at)?),
            };
            newest = painting.get(&distance).cloned().or(newest);
            at = *behind;
        } else {
            at = next.next;
        }
    }
    Ok(newest)
}

/// What the line at `start` draws above itself, and where the next one starts.
fn painting(lines: &mut Lines<'_>, start: u64) -> io::Result<(Painting, u64)> {
    let (mut cleaner, mut painting) = (Cleaner::default(), Painting::new());
    let mut at = start;
    while let Some(extent) = lines.at(at)? {
        painting.extend(cleaned(&mut cleaner, lines, &extent, 0)?.above);
        at = extent.next;
        if !extent.goes_on || at - start > LONGEST {
            break;
        }
    }
    Ok((painting, at))
}

/// Whether some sequence in it moves the cursor up.
fn may_rise(bytes: &[u8]) -> bool {
    turns(bytes).next().is_some() || memchr::memmem::find(bytes, b"\x1bM").is_some()
}

/// Where the cursor is moved up.
fn turns(bytes: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memmem::find_iter(bytes, b"\x1b[").filter(|at| {
        let rest = bytes.get(at + 2..).unwrap_or(&[]);
        let last = rest.iter().take(6).find(|byte| !byte.is_ascii_digit());
        matches!(last, Some(b'A' | b'F'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::super::view::View;

    /// What `docker pull` prints on a terminal: every change goes up to its line and back.
    fn pulled(changes: usize) -> String {
        let layers = ["a1", "b2", "c3"];
        let mut text = String::from("latest: Pulling from library/x\r\n");
        for layer in layers {
            text.push_str(&format!("{layer}: Pulling fs layer \r\n"));
        }
        let change = |at: usize, words: &str| {
            format!("\x1b[{up}A\x1b[2K\r{}: {words} \r\x1b[{up}B", layers[at], up = 3 - at)
        };
        for n in 0..changes {
            let words = format!("Downloading [{}>] {n}kB/{changes}kB", "=".repeat(n % 40));
            text.push_str(&change(1 + n % 2, &words));
            if n == 1 {
                text.push_str(&change(0, "Pull complete"));
            }
        }
        for at in [1, 2] {
            text.push_str(&change(at, "\x1b[32mPull complete\x1b[0m"));
        }
        text + "Digest: sha256:00\r\nStatus: Downloaded\r\n"
    }

    fn shown(text: &str, rows: u16) -> Vec<String> {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("log");
        std::fs::write(&path, text).unwrap();
        let mut view = View::default();
        view.shape.rows = rows;
        view.shape.columns = 100;
        view.add(Source::open(&path).unwrap());
        let first = view.window(&|| true).unwrap();
        view.is_following = true;
        let last = view.window(&|| true).unwrap();
        assert_eq!(first.rows, last.rows, "from both sides");
        first.lines().map(|line| line.text()).collect()
    }

    const AFTER: [&str; 6] = [
        "latest: Pulling from library/x",
        "a1: Pull complete",
        "b2: Pull complete",
        "c3: Pull complete",
        "Digest: sha256:00",
        "Status: Downloaded",
    ];

    #[test]
    fn lines_that_are_gone_back_to_show_their_newest_state() {
        assert_eq!(shown(&pulled(10), 20), AFTER);
        // Far more than a piece of a line, so that pieces begin in the middle of a change.
        assert_eq!(shown(&pulled(5000), 20), AFTER);
    }

    #[test]
    fn a_download_under_way_shows_every_line_once() {
        let whole = pulled(40);
        let cut = &whole[..whole.find("39kB/").unwrap() + 9];
        let lines = shown(cut, 20);
        assert_eq!(lines[..2], AFTER[..2]);
        assert!(lines[2].contains(" 38kB/40kB"), "{lines:?}");
        assert!(lines.len() <= 5, "{lines:?}");
    }
}
