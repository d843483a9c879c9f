//! The output of a run as a stream. A terminal gets text and colours, and
//! nothing else that it could act on; a pipe or file gets the bytes as they are.

use std::io::{self, IsTerminal as _, Write as _};

use alacritty_terminal::vte::{Params, Parser, Perform};

use crate::domain::untrusted::is_invisible;

/// Prints what comes to standard output.
pub struct Stream {
    filter: Option<(Parser, Shown)>,
}

impl Stream {
    /// To this standard output.
    pub fn new() -> Stream {
        let is_terminal = io::stdout().is_terminal();
        Stream { filter: is_terminal.then(|| (Parser::new(), Shown::default())) }
    }

    /// Prints bytes. `false` when the reader went away.
    pub fn print(&mut self, bytes: &[u8]) -> bool {
        let mut out = io::stdout().lock();
        let written = match &mut self.filter {
            None => out.write_all(bytes),
            Some((parser, shown)) => {
                parser.advance(shown, bytes);
                out.write_all(std::mem::take(&mut shown.0).as_bytes())
            }
        };
        written.and_then(|()| out.flush()).is_ok()
    }

    /// Leaves the terminal's colours as they were.
    pub fn end(&mut self) {
        if self.filter.is_some() {
            // A terminal that is gone needs no colours.
            let _ = io::stdout().write_all(b"\x1b[0m");
        }
    }
}

impl Default for Stream {
    fn default() -> Stream {
        Stream::new()
    }
}

/// What of the output may reach a terminal.
#[derive(Debug, Default)]
struct Shown(String);

impl Perform for Shown {
    fn print(&mut self, c: char) {
        if !is_invisible(c) {
            self.0.push(c);
        }
    }

    fn execute(&mut self, byte: u8) {
        if matches!(byte, b'\n' | b'\r' | b'\t') {
            self.0.push(char::from(byte));
        }
    }

    fn csi_dispatch(&mut self, params: &Params, marks: &[u8], _ignore: bool, action: char) {
        if action == 'm' && marks.is_empty() {
            let words: Vec<String> = params
                .iter()
                .map(|group| group.iter().map(u16::to_string).collect::<Vec<_>>().join(":"))
                .collect();
            self.0.push_str(&format!("\x1b[{}m", words.join(";")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> String {
        let (mut parser, mut shown) = (Parser::new(), Shown::default());
        // Cut anywhere, it must be the same.
        for byte in bytes {
            parser.advance(&mut shown, std::slice::from_ref(byte));
        }
        shown.0
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
}
