//! What stands between a program and the emulator: operating system commands
//! (titles, clipboard, links, colours of the palette) are taken out here, and
//! marks that pile up on one character are bounded, because the emulator would
//! keep all of both.

use std::borrow::Cow;

use memchr::{memchr, memchr3};
use unicode_width::UnicodeWidthChar as _;

use crate::domain::untrusted::printable;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;

/// How much of an operating system command is kept to see what it is.
const LONGEST_COMMAND: usize = 4096;
/// The longest title, in characters.
const LONGEST_TITLE: usize = 80;
/// How often a character may be repeated at once (REP): the most columns a
/// grid has. Five bytes would else keep the emulator busy for 65,535 cells.
const REPEATS: u32 = 1000;
/// How much of the parameters of a sequence is kept.
const LONGEST_PARAMETERS: usize = 256;
/// Marks that one character may carry.
const MARKS: usize = 8;

#[derive(Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Text,
    /// After an escape character, which was held back.
    Escape,
    /// In the parameters of a control sequence.
    Parameters,
    /// In what is left of a sequence; its last byte is from there on.
    Rest(u8),
    /// In an operating system command.
    Command,
}

/// The filter of one console.
#[derive(Debug, Default)]
pub struct Sieve {
    at: At,
    command: Vec<u8>,
    /// Parameters of a control sequence, held back until it is known what it is.
    parameters: Vec<u8>,
    /// Bytes of a character that the last piece cut.
    cut: Vec<u8>,
    /// Whether a letter of ASCII was the last thing: only that can be repeated
    /// (ECMA-48: the character right before; other terminals repeat no others).
    can_repeat: bool,
    /// Marks since the last character that has a width.
    marks: usize,
    /// Marks that passed since [`Sieve::take_marks`].
    passed: usize,
    /// The last title; `Some` once until it is taken.
    title: Option<String>,
    /// Tries to use the clipboard.
    pub clipboard: u32,
}

impl Sieve {
    /// The title that was set since the last call.
    pub fn take_title(&mut self) -> Option<String> {
        self.title.take()
    }

    /// How many marks passed since the last call that said so.
    pub fn take_marks(&mut self, at_least: usize) -> bool {
        let is_due = self.passed >= at_least;
        if is_due {
            self.passed = 0;
        }
        is_due
    }

    /// Whether the last byte ended a character or a sequence.
    pub fn is_between_sequences(&self) -> bool {
        self.at == At::Text && self.cut.is_empty()
    }

