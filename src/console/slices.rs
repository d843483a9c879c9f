//! What a program printed, on its way into the emulator: in slices of time, so
//! that a flood never keeps the keys waiting, and with the answers to what the
//! program asked.

use std::time::{Duration, Instant};

use super::grid::Grid;

/// How long the emulator works before keys are looked at again.
const SLICE: Duration = Duration::from_millis(8);
/// The pieces that are fed at once; smaller ones where they cost more.
const PIECES: (usize, usize) = (64, 16 * 1024);
/// How long a program has to be silent until questions are answered again that
/// were behind an interrupt.
const SILENCE: Duration = Duration::from_millis(100);

/// Output that was read, and how far it was fed.
#[derive(Debug)]
pub struct Slices {
    bytes: Vec<u8>,
    fed: usize,
    piece: usize,
    /// Until when nobody waits for answers any more.
    deaf_until: Option<Instant>,
}

impl Default for Slices {
    fn default() -> Slices {
        Slices { bytes: Vec::new(), fed: 0, piece: PIECES.1, deaf_until: None }
    }
}

impl Slices {
    /// Takes in output; what was not fed yet comes before it.
    pub fn give(&mut self, bytes: Vec<u8>) {
        if self.is_behind() {
            self.bytes.extend(bytes);
        } else {
            (self.bytes, self.fed) = (bytes, 0);
        }
    }

    /// Whether some of it was not fed yet. More should not be read then, so
    /// that a flood slows its own program.
    pub fn is_behind(&self) -> bool {
        self.fed < self.bytes.len()
    }

    /// Another line: what was asked on the one before is forgotten.
    pub fn hear(&mut self) {
        self.deaf_until = None;
    }

    /// Feeds the emulator for a slice of time: what it was fed, nothing when
    /// there was nothing.
    pub fn feed(&mut self, grid: &mut Grid) -> &[u8] {
        let (began, from) = (Instant::now(), self.fed);
        while self.is_behind() {
            let piece_began = Instant::now();
            let rest = self.bytes.get(self.fed..).unwrap_or_default();
            let piece = rest.get(..self.piece.min(rest.len())).unwrap_or_default();
            grid.feed(piece);
            self.fed += piece.len();
            // Some sequences cost thousands of times what others do.
            let took = piece_began.elapsed();
            if took > SLICE / 2 {
                self.piece = (self.piece / 2).max(PIECES.0);
            } else if took < SLICE / 8 {
                self.piece = (self.piece * 2).min(PIECES.1);
            }
            if began.elapsed() > SLICE {
                break;
            }
        }
        let fed = self.bytes.get(from..self.fed).unwrap_or_default();
        if let (false, Some(until)) = (fed.is_empty(), &mut self.deaf_until) {
            *until = Instant::now() + SILENCE;
        }
        fed
    }

    /// What a program asked before these keys interrupt it is answered to
    /// nobody: a shell would take the answers for typed commands. `has_more`:
    /// whether more output waits to be read.
    pub fn interrupt(&mut self, keys: &[u8], has_more: bool) {
        if matches!(keys, [0x03 | 0x1a | 0x1c]) && (has_more || self.is_behind()) {
            self.deaf_until = Some(Instant::now() + SILENCE);
        }
    }

    /// The emulator's answers to the program's questions.
    pub fn answers(&mut self, grid: &mut Grid) -> Vec<u8> {
        let answers = grid.take_answers();
        if self.deaf_until.is_some_and(|until| Instant::now() < until) {
            return Vec::new();
        }
        self.deaf_until = None;
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_fed_in_slices_and_loses_nothing() {
        let (mut slices, mut grid) = (Slices::default(), Grid::new(80, 24, 0));
        // Each of them repeats a character 65,535 times.
        slices.give(b"x\x1b[65535b".repeat(4096));
        let mut looks = 0;
        while !slices.feed(&mut grid).is_empty() {
            looks += 1;
            if looks == 1 {
                assert!(slices.is_behind(), "all of it was fed at once");
                slices.give(b"\x1b[2J\x1b[Hend".to_vec());
            }
        }
        assert!(looks > 10, "{looks}");
        assert_eq!(grid.text(0).screen[0], "end");
    }

    #[test]
    fn what_was_asked_before_an_interrupt_is_answered_to_nobody() {
        let (mut slices, mut grid) = (Slices::default(), Grid::new(80, 24, 0));
        slices.give(b"\x1b[6n".to_vec());
        slices.interrupt(b"\x03", false);
        slices.feed(&mut grid);
        assert_eq!(slices.answers(&mut grid), b"");
        slices.hear();
        slices.give(b"\x1b[6n".to_vec());
        slices.interrupt(b"x", true);
        slices.feed(&mut grid);
        assert_eq!(slices.answers(&mut grid), b"\x1b[1;1R");
    }
}
