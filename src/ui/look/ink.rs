//! What a log's own colours become on this terminal: never unreadable, never
//! more than it can show.

use ratatui::style::{Modifier, Style};

use crate::app::logs::{Ink, Paint};

use super::{Colour, Look, StyleRole, Tier};

impl Look {
    /// The style of a piece of a log.
    pub fn ink(&self, ink: &Ink) -> Style {
        if ink.is_hit {
            return self.style(StyleRole::Match);
        }
        if ink.is_sign {
            return self.style(StyleRole::Dim).add_modifier(Modifier::UNDERLINED);
        }
        let mut style = self.style(StyleRole::Text);
        let mut attributes = Modifier::empty();
        for (is_on, attribute) in [
            (ink.bold, Modifier::BOLD),
            (ink.dim, Modifier::DIM),
            (ink.italic, Modifier::ITALIC),
            (ink.underline, Modifier::UNDERLINED),
            (ink.reverse, Modifier::REVERSED),
        ] {
            if is_on {
                attributes |= attribute;
            }
        }
        let ground = colour_of(ink.bg).filter(|_| self.tier > Tier::None);
        match colour_of(ink.fg).filter(|_| self.tier > Tier::None) {
            Some(letters) if ground.is_none() && self.is_lost(letters, ink.bold) => {
                // Grey on purpose, black by accident: both are meant to stand back.
                style = self.style(StyleRole::Dim);
                attributes -= Modifier::BOLD | Modifier::DIM;
            }
            Some(letters) => {
                let (shown, brighter) = letters.within(self.tier);
                style = style.fg(shown.color());
                attributes |= brighter;
            }
            None => {}
        }
        // Letters in the colour of their ground would be hidden.
        if let Some(ground) = ground.filter(|ground| colour_of(ink.fg) != Some(*ground)) {
            style = style.bg(ground.within(self.tier).0.color());
        }
        style.add_modifier(attributes)
    }

    /// Whether letters of this colour cannot be read on the terminal's own ground.
    fn is_lost(&self, letters: Colour, is_bold: bool) -> bool {
        match letters {
            // Bright black, in either way of writing it, is the ground of many themes.
            Colour::Ansi(8) => true,
            Colour::Ansi(0) => is_bold || !self.is_light,
            Colour::Ansi(7 | 15) => self.is_light,
            other => other.rgb().is_some_and(|(r, g, b)| {
                let light = u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114;
                if self.is_light { light > 225_000 } else { light < 40_000 }
            }),
        }
    }
}

fn colour_of(paint: Paint) -> Option<Colour> {
    match paint {
        Paint::Plain => None,
        Paint::Index(at @ 0..=15) => Some(Colour::Ansi(at)),
        Paint::Index(at) => Some(Colour::Index(at)),
        Paint::Rgb(r, g, b) => Some(Colour::Rgb(r, g, b)),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::super::{LookChoice, LookEnv};
    use super::*;

    fn look(words: &str) -> Look {
        Look::choose(&LookEnv { wanted: LookChoice::from_words(words), ..LookEnv::default() }).look
    }

    #[test]
    fn the_line_that_says_retrying_can_be_read() {
        let retrying = Ink { fg: Paint::Index(0), bold: true, ..Ink::default() };
        for words in ["dark unicode 256", "light unicode true", "dark unicode 8"] {
            let look = look(words);
            assert_eq!(look.ink(&retrying), look.style(StyleRole::Dim), "{words}");
        }
        let white = Ink { fg: Paint::Index(15), ..Ink::default() };
        let light = look("light unicode 256");
        assert_eq!(light.ink(&white), light.style(StyleRole::Dim));
    }

    #[test]
    fn colours_are_kept_as_far_as_the_terminal_has_them() {
        let red = Ink { fg: Paint::Index(1), ..Ink::default() };
        assert_eq!(look("dark unicode 256").ink(&red).fg, Some(Color::Red));
        let none = look("mono ascii none");
        assert_eq!(none.ink(&red).fg, none.style(StyleRole::Text).fg);
        let orange = Ink { fg: Paint::Rgb(255, 135, 0), ..Ink::default() };
        assert_eq!(look("dark unicode 256").ink(&orange).fg, Some(Color::Indexed(208)));
        let hidden = Ink { fg: Paint::Index(1), bg: Paint::Index(1), ..Ink::default() };
        assert_eq!(look("dark unicode 256").ink(&hidden).bg, look("dark unicode 256").ink(&red).bg);
    }
}
