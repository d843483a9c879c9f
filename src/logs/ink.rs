//! How a log wants its text to look: colours and attributes as data. What
//! they become on screen is the look's business.

use serde::{Deserialize, Serialize};

/// A colour as a log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paint {
    /// The terminal's own.
    #[default]
    Plain,
    /// One of the 256; the first sixteen are the terminal's own shades.
    Index(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// Colours and attributes of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ink {
    /// The letters.
    #[serde(skip_serializing_if = "is_plain")]
    pub fg: Paint,
    /// Behind the letters.
    #[serde(skip_serializing_if = "is_plain")]
    pub bg: Paint,
    /// Bold.
    #[serde(skip_serializing_if = "is_off")]
    pub bold: bool,
    /// Faint.
    #[serde(skip_serializing_if = "is_off")]
    pub dim: bool,
    /// Italic.
    #[serde(skip_serializing_if = "is_off")]
    pub italic: bool,
    /// Underlined.
    #[serde(skip_serializing_if = "is_off")]
    pub underline: bool,
    /// Colours swapped.
    #[serde(skip_serializing_if = "is_off")]
    pub reverse: bool,
    /// Stands for something that is no text, as `^G` for a bell.
    #[serde(skip_serializing_if = "is_off")]
    pub is_sign: bool,
    /// What is looked for.
    #[serde(skip_serializing_if = "is_off")]
    pub is_hit: bool,
}

fn is_plain(paint: &Paint) -> bool {
    *paint == Paint::Plain
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands over a reference
fn is_off(flag: &bool) -> bool {
    !*flag
}

/// A piece of text in one ink. The text holds no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// The text.
    pub text: String,
    /// How it looks.
    pub ink: Ink,
}

impl Ink {
    /// Takes in the parameters of one `ESC[…m`. What is unknown changes nothing;
    /// concealed text (8) stays visible, and blinking (5, 6) is left out.
    pub fn select(&mut self, parameters: &[u8]) {
        // Colons part sub-parameters; `38:2::r:g:b` has an empty one for the colour space.
        let text: Vec<Vec<Option<u16>>> = parameters
            .split(|byte| *byte == b';')
            .map(|part| part.split(|byte| *byte == b':').map(number).collect())
            .collect();
        let mut rest = text.iter();
        while let Some(part) = rest.next() {
            let first = part.first().copied().flatten().unwrap_or(0);
            match first {
                38 | 48 => {
                    let paint = if part.len() > 1 {
                        extended(part.get(1..).unwrap_or(&[]))
                    } else {
                        let mut flat: Vec<Option<u16>> = Vec::new();
                        let mode = rest.next().and_then(|p| p.first().copied().flatten());
                        flat.push(mode);
                        let more = match mode {
                            Some(5) => 1,
                            Some(2) => 3,
                            _ => 0,
                        };
                        for _ in 0..more {
                            flat.push(rest.next().and_then(|p| p.first().copied().flatten()));
                        }
                        extended(&flat)
                    };
                    let Some(paint) = paint else { continue };
                    if first == 38 { self.fg = paint } else { self.bg = paint }
                }
                // The colour of an underline; its parameters are not attributes.
                58 if part.len() == 1 => {
                    let more = match rest.next().and_then(|p| p.first().copied().flatten()) {
                        Some(5) => 1,
                        Some(2) => 3,
                        _ => 0,
                    };
                    for _ in 0..more {
                        rest.next();
                    }
                }
                4 => self.underline = part.get(1).copied().flatten() != Some(0),
                other => self.attribute(other),
            }
        }
    }

    fn attribute(&mut self, code: u16) {
        let ansi = |from: u16, to: u8| {
            u8::try_from(code - from).map_or(Paint::Plain, |at| Paint::Index(at + to))
        };
        match code {
            0 => *self = Ink::default(),
            1 => self.bold = true,
            2 => self.dim = true,
            3 => self.italic = true,
            7 => self.reverse = true,
            21 => self.underline = true,
            22 => (self.bold, self.dim) = (false, false),
            23 => self.italic = false,
            24 => self.underline = false,
            27 => self.reverse = false,
            30..=37 => self.fg = ansi(30, 0),
            39 => self.fg = Paint::Plain,
            40..=47 => self.bg = ansi(40, 0),
            49 => self.bg = Paint::Plain,
            90..=97 => self.fg = ansi(90, 8),
            100..=107 => self.bg = ansi(100, 8),
            _ => {}
        }
    }
}

fn number(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// What follows 38 and 48: `5 n`, `2 r g b`, with colons also `2 space r g b`.
fn extended(parts: &[Option<u16>]) -> Option<Paint> {
    let byte = |part: Option<u16>| u8::try_from(part.unwrap_or(0)).ok();
    match parts {
        [Some(5), index, ..] => Some(Paint::Index(byte(*index)?)),
        [Some(2), _, r, g, b, ..] | [Some(2), r, g, b] => {
            Some(Paint::Rgb(byte(*r)?, byte(*g)?, byte(*b)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(parameters: &[&str]) -> Ink {
        let mut ink = Ink::default();
        parameters.iter().for_each(|p| ink.select(p.as_bytes()));
        ink
    }

    #[test]
    fn colours_and_attributes_are_read() {
        assert_eq!(ink(&["1;31"]), Ink { bold: true, fg: Paint::Index(1), ..Ink::default() });
        assert_eq!(ink(&["97;44"]).bg, Paint::Index(4));
        assert_eq!(ink(&["97;44"]).fg, Paint::Index(15));
        assert_eq!(ink(&["1;31", ""]), Ink::default(), "no parameter resets");
        assert_eq!(ink(&["1;31", "0"]), Ink::default());
        assert_eq!(ink(&["7;3;4", "27;23;24"]), Ink::default());
    }

    #[test]
    fn both_ways_of_writing_many_colours_are_read() {
        assert_eq!(ink(&["38;5;208"]).fg, Paint::Index(208));
        assert_eq!(ink(&["38:5:208"]).fg, Paint::Index(208));
        assert_eq!(ink(&["48;2;1;2;3"]).bg, Paint::Rgb(1, 2, 3));
        assert_eq!(ink(&["48:2::1:2:3"]).bg, Paint::Rgb(1, 2, 3));
        assert_eq!(ink(&["48:2:1:2:3"]).bg, Paint::Rgb(1, 2, 3));
        let both = ink(&["38;5;1;1"]);
        assert!(both.bold && both.fg == Paint::Index(1), "what follows is read as well");
        assert!(!ink(&["58;5;1"]).bold, "an underline's colour is not bold");
    }

    #[test]
    fn nonsense_changes_nothing() {
        for text in ["38", "38;5", "38;9;1", "999", "99999999", ";;;", "38;5;300", "x", ":"] {
            assert_eq!(ink(&[text]).bg, Paint::Plain, "{text}");
        }
    }
}
