//! The look: styles by role, glyphs, colour tier. The only place where a
//! colour or a drawing character is written down.

mod choose;
mod colour;
mod console;
mod glyphs;
mod ink;
mod role;
mod theme;

use ratatui::style::{Modifier, Style};

use crate::app::model::LookNames;

pub use crate::app::mark::Mark;
pub use choose::{Chosen, LookChoice, LookEnv, unknown_theme};
pub use colour::{Colour, Tier};
pub use glyphs::{Glyphs, Lines};
pub use role::StyleRole;
pub use theme::{Theme, ThemeProblem, theme_names};

/// What a picture has where the screen leaves the colours to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Behind the text: red, green, blue.
    pub ground: (u8, u8, u8),
    /// Plain text.
    pub ink: (u8, u8, u8),
}

const DARK: Paper = Paper { ground: (16, 20, 26), ink: (205, 211, 222) };
const LIGHT: Paper = Paper { ground: (255, 255, 255), ink: (36, 41, 47) };

/// Everything drawing needs to know about the terminal and the taste of its user.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Name of the theme.
    pub theme: String,
    /// Colours in use.
    pub tier: Tier,
    /// Characters in use.
    pub glyphs: &'static Glyphs,
    /// Whether the theme is made for a light background.
    pub is_light: bool,
    styles: [Style; StyleRole::COUNT],
}

impl Look {
    /// A look from its three parts.
    pub fn new(name: &str, theme: &Theme, tier: Tier, glyphs: &'static Glyphs) -> Look {
        let styles = std::array::from_fn(|at| {
            StyleRole::ALL.get(at).map_or_else(Style::new, |(role, _)| theme.style(*role, tier))
        });
        Look { theme: name.to_owned(), tier, glyphs, is_light: theme.is_light, styles }
    }

    /// The style of a role.
    pub fn style(&self, role: StyleRole) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// The style of the site's word in the colour that the site chose for it:
    /// the word of a role, or a colour. Without one, or where nobody knows it,
    /// that of the theme.
    pub fn word_style(&self, colour: Option<&str>) -> Style {
        let badge = Modifier::BOLD | Modifier::REVERSED;
        let usual = self.style(StyleRole::SiteWord);
        let Some(colour) = colour else { return usual };
        match (StyleRole::from_word(colour), Colour::parse(colour)) {
            (Some(role), _) => self.style(role).add_modifier(badge),
            (None, Some(colour)) if self.tier > Tier::None => {
                let (shown, brighter) = colour.within(self.tier);
                Style::new().fg(shown.color()).add_modifier(badge | brighter)
            }
            _ => usual,
        }
    }

    /// The glyph of a state.
    pub fn mark(&self, mark: Mark) -> char {
        self.glyphs.mark(mark)
    }

    /// The ground and ink of pictures drawn with this look.
    pub const fn paper(&self) -> Paper {
        if self.is_light { LIGHT } else { DARK }
    }

    /// The role of a state's mark and word.
    pub fn role_of(&self, mark: Mark) -> StyleRole {
        StyleRole::from(mark)
    }

    /// The look as the model remembers it.
    pub fn names(&self) -> LookNames {
        LookNames {
            theme: self.theme.clone(),
            glyphs: self.glyphs.name.to_owned(),
            colours: self.tier.word().to_owned(),
        }
    }

    /// The look in three words, as settings and `:look` write it: `dark unicode 256`.
    pub fn words(&self) -> String {
        format!("{} {} {}", self.theme, self.glyphs.name, self.tier.word())
    }
}

#[cfg(test)]
mod tests;
