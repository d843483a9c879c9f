//! Themes: TOML that gives each role its colours and attributes, read with
//! errors that name the line and what is accepted.

use std::fmt;

use ratatui::style::{Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::nearest;

use super::colour::{ANSI_NAMES, Colour, Tier};
use super::role::StyleRole;

/// The themes that come with the program, by name; the first is the default.
pub const BUILT_IN: [(&str, &str); 6] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../../themes/deuteranopia.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
    ("linux-console", include_str!("../../../themes/linux-console.toml")),
];

/// The attributes a theme may give.
const ATTRIBUTES: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

/// What a theme says of one role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Paint {
    /// Foregrounds to choose from, best first.
    fg: Vec<Colour>,
    /// Backgrounds to choose from, best first.
    bg: Vec<Colour>,
    attributes: Modifier,
}

/// A theme as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// What people call it.
    pub title: String,
    /// The poorest terminal it makes sense on.
    pub requires: Tier,
    /// Whether it is made for a light background.
    pub is_light: bool,
    paints: [Option<Paint>; StyleRole::COUNT],
}

/// Something wrong in a theme file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeProblem {
    /// Name of the file as the reader knows it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What was found and what is accepted.
    pub sentence: String,
}

impl fmt::Display for ThemeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.sentence)
    }
}

impl Theme {
    /// Reads a theme; `file` is its name in problems. A theme that names
    /// another with `based_on` may leave roles out. All problems are
    /// reported, not only the first.
    pub fn read(file: &str, text: &str) -> Result<Theme, Vec<ThemeProblem>> {
        Reader { file, text, problems: Vec::new() }.read()
    }

    /// A theme that comes with the program; `None` for any other name.
    pub fn built_in(name: &str) -> Option<Result<Theme, Vec<ThemeProblem>>> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(Theme::read(&format!("{name}.toml"), text))
    }

    /// No style at all: marks and words only.
    pub fn plain() -> Theme {
        Theme {
            title: "Plain".to_owned(),
            requires: Tier::None,
            is_light: false,
            paints: std::array::from_fn(|_| None),
        }
    }

    /// The style of a role on a terminal of that tier.
    pub fn style(&self, role: StyleRole, tier: Tier) -> Style {
        let Some(Some(paint)) = self.paints.get(role as usize) else { return Style::new() };
        let pick = |choices: &[Colour]| {
            let best = choices.iter().find(|colour| colour.needs() <= tier).or(choices.last());
            best.filter(|_| tier > Tier::None).map(|colour| colour.within(tier))
        };
        let mut style = Style::new().add_modifier(paint.attributes);
        if let Some((colour, brighter)) = pick(&paint.fg) {
            style = style.fg(colour.color()).add_modifier(brighter);
        }
        let ground = pick(&paint.bg).map(|(colour, _)| colour);
        match ground.filter(|colour| *colour != Colour::Default) {
            Some(colour) => style = style.bg(colour.color()),
            // What was told by a background alone must stay visible without one.
            None if !paint.bg.is_empty() && paint.attributes.is_empty() => {
                style = style.add_modifier(Modifier::REVERSED);
            }
            None => {}
        }
        style
    }

    /// Roles the theme says nothing about.
    pub fn missing(&self) -> Vec<&'static str> {
        StyleRole::ALL
            .iter()
            .filter(|(role, _)| self.paints.get(*role as usize).is_none_or(Option::is_none))
            .map(|(_, word)| *word)
            .collect()
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<ThemeProblem>,
}

