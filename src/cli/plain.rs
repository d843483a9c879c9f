//! The output of a run as a stream: text and colours, and nothing else that a
//! terminal could act on, now or when somebody looks at the file it went into.

use std::io::{self, IsTerminal as _, Write as _};

use alacritty_terminal::vte::{Params, Parser, Perform};
use memchr::memchr;

use crate::console::Sieve;
use crate::domain::untrusted::is_invisible;

/// Ends whatever escape sequence is open.
const CANCEL: &[u8] = b"\x18";

/// Prints what comes to standard output.
pub struct Stream {
    filter: Option<Filter>,
    is_terminal: bool,
}

impl Stream {
    /// To this standard output; `is_raw` passes every byte on as it came.
    pub fn new(is_raw: bool) -> Stream {
        Stream { filter: (!is_raw).then(Filter::default), is_terminal: io::stdout().is_terminal() }
    }

    /// Prints bytes. `false` when the reader went away.
    pub fn print(&mut self, bytes: &[u8]) -> bool {
        let mut out = io::stdout().lock();
        let written = match &mut self.filter {
            None => out.write_all(bytes),
            Some(filter) => out.write_all(filter.take(bytes).as_bytes()),
        };
        written.and_then(|()| out.flush()).is_ok()
    }

    /// Leaves the colours as they were and, on a terminal, begins a line, so
    /// that a sentence of ours does not pass for a part of the output.
    pub fn pause(&mut self) {
        let text = self.filter.as_mut().map_or("", |filter| filter.settle(self.is_terminal));
        // A reader that is gone needs no colours.
        let _ = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
    }
}

/// What of the output is shown.
#[derive(Default)]
struct Filter {
    sieve: Sieve,
    parser: Parser,
    shown: Shown,
}

impl Filter {
    fn take(&mut self, bytes: &[u8]) -> String {
        let mut rest = bytes;
        // An escape sequence that is never ended hides its own line at most.
        while let Some(end) = memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end + 1);
            self.feed(line.strip_suffix(b"\n").unwrap_or(line));
            self.feed(CANCEL);
            self.feed(b"\n");
            rest = after;
        }
        self.feed(rest);
        std::mem::take(&mut self.shown.text)
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.shown, &self.sieve.clean(bytes));
    }

    /// What ends colours and, where wanted, the line.
    fn settle(&mut self, ends_line: bool) -> &'static str {
        let is_coloured = std::mem::take(&mut self.shown.is_coloured);
        let is_in_line = ends_line && std::mem::take(&mut self.shown.is_in_line);
        match (is_coloured, is_in_line) {
            (true, true) => "\x1b[0m\r\n",
            (true, false) => "\x1b[0m",
            (false, true) => "\r\n",
            (false, false) => "",
        }
    }
}

#[derive(Debug, Default)]
struct Shown {
    text: String,
    is_coloured: bool,
    is_in_line: bool,
}

impl Perform for Shown {
    fn print(&mut self, c: char) {
        if !is_invisible(c) {
            self.text.push(c);
            self.is_in_line = true;
        }
    }

    fn execute(&mut self, byte: u8) {
        if matches!(byte, b'\n' | b'\r' | b'\t') {
            self.text.push(char::from(byte));
            self.is_in_line = byte != b'\n' && self.is_in_line;
        }
    }

    fn csi_dispatch(&mut self, params: &Params, marks: &[u8], ignore: bool, action: char) {
        if action != 'm' || !marks.is_empty() || ignore {
            return;
        }
        let groups: Vec<&[u16]> = params.iter().collect();
        let kept = without_concealment(&groups);
        if !kept.is_empty() {
            self.is_coloured = true;
            self.text.push_str(&format!("\x1b[{}m", kept.join(";")));
        }
    }
}

/// The parameters of a colour sequence without the one that hides text. An 8
/// that belongs to a colour (`38;5;8`) stays.
fn without_concealment(groups: &[&[u16]]) -> Vec<String> {
    let mut kept = Vec::with_capacity(groups.len());
    let mut of_colour = 0;
    for (at, group) in groups.iter().enumerate() {
        if of_colour > 0 {
            of_colour -= 1;
        } else {
            match group {
                [8, ..] => continue,
                [38 | 48 | 58] => {
                    of_colour = match groups.get(at + 1) {
                        Some([5]) => 2,
                        Some([2]) => 4,
                        _ => 0,
                    };
                }
                _ => {}
            }
        }
        kept.push(group.iter().map(u16::to_string).collect::<Vec<_>>().join(":"));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> String {
        let (mut filter, mut shown) = (Filter::default(), String::new());
        // Cut anywhere, it must be the same.
        for byte in bytes {
            shown.push_str(&filter.take(std::slice::from_ref(byte)));
        }
        assert_eq!(Filter::default().take(bytes), shown);
        shown
    }

    #[test]
    fn colours_stay_and_everything_a_terminal_acts_on_goes() {
        let colour = "\x1b[1;38:2::1:2:3mred\x1b[0m 50%\r100%\n".as_bytes();
        assert_eq!(shown(colour), "\x1b[1;38:2:0:1:2:3mred\x1b[0m 50%\r100%\n");
        let hostile =
            b"a\x1b]0;title\x07\x1b]52;c;QUJD\x1b\\\x1b[2J\x1b[6n\x1b[>0mb\x1bP$q\x1b\\c\x07\x1bc";
        assert_eq!(shown(hostile), "abc");
        assert_eq!(shown("x\u{202e}y\u{9b}31mz".as_bytes()), "xy31mz");
    }

    #[test]
    fn text_cannot_be_concealed_and_colour_eight_stays() {
        assert_eq!(shown(b"\x1b[8msecret\x1b[28m"), "secret\x1b[28m");
        assert_eq!(shown(b"\x1b[1;8;31mx"), "\x1b[1;31mx");
        let colours = "\x1b[38;5;8m\x1b[48;2;8;8;8m\x1b[38:5:8mx\x1b[m";
        assert_eq!(shown(colours.as_bytes()), colours.replace("[m", "[0m"));
        assert_eq!(shown(b"\x1b[38;5;8;8mx"), "\x1b[38;5;8mx");
    }

    #[test]
    fn a_sequence_without_end_hides_its_own_line_only_and_is_not_kept() {
        assert_eq!(shown(b"a\x1b]0;evil\nb\x1bPevil\nc\x1b[3\nd"), "a\nb\nc\nd");
        let mut filter = Filter::default();
        filter.take(b"\x1b]52;c;");
        for _ in 0..256 {
            assert_eq!(filter.take(&[b'x'; 65_536]), "");
        }
        assert_eq!(filter.take(b"\x07after"), "after");
    }

    #[test]
    fn a_sentence_of_ours_begins_a_line_without_colours() {
        let mut filter = Filter::default();
        filter.take(b"\x1b[31mred");
        assert_eq!(filter.settle(true), "\x1b[0m\r\n");
        assert_eq!(filter.settle(true), "");
        filter.take(b"whole\n");
        assert_eq!(filter.settle(true), "");
        filter.take(b"\x1b[1mpiped");
        assert_eq!(filter.settle(false), "\x1b[0m");
    }
}
