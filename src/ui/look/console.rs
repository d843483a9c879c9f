//! What a program in a console asked for, as this terminal can show it.

use ratatui::style::{Modifier, Style as Cells};

use crate::app::consoles::{Ink, Style};

use super::{Colour, Glyphs, Look, StyleRole};

impl Look {
    /// The style of a run of a console's cells.
    pub fn console(&self, style: &Style) -> Cells {
        let (fore, bright) = colour(style.fore).within(self.tier);
        let (back, _) = colour(style.back).within(self.tier);
        let mut cells = Cells::reset().fg(fore.color()).bg(back.color()).add_modifier(bright);
        for (is_so, modifier) in [
            (style.bold, Modifier::BOLD),
            (style.dim, Modifier::DIM),
            (style.italic, Modifier::ITALIC),
            (style.underline, Modifier::UNDERLINED),
            (style.inverse, Modifier::REVERSED),
            (style.strike, Modifier::CROSSED_OUT),
        ] {
            if is_so {
                cells = cells.add_modifier(modifier);
            }
        }
        if style.hit { cells.patch(self.style(StyleRole::Match)) } else { cells }
    }

    /// What makes a cell the cursor.
    pub fn cursor(&self) -> Cells {
        Cells::new().add_modifier(Modifier::REVERSED)
    }
}

fn colour(ink: Ink) -> Colour {
    match ink {
        Ink::Default => Colour::Default,
        Ink::Indexed(at @ 0..=15) => Colour::Ansi(at),
        Ink::Indexed(at) => Colour::Index(at),
        Ink::Rgb(r, g, b) => Colour::Rgb(r, g, b),
    }
}

impl Glyphs {
    /// A character of a console as this table can show it: frames of full-screen
    /// programs keep their shape, what else is lacking becomes its stand-in.
    pub fn of_console(&self, c: char) -> char {
        if self.shows(c) {
            return c;
        }
        match c {
            '─' | '━' | '╌' | '┄' | '╴' | '╶' => self.line.across,
            '═' => self.strong.across,
            '│' | '┃' | '╎' | '┆' | '╵' | '╷' => self.line.down,
            '║' => self.strong.down,
            '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╯' | '╰' | '┏'
            | '┓' | '┗' | '┛' | '╔' | '╗' | '╚' | '╝' | '╠' | '╣' | '╦' | '╩' | '╬' => {
                '+'
            }
            '█' | '▓' | '▒' | '░' | '▌' | '▐' | '■' => '#',
            '•' | '·' | '●' | '◆' => '*',
            '→' | '▶' | '►' => '>',
            '←' | '◀' => '<',
            '↑' | '▲' => '^',
            '↓' | '▼' => 'v',
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            '\u{2013}' | '\u{2014}' => '-',
            _ => self.strange,
        }
    }
}
