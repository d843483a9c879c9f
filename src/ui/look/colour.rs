//! Colours, what a terminal can show of them, and the nearest it can show.

use ratatui::style::{Color, Modifier};

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// None: attributes only.
    None,
    /// Eight, bright ones through bold.
    Eight,
    /// Sixteen.
    Sixteen,
    /// 256.
    Palette,
    /// All of 24 bits.
    True,
}

impl Tier {
    /// All, poorest first.
    pub const ALL: [Tier; 5] = [Tier::None, Tier::Eight, Tier::Sixteen, Tier::Palette, Tier::True];

    /// The word of settings and themes.
    pub const fn word(self) -> &'static str {
        match self {
            Tier::None => "none",
            Tier::Eight => "8",
            Tier::Sixteen => "16",
            Tier::Palette => "256",
            Tier::True => "true",
        }
    }

    /// The tier a word names.
    pub fn from_word(word: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.word() == word)
    }
}

/// A colour as a theme writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// The terminal's own.
    Default,
    /// One of the sixteen, 0 to 15, in the terminal's own shades.
    Ansi(u8),
    /// One of 256.
    Index(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// Names of the sixteen in the order of their numbers.
pub const ANSI_NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

const ANSI_COLORS: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// The sixteen as xterm draws them; what other terminals draw is near enough
/// to pick the nearest of them, and to draw pictures.
const ANSI_RGB: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The steps of the colour cube of the 256.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Colour {
    /// Reads `default`, a name of the sixteen, a number of the 256 or `#rrggbb`.
    pub fn parse(word: &str) -> Option<Colour> {
        if word == "default" {
            return Some(Colour::Default);
        }
        if let Some(at) = ANSI_NAMES.iter().position(|name| *name == word) {
            return u8::try_from(at).ok().map(Colour::Ansi);
        }
        if let Some(hex) = word.strip_prefix('#') {
            if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            let number = u32::from_str_radix(hex, 16).ok()?;
            let [_, r, g, b] = number.to_be_bytes();
            return Some(Colour::Rgb(r, g, b));
        }
        word.parse().ok().map(Colour::Index)
    }

    /// The poorest tier that shows it as it is.
    pub const fn needs(self) -> Tier {
        match self {
            Colour::Default => Tier::None,
            Colour::Ansi(0..=7) => Tier::Eight,
            Colour::Ansi(_) => Tier::Sixteen,
            Colour::Index(_) => Tier::Palette,
            Colour::Rgb(..) => Tier::True,
        }
    }

    /// Red, green and blue, as xterm draws it; `None` for the terminal's own.
    pub fn rgb(self) -> Option<(u8, u8, u8)> {
        match self {
            Colour::Default => None,
            Colour::Ansi(at) | Colour::Index(at @ 0..=15) => ANSI_RGB.get(usize::from(at)).copied(),
            Colour::Index(at @ 16..=231) => {
                let cube = at - 16;
                let step = |n: u8| CUBE.get(usize::from(n % 6)).copied().unwrap_or(0);
                Some((step(cube / 36), step(cube / 6), step(cube)))
            }
            Colour::Index(at) => {
                let grey = 8 + (at - 232) * 10;
                Some((grey, grey, grey))
            }
            Colour::Rgb(r, g, b) => Some((r, g, b)),
        }
    }

    /// The nearest the tier can show, with an attribute that makes up for a
    /// lost brightness (for a foreground).
    pub fn within(self, tier: Tier) -> (Colour, Modifier) {
        if self.needs() <= tier {
            return (self, Modifier::empty());
        }
        match (tier, self) {
            (Tier::None, _) => (Colour::Default, Modifier::empty()),
            // Grey is not among the eight: dim text says the same.
            (Tier::Eight, Colour::Ansi(8)) => (Colour::Default, Modifier::DIM),
            (Tier::Eight, Colour::Ansi(bright)) => (Colour::Ansi(bright - 8), Modifier::BOLD),
            (Tier::Eight, _) => self.among_ansi().within(Tier::Eight),
            (Tier::Sixteen, _) => (self.among_ansi(), Modifier::empty()),
            _ => (self.among_256(), Modifier::empty()),
        }
    }

    fn among_ansi(self) -> Colour {
        self.nearest_of((0..16).map(Colour::Ansi))
    }

    fn among_256(self) -> Colour {
        self.nearest_of((16..=255).map(Colour::Index))
    }

    fn nearest_of(self, choices: impl Iterator<Item = Colour>) -> Colour {
        let Some(wanted) = self.rgb() else { return Colour::Default };
        choices
            .min_by_key(|choice| choice.rgb().map_or(u32::MAX, |rgb| distance(wanted, rgb)))
            .unwrap_or(Colour::Default)
    }

    /// As the terminal library names it.
    pub fn color(self) -> Color {
        match self {
            Colour::Default => Color::Reset,
            Colour::Ansi(at) => ANSI_COLORS.get(usize::from(at)).copied().unwrap_or(Color::Reset),
            Colour::Index(at) => Color::Indexed(at),
            Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
        }
    }

    /// Back from the terminal library's name.
    pub fn from_color(color: Color) -> Colour {
        match color {
            Color::Indexed(at) => Colour::Index(at),
            Color::Rgb(r, g, b) => Colour::Rgb(r, g, b),
            named => ANSI_COLORS
                .iter()
                .position(|ansi| *ansi == named)
                .and_then(|at| u8::try_from(at).ok())
                .map_or(Colour::Default, Colour::Ansi),
        }
    }
}

/// Distance as the eye sees it, roughly: green counts most, blue more where red is low.
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let mean = (u32::from(a.0) + u32::from(b.0)) / 2;
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    (((512 + mean) * square(a.0, b.0)) >> 8)
        + 4 * square(a.1, b.1)
        + (((767 - mean) * square(a.2, b.2)) >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_read_as_written() {
        assert_eq!(Colour::parse("#ff8000"), Some(Colour::Rgb(255, 128, 0)));
        assert_eq!(Colour::parse("208"), Some(Colour::Index(208)));
        assert_eq!(Colour::parse("bright-red"), Some(Colour::Ansi(9)));
        for wrong in ["#ff80", "#gggggg", "256", "-1", "pinkish", "", "#é1234"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_poorer_terminal_gets_the_nearest_it_can_show() {
        let orange = Colour::Rgb(255, 135, 0);
        assert_eq!(orange.within(Tier::True).0, orange);
        assert_eq!(orange.within(Tier::Palette).0, Colour::Index(208));
        assert_eq!(Colour::Rgb(250, 10, 10).within(Tier::Eight), (Colour::Ansi(1), Modifier::BOLD));
        assert_eq!(Colour::Ansi(8).within(Tier::Eight), (Colour::Default, Modifier::DIM));
        for tier in Tier::ALL {
            for word in ["#123456", "#ffffff", "99", "bright-cyan", "red", "default"] {
                let (shown, _) = Colour::parse(word).unwrap().within(tier);
                assert!(shown.needs() <= tier, "{word} at {tier:?} became {shown:?}");
            }
        }
    }

    #[test]
    fn names_of_the_library_go_there_and_back() {
        for at in 0..16 {
            assert_eq!(Colour::from_color(Colour::Ansi(at).color()), Colour::Ansi(at));
        }
    }
}