impl Reader<'_> {
    fn read(mut self) -> Result<Theme, Vec<ThemeProblem>> {
        let document = match DeTable::parse(self.text) {
            Ok(document) => document,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.problem(at, format!("this is not TOML: {}", error.message()));
                return Err(self.problems);
            }
        };
        let mut theme = Theme::plain();
        if let Some(base) = document.get_ref().get("based_on") {
            self.base(base, &mut theme);
        }
        for (key, value) in document.get_ref() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("title", DeValue::String(title)) => theme.title = title.to_string(),
                ("requires", DeValue::String(word)) => match Tier::from_word(word) {
                    Some(tier) => theme.requires = tier,
                    None => self.unknown(value, "number of colours", word, tier_words()),
                },
                ("ground", DeValue::String(word)) => match word.as_ref() {
                    "light" => theme.is_light = true,
                    "dark" => theme.is_light = false,
                    other => self.unknown(value, "ground", other, ["dark", "light"]),
                },
                ("roles", DeValue::Table(roles)) => self.roles(roles, &mut theme),
                ("based_on", _) => {}
                ("title" | "requires" | "ground", _) => {
                    self.problem(value.span().start, format!("{} must be text", key.get_ref()));
                }
                ("roles", _) => {
                    self.problem(value.span().start, "roles must be a table".to_owned());
                }
                (other, _) => {
                    let known = ["title", "requires", "ground", "based_on", "roles"];
                    self.unknown(key, "key", other, known);
                }
            }
        }
        let missing = theme.missing();
        if !missing.is_empty() && self.problems.is_empty() {
            let sentence = format!(
                "no style for {}; add them, or name a theme in based_on",
                missing.join(", ")
            );
            self.problem(0, sentence);
        }
        if self.problems.is_empty() { Ok(theme) } else { Err(self.problems) }
    }

    fn base(&mut self, value: &Spanned<DeValue<'_>>, theme: &mut Theme) {
        let DeValue::String(name) = value.get_ref() else {
            self.problem(value.span().start, "based_on must be the name of a theme".to_owned());
            return;
        };
        match Theme::built_in(name) {
            Some(Ok(base)) => *theme = base,
            Some(Err(problems)) => self.problems.extend(problems),
            None => self.unknown(value, "theme", name, theme_names()),
        }
    }

    fn roles(&mut self, roles: &DeTable<'_>, theme: &mut Theme) {
        for (key, value) in roles {
            let Some(role) = StyleRole::from_word(key.get_ref()) else {
                let known = StyleRole::ALL.iter().map(|(_, word)| *word);
                self.unknown(key, "role", key.get_ref(), known);
                continue;
            };
            let paint = self.paint(value);
            if let Some(slot) = theme.paints.get_mut(role as usize) {
                *slot = Some(paint);
            }
        }
    }

    fn paint(&mut self, value: &Spanned<DeValue<'_>>) -> Paint {
        let mut paint = Paint::default();
        let DeValue::Table(table) = value.get_ref() else {
            let sentence = "a role's style is a table: { fg = \"red\", attributes = [\"bold\"] }";
            self.problem(value.span().start, sentence.to_owned());
            return paint;
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "fg" => paint.fg = self.colours(value),
                "bg" => paint.bg = self.colours(value),
                "attributes" => paint.attributes = self.attributes(value),
                other => self.unknown(key, "key", other, ["fg", "bg", "attributes"]),
            }
        }
        paint
    }

    fn colours(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Colour> {
        let mut colours = Vec::new();
        for (word, at) in self.words(value, "a colour") {
            match Colour::parse(&word) {
                Some(colour) => colours.push(colour),
                None => {
                    let near = nearest(&word, ANSI_NAMES.into_iter().chain(["default"]));
                    let near =
                        near.map(|near| format!("; nearest: \"{near}\"")).unwrap_or_default();
                    let sentence = format!(
                        "unknown colour \"{word}\"{near}; a colour is default, one of {}, a number from 0 to 255, or #rrggbb",
                        ANSI_NAMES.join(", ")
                    );
                    self.problem(at, sentence);
                }
            }
        }
        colours
    }

    fn attributes(&mut self, value: &Spanned<DeValue<'_>>) -> Modifier {
        let mut attributes = Modifier::empty();
        for (word, at) in self.words(value, "an attribute") {
            match ATTRIBUTES.iter().find(|(name, _)| *name == word) {
                Some((_, attribute)) => attributes |= *attribute,
                None if word == "blink" => {
                    self.problem(at, "blink is never used; take bold or reverse".to_owned());
                }
                None => {
                    let at = Spanned::new(at..at, ());
                    self.unknown(&at, "attribute", &word, ATTRIBUTES.map(|(name, _)| name));
                }
            }
        }
        attributes
    }

    /// One text or a list of texts, each with its place.
    fn words(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> Vec<(String, usize)> {
        let items: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        let mut words = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(word) => words.push((word.to_string(), item.span().start)),
                // Numbers of the 256 may be written as numbers.
                DeValue::Integer(number) => words.push((number.to_string(), item.span().start)),
                _ => self.problem(item.span().start, format!("{what} is written as text")),
            }
        }
        words
    }

    fn unknown<'w, T>(
        &mut self,
        at: &Spanned<T>,
        what: &str,
        found: &str,
        known: impl IntoIterator<Item = &'w str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let near = nearest(found, known.iter().copied())
            .map(|near| format!("nearest: \"{near}\""))
            .unwrap_or_else(|| format!("known: {}", known.join(", ")));
        self.problem(at.span().start, format!("unknown {what} \"{found}\"; {near}"));
    }

    fn problem(&mut self, at: usize, sentence: String) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        self.problems.push(ThemeProblem { file: self.file.to_owned(), line, sentence });
    }
}

/// Names of the themes that come with the program.
pub fn theme_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

fn tier_words() -> impl Iterator<Item = &'static str> {
    Tier::ALL.into_iter().map(Tier::word)
}