    /// What the emulator may see of these bytes.
    pub fn clean<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let is_easy = self.at == At::Text && self.cut.is_empty();
        if is_easy && bytes.is_ascii() && memchr(ESC, bytes).is_none() {
            if !bytes.is_empty() {
                self.marks = 0;
                self.remember(bytes);
            }
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len() + 8);
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.at {
                At::Text => self.text(rest, &mut out),
                At::Escape => self.escape(rest, &mut out),
                At::Parameters => self.in_parameters(rest, &mut out),
                At::Rest(last) => self.in_rest(last, rest, &mut out),
                At::Command => self.in_command(rest),
            };
        }
        Cow::Owned(out)
    }

    fn text<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
        let end = memchr(ESC, bytes).unwrap_or(bytes.len());
        let (plain, rest) = bytes.split_at(end);
        self.characters(plain, rest.is_empty(), out);
        match rest.split_first() {
            Some((_, rest)) => {
                self.at = At::Escape;
                rest
            }
            None => rest,
        }
    }

    fn escape<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
        match bytes.split_first() {
            Some((b']', rest)) => {
                self.at = At::Command;
                self.command.clear();
                rest
            }
            Some((b'[', rest)) => {
                self.at = At::Parameters;
                self.parameters.clear();
                out.extend_from_slice(b"\x1b[");
                rest
            }
            Some((&ESC, rest)) => {
                out.push(ESC);
                rest
            }
            _ => {
                out.push(ESC);
                self.at = At::Rest(0x30);
                bytes
            }
        }
    }

    /// Remembers whether the last of these characters can be repeated.
    fn remember(&mut self, text: &[u8]) {
        self.can_repeat = text.last().is_some_and(|last| (0x20..0x7f).contains(last));
    }

    fn in_rest<'a>(&mut self, last: u8, bytes: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
        let Some((&byte, rest)) = bytes.split_first() else { return bytes };
        self.can_repeat = false;
        if matches!(byte, ESC | CAN | SUB | 0x80..) {
            self.at = At::Text;
            return bytes;
        }
        if byte >= last && byte != 0x7f {
            self.at = At::Text;
        }
        out.push(byte);
        rest
    }

    fn in_parameters<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
        let Some((&byte, rest)) = bytes.split_first() else { return bytes };
        match byte {
            b'0'..=b';' => {
                if self.parameters.len() < LONGEST_PARAMETERS {
                    self.parameters.push(byte);
                }
                rest
            }
            // Controls inside a sequence are obeyed at once, and it goes on.
            0x7f | 0..0x20 if !matches!(byte, ESC | CAN | SUB) => {
                out.push(byte);
                rest
            }
            _ => {
                let digits = self.parameters.iter().take_while(|byte| byte.is_ascii_digit());
                let number = digits.fold(0u32, |number, digit| {
                    number.saturating_mul(10).saturating_add(u32::from(digit - b'0'))
                });
                let can_repeat = std::mem::take(&mut self.can_repeat);
                if byte == b'b' && !can_repeat {
                    out.push(CAN);
                    self.at = At::Text;
                    return rest;
                }
                if byte == b'b' && number > REPEATS {
                    out.extend_from_slice(REPEATS.to_string().as_bytes());
                } else {
                    out.extend_from_slice(&self.parameters);
                }
                self.at = At::Rest(0x40);
                bytes
            }
        }
    }

    fn in_command<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = [memchr3(ESC, BEL, CAN, bytes), memchr(SUB, bytes)];
        let end = end.into_iter().flatten().min().unwrap_or(bytes.len());
        let (part, rest) = bytes.split_at(end);
        let room = LONGEST_COMMAND.saturating_sub(self.command.len());
        self.command.extend(part.iter().take(room));
        let Some((last, after)) = rest.split_first() else { return rest };
        if matches!(*last, ESC | BEL) {
            self.take_command();
        }
        self.command.clear();
        self.at = if *last == ESC { At::Escape } else { At::Text };
        after
    }

    fn take_command(&mut self) {
        let command = String::from_utf8_lossy(&self.command).into_owned();
        let (number, value) = command.split_once(';').unwrap_or((&command, ""));
        match number {
            "0" | "2" => {
                self.title = Some(printable(value).chars().take(LONGEST_TITLE).collect());
            }
            "52" => self.clipboard = self.clipboard.saturating_add(1),
            _ => {}
        }
    }

    /// Passes characters on, without the marks that are too many.
    fn characters(&mut self, bytes: &[u8], may_be_cut: bool, out: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.remember(bytes);
        if self.cut.is_empty() && bytes.is_ascii() {
            self.marks = 0;
            out.extend_from_slice(bytes);
            return;
        }
        let mut held = std::mem::take(&mut self.cut);
        let joined: Cow<'_, [u8]> = if held.is_empty() {
            Cow::Borrowed(bytes)
        } else {
            held.extend_from_slice(bytes);
            Cow::Owned(held)
        };
        let mut rest: &[u8] = &joined;
        while !rest.is_empty() {
            let (valid, wrong) = match std::str::from_utf8(rest) {
                Ok(text) => (text, 0),
                Err(error) => {
                    let (valid, _) = rest.split_at(error.valid_up_to());
                    let wrong = error.error_len().unwrap_or(rest.len() - valid.len());
                    if error.error_len().is_none() && may_be_cut {
                        self.cut = rest.get(valid.len()..).unwrap_or_default().to_vec();
                    }
                    (std::str::from_utf8(valid).unwrap_or(""), wrong)
                }
            };
            self.marked(valid, out);
            let used = valid.len() + wrong;
            if self.cut.is_empty() {
                out.extend_from_slice(rest.get(valid.len()..used).unwrap_or_default());
            }
            rest = rest.get(used..).unwrap_or_default();
        }
    }

    fn marked(&mut self, text: &str, out: &mut Vec<u8>) {
        let mut buffer = [0; 4];
        for c in text.chars() {
            if c.width() == Some(0) && !c.is_control() {
                self.marks += 1;
                if self.marks > MARKS {
                    continue;
                }
                self.passed += 1;
            } else {
                self.marks = 0;
            }
            out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(pieces: &[&[u8]]) -> (String, Sieve) {
        let mut sieve = Sieve::default();
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(sieve.clean(piece).into_owned());
        }
        (String::from_utf8_lossy(&out).into_owned(), sieve)
    }

    #[test]
    fn text_and_other_sequences_pass_wherever_they_are_cut() {
        let text = "a\u{1b}[31mré日本\u{1b}(0qx\u{1b}(B\r\n\u{1b}[?1049h\u{1b}P+q544e\u{1b}\\end";
        for at in 0..text.len() {
            let (left, right) = text.as_bytes().split_at(at);
            assert_eq!(through(&[left, right]).0, text, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(through(&bytes).0, text);
    }

    #[test]
    fn a_character_is_repeated_no_more_often_than_a_line_has_columns() {
        for (asked, passed) in [
            ("x\u{1b}[65535b", "x\u{1b}[1000b"),
            ("x\u{1b}[99999999999;2b", "x\u{1b}[1000b"),
            ("x\u{1b}[65\u{0}535b", "x\u{1b}[\u{0}1000b"),
            ("x\u{1b}[80b", "x\u{1b}[80b"),
            ("\u{1b}[65535Cx\u{1b}[b", "\u{1b}[65535Cx\u{1b}[b"),
        ] {
            for at in 0..asked.len() {
                let (left, right) = asked.as_bytes().split_at(at);
                assert_eq!(through(&[left, right]).0, passed, "cut at {at}");
            }
        }
    }

    #[test]
    fn titles_clipboard_and_links_never_pass() {
        let text = b"a\x1b]0;own\x1b[31med\x07b\x1b]52;c;cm0gLXJm\x07c\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\";
        for at in 0..text.len() {
            let (left, right) = text.split_at(at);
            let (shown, mut sieve) = through(&[left, right]);
            assert!(!shown.contains("52;") && !shown.contains("http"), "{shown:?}");
            assert_eq!(sieve.clipboard, 1);
            assert_eq!(sieve.take_title().as_deref(), Some("own"), "cut at {at}");
        }
    }

    #[test]
    fn an_endless_command_costs_nothing_and_ends_where_it_is_aborted() {
        let mut sieve = Sieve::default();
        assert!(sieve.clean(b"\x1b]2;").is_empty());
        for _ in 0..1000 {
            assert!(sieve.clean(&[b'x'; 10_000]).is_empty());
        }
        assert!(sieve.command.len() <= LONGEST_COMMAND);
        assert_eq!(&*sieve.clean(b"\x18shell$ "), b"shell$ ");
        assert_eq!(sieve.take_title(), None, "an aborted command sets nothing");
    }

    #[test]
    fn only_the_letter_right_before_is_repeated() {
        for (text, is_passed) in [
            ("a\x1b[3b", true),
            ("\x1b7a\x1b[3b", true),
            ("\x1b(0q\x1b[3b", true),
            ("\x1b[31ma\x1b[3b", true),
            ("\x1b[3b", false),
            ("a\x1b[5;5H\x1b[3b", false),
            ("a\x1b[?25h\x1b[3b", false),
            ("a\x1b7\x1b[3b", false),
            ("a\x1b(0\x1b[3b", false),
            ("a\r\n\x1b[3b", false),
            ("字\x1b[3b", false),
            ("a\x1b[2b\x1b[3b", false),
        ] {
            for pieces in [vec![text.as_bytes()], text.as_bytes().chunks(1).collect()] {
                let (shown, _) = through(&pieces);
                assert_eq!(shown.ends_with("[3b"), is_passed, "{text:?} in {}", pieces.len());
            }
        }
        assert_eq!(through(&[b"a\x1b[65535b"]).0, "a\x1b[1000b");
    }

    #[test]
    fn marks_are_bounded_and_characters_stay_whole() {
        let tower: String = "a".to_owned() + &"\u{301}".repeat(1000) + "b\u{301}";
        let (shown, _) = through(&[tower.as_bytes()]);
        assert_eq!(shown, "a".to_owned() + &"\u{301}".repeat(MARKS) + "b\u{301}");
        assert_eq!(through(&[b"\xff\xfe ok \xe6\x97", b"\xa5"]).0, "\u{fffd}\u{fffd} ok 日");
    }
}
