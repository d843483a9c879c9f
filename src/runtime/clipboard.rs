//! Copying out of a terminal: OSC 52, through tmux where we are inside one.

use base64::Engine as _;

/// The longest text sent by OSC 52, in bytes before encoding. xterm and tmux
/// drop longer sequences without a word (tmux's input buffer holds 1 MiB,
/// xterm's default is 100,000 encoded bytes), so longer text goes to a file.
const LONGEST: usize = 74_000;

/// What surrounds us, as far as copying cares.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `$TERM`.
    pub term: String,
    /// Whether `$TMUX` is set.
    pub in_tmux: bool,
}

/// The bytes that make the terminal copy `text`; `None` when the terminal is
/// known not to understand them or the text is too long, so that a file is the way.
pub fn sequence(text: &str, around: &Surroundings) -> Option<String> {
    let hopeless =
        matches!(around.term.as_str(), "" | "dumb" | "linux" | "vt100" | "vt102" | "vt220");
    if text.len() > LONGEST || (hopeless && !around.in_tmux) {
        return None;
    }
    let plain =
        format!("\u{1b}]52;c;{}\u{7}", base64::engine::general_purpose::STANDARD.encode(text));
    Some(if around.in_tmux {
        // tmux passes on what stands in its own envelope, every ESC doubled.
        format!("\u{1b}Ptmux;{}\u{1b}\\", plain.replace('\u{1b}', "\u{1b}\u{1b}"))
    } else {
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(term: &str, in_tmux: bool) -> Surroundings {
        Surroundings { term: term.to_owned(), in_tmux }
    }

    #[test]
    fn plain_terminals_get_osc_52() {
        let bytes = sequence("gpu-07", &around("xterm-256color", false)).unwrap();
        assert_eq!(bytes, "\u{1b}]52;c;Z3B1LTA3\u{7}");
    }

    #[test]
    fn tmux_gets_an_envelope_with_doubled_escapes() {
        let bytes = sequence("gpu-07", &around("screen-256color", true)).unwrap();
        assert_eq!(bytes, "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;Z3B1LTA3\u{7}\u{1b}\\");
    }

    #[test]
    fn a_console_or_a_long_text_needs_a_file() {
        assert_eq!(sequence("x", &around("linux", false)), None);
        assert_eq!(sequence(&"x".repeat(80_000), &around("xterm", false)), None);
    }
}
