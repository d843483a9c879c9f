//! The keys of a question, out of the bytes that a terminal sends: one key, one
//! answer. An arrow key is one key, and never Esc with letters after it.

use std::time::Duration;

/// The key that shows the bar which owns the next key: `Ctrl-\`.
pub const RELEASE: u8 = 0x1c;
const ESC: u8 = 0x1b;
/// How long the rest of a key that began with Esc may take; over a slow line
/// its bytes come in pieces.
pub const PATIENCE: Duration = Duration::from_millis(120);
/// The longest escape sequence that a key sends, in bytes.
const LONGEST: usize = 32;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// A character.
    Char(char),
    /// The key that shows the bar.
    Release,
    /// Esc, alone.
    Esc,
    /// Another: an arrow, a function key, a letter with Ctrl or Alt.
    Other,
}

/// The first key and how many bytes it has; `None` while more of it may come.
pub fn first(bytes: &[u8]) -> Option<(Press, usize)> {
    match *bytes.first()? {
        RELEASE => Some((Press::Release, 1)),
        ESC => escaped(bytes),
        byte if byte < 0x20 || byte == 0x7f => Some((Press::Other, 1)),
        byte if byte < 0x80 => Some((Press::Char(char::from(byte)), 1)),
        byte => {
            let whole = match byte {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return Some((Press::Other, 1)),
            };
            let text = bytes.get(..whole)?;
            let c = std::str::from_utf8(text).ok().and_then(|text| text.chars().next());
            Some(c.map_or((Press::Other, 1), |c| (Press::Char(c), whole)))
        }
    }
}

/// What is left of a key when no more of it came in time.
pub fn last(bytes: &[u8]) -> Press {
    if bytes == [ESC] { Press::Esc } else { Press::Other }
}

fn escaped(bytes: &[u8]) -> Option<(Press, usize)> {
    let other = |count: usize| Some((Press::Other, count));
    match *bytes.get(1)? {
        // Pressed again, or with Alt: the first is one, the next is looked at alone.
        ESC | RELEASE => Some((Press::Esc, 1)),
        // The Linux console's F1 to F5.
        b'[' if *bytes.get(2)? == b'[' => bytes.get(3).and_then(|_| other(4)),
        b'[' => {
            let ends = |byte: &u8| !(0x20..=0x3f).contains(byte);
            match bytes.iter().skip(2).position(ends) {
                Some(at) => other(at + 3),
                None if bytes.len() >= LONGEST => other(bytes.len()),
                None => None,
            }
        }
        b'O' => bytes.get(2).and_then(|_| other(3)),
        _ => match first(bytes.get(1..).unwrap_or_default()) {
            Some((_, count)) => other(count + 1),
            None => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key of the bytes; what is not whole is taken as it is at the end.
    fn keys(mut bytes: &[u8]) -> Vec<Press> {
        let mut all = Vec::new();
        while !bytes.is_empty() {
            match first(bytes) {
                Some((key, count)) => {
                    all.push(key);
                    bytes = &bytes[count..];
                }
                None => {
                    all.push(last(bytes));
                    return all;
                }
            }
        }
        all
    }

    #[test]
    fn a_key_is_one_key_however_many_bytes_it_has() {
        for bytes in [
            "\x1b[A",
            "\x1bOA",
            "\x1b[1;5C",
            "\x1b[15~",
            "\x1b[[A",
            "\x1bd",
            "\x1b[200~",
            "\t",
            "\x1bé",
            "\x01",
            "\x1b[<0;5;9M",
        ] {
            assert_eq!(keys(bytes.as_bytes()), [Press::Other], "{bytes:?}");
        }
        assert_eq!(keys(b"d"), [Press::Char('d')]);
        assert_eq!(keys("é日".as_bytes()), [Press::Char('é'), Press::Char('日')]);
        assert_eq!(keys(b"\x1b"), [Press::Esc]);
        assert_eq!(keys(b"\x1b\x1b"), [Press::Esc, Press::Esc]);
        assert_eq!(keys(b"\x1b\x1b[A"), [Press::Esc, Press::Other]);
        assert_eq!(keys(b"\x1c\x1c"), [Press::Release, Press::Release]);
        assert_eq!(keys(b"\x1b[Ad"), [Press::Other, Press::Char('d')]);
    }

    #[test]
    fn a_key_in_pieces_waits_for_its_rest_and_not_for_ever() {
        let key = "\x1b[1;5C".as_bytes();
        for cut in 1..key.len() {
            assert_eq!(first(&key[..cut]), None, "{cut}");
        }
        assert_eq!(last(b"\x1b[1"), Press::Other);
        assert!(first(format!("\x1b[{}", "1".repeat(60)).as_bytes()).is_some());
        assert_eq!(first(b"\xff"), Some((Press::Other, 1)));
    }
}
