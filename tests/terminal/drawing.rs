//! What a screen of ours may send to a terminal: characters, places, colours,
//! and the modes it takes and gives back. Everything else came from a program.

use alacritty_terminal::vte::{Params, Parser, Perform};

/// Modes that are ours: cursor, wrapping, alternate screen, mouse, focus, paste, updates.
const MODES: [u16; 11] = [7, 25, 1000, 1002, 1003, 1004, 1006, 1015, 1049, 2004, 2026];

#[derive(Default)]
struct Found {
    wrong: Vec<String>,
}

impl Perform for Found {
    fn execute(&mut self, byte: u8) {
        if !matches!(byte, b'\r' | b'\n' | b'\t' | 0x07 | 0x08) {
            self.wrong.push(format!("control {byte:#x}"));
        }
    }

    fn csi_dispatch(&mut self, params: &Params, marks: &[u8], _: bool, action: char) {
        let is_ours = match (marks, action) {
            ([], 'H' | 'J' | 'K' | 'm' | 'A' | 'B' | 'C' | 'D' | 'G' | 'd') => true,
            ([b'?'], 'h' | 'l') => params.iter().flatten().all(|mode| MODES.contains(mode)),
            _ => false,
        };
        if !is_ours {
            let params: Vec<&[u16]> = params.iter().collect();
            self.wrong.push(format!("CSI {marks:?} {params:?} {action}"));
        }
    }

    fn esc_dispatch(&mut self, marks: &[u8], _: bool, byte: u8) {
        // The end of a string is told as one.
        if (marks, byte) != (&[], b'\\') {
            self.wrong.push(format!("ESC {marks:?} {:?}", char::from(byte)));
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let text: Vec<_> = params.iter().map(|part| String::from_utf8_lossy(part)).collect();
        self.wrong.push(format!("OSC {text:?}"));
    }

    fn hook(&mut self, params: &Params, marks: &[u8], _: bool, action: char) {
        let params: Vec<&[u16]> = params.iter().collect();
        self.wrong.push(format!("DCS {marks:?} {params:?} {action}"));
    }
}

/// Asserts that these bytes of ours hold nothing but drawing.
#[track_caller]
pub fn assert_only_drawing(bytes: &[u8]) {
    let mut found = Found::default();
    Parser::<1024>::new().advance(&mut found, bytes);
    found.wrong.dedup();
    found.wrong.truncate(20);
    assert!(found.wrong.is_empty(), "reached the terminal: {:#?}", found.wrong);
}
