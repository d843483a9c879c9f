//! What a piece of the screen means; themes give each meaning its style.

use crate::app::mark::Mark;

/// A meaning that a theme styles. Widgets name meanings, never colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum StyleRole {
    /// Plain text.
    Text,
    /// Less important: ages, units, hints, what is off.
    Dim,
    /// Titles of panels and columns.
    Title,
    /// Lines around and between panels.
    Border,
    /// The line around the panel that has the keys.
    BorderFocus,
    /// The letter to press.
    Key,
    /// Line 1.
    Header,
    /// Line 1 and the word DEMO on a demo site.
    HeaderDemo,
    /// Line 1 while changes are armed.
    HeaderArmed,
    /// Line 1 while looking at the past.
    HeaderPast,
    /// The warning word of the site (`PROD`).
    SiteWord,
    /// A screen's name in line 2.
    Tab,
    /// The name of the screen in front.
    TabCurrent,
    /// The selected row.
    Selection,
    /// What is being typed.
    Input,
    /// Letters that a search found.
    Match,
    /// Well.
    Ok,
    /// Impaired, works.
    Warn,
    /// Broken.
    Fail,
    /// We cannot look.
    Unknown,
    /// Was true, is old.
    Old,
    /// In progress.
    Active,
    /// Waits for a person.
    Attention,
    /// Off, not wanted, not yet.
    Off,
    /// Skipped, reason kept.
    Skip,
}

impl StyleRole {
    /// How many there are.
    pub const COUNT: usize = 25;

    /// All of them, with the word that themes use.
    pub const ALL: [(StyleRole, &'static str); StyleRole::COUNT] = [
        (StyleRole::Text, "text"),
        (StyleRole::Dim, "dim"),
        (StyleRole::Title, "title"),
        (StyleRole::Border, "border"),
        (StyleRole::BorderFocus, "border-focus"),
        (StyleRole::Key, "key"),
        (StyleRole::Header, "header"),
        (StyleRole::HeaderDemo, "header-demo"),
        (StyleRole::HeaderArmed, "header-armed"),
        (StyleRole::HeaderPast, "header-past"),
        (StyleRole::SiteWord, "site-word"),
        (StyleRole::Tab, "tab"),
        (StyleRole::TabCurrent, "tab-current"),
        (StyleRole::Selection, "selection"),
        (StyleRole::Input, "input"),
        (StyleRole::Match, "match"),
        (StyleRole::Ok, "ok"),
        (StyleRole::Warn, "warn"),
        (StyleRole::Fail, "fail"),
        (StyleRole::Unknown, "unknown"),
        (StyleRole::Old, "old"),
        (StyleRole::Active, "active"),
        (StyleRole::Attention, "attention"),
        (StyleRole::Off, "off"),
        (StyleRole::Skip, "skip"),
    ];

    /// The word that themes use.
    pub fn word(self) -> &'static str {
        StyleRole::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, word)| word)
    }

    /// The meaning a word names.
    pub fn from_word(word: &str) -> Option<StyleRole> {
        StyleRole::ALL.iter().find(|(_, name)| *name == word).map(|(role, _)| *role)
    }
}

impl From<Mark> for StyleRole {
    fn from(mark: Mark) -> StyleRole {
        match mark {
            Mark::Ok => StyleRole::Ok,
            Mark::Warn => StyleRole::Warn,
            Mark::Fail => StyleRole::Fail,
            Mark::Unknown => StyleRole::Unknown,
            Mark::Old => StyleRole::Old,
            Mark::Active => StyleRole::Active,
            Mark::Waits => StyleRole::Attention,
            Mark::Off => StyleRole::Off,
            Mark::Skipped => StyleRole::Skip,
        }
    }
}
