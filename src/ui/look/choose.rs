//! Which look a terminal gets, from its environment and the user's wishes; pure.

use crate::app::model::{LookChoices, LookNames};
use crate::domain::nearest;

use super::glyphs::{ASCII, CONSOLE, UNICODE};
use super::{Glyphs, Look, Theme, Tier, theme_names};

/// What the user asked for; what is `None` is chosen by the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookChoice {
    /// Name of a theme.
    pub theme: Option<String>,
    /// `unicode`, `linux` or `ascii`.
    pub glyphs: Option<String>,
    /// `none`, `8`, `16`, `256` or `true`.
    pub colours: Option<String>,
}

impl LookChoice {
    /// Reads words in any order, as `--look` and `:look` take them
    /// (`light ascii 16`). A word is a table of glyphs, a number of colours or,
    /// if neither, a theme; later words win.
    pub fn from_words(words: &str) -> LookChoice {
        let mut choice = LookChoice::default();
        for word in words.split([' ', ',']).filter(|word| !word.is_empty()) {
            let slot = if Glyphs::from_word(word).is_some() {
                &mut choice.glyphs
            } else if Tier::from_word(word).is_some() {
                &mut choice.colours
            } else {
                &mut choice.theme
            };
            *slot = Some(word.to_owned());
        }
        choice
    }

    /// The choice that the model remembers.
    pub fn of_names(names: &LookNames) -> LookChoice {
        LookChoice {
            theme: Some(names.theme.clone()),
            glyphs: Some(names.glyphs.clone()),
            colours: Some(names.colours.clone()),
        }
    }

    /// This choice, with what it leaves open taken from `other`.
    #[must_use]
    pub fn or(self, other: LookChoice) -> LookChoice {
        LookChoice {
            theme: self.theme.or(other.theme),
            glyphs: self.glyphs.or(other.glyphs),
            colours: self.colours.or(other.colours),
        }
    }
}

/// What is known of the terminal and the user.
#[derive(Debug, Clone, Default)]
pub struct LookEnv {
    /// `TERM`; empty when unset.
    pub term: String,
    /// `COLORTERM`; empty when unset.
    pub colorterm: String,
    /// Whether `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// The first non-empty of `LC_ALL`, `LC_CTYPE`, `LANG`.
    pub lang: String,
    /// What the user asked for.
    pub wanted: LookChoice,
    /// The user's own themes: name (file name without `.toml`) and text.
    pub themes: Vec<(String, String)>,
}

impl LookEnv {
    /// What a user of this terminal can choose from: every theme and table,
    /// and as many colours as the terminal is known to show.
    pub fn choices(&self) -> LookChoices {
        // NO_COLOR is a wish, not a limit of the terminal.
        let most = tier_of(&LookEnv { no_color: false, ..self.clone() });
        let mut themes: Vec<String> = theme_names().map(str::to_owned).collect();
        for (own, _) in &self.themes {
            if !themes.contains(own) {
                themes.push(own.clone());
            }
        }
        let tiers = Tier::ALL.into_iter().filter(|tier| *tier <= most);
        LookChoices {
            themes,
            glyphs: Glyphs::ALL.iter().map(|glyphs| glyphs.name.to_owned()).collect(),
            colours: tiers.map(|tier| tier.word().to_owned()).collect(),
        }
    }
}

/// A look that can be drawn with, and what was wrong with the wishes.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The look.
    pub look: Look,
    /// One sentence each: a wish that could not be met, with what was done instead.
    pub problems: Vec<String>,
}

impl Look {
    /// The look for this terminal. Always gives one that can be drawn with;
    /// wishes that cannot be met are in `problems`.
    pub fn choose(env: &LookEnv) -> Chosen {
        let mut problems = Vec::new();
        let tier = wished(&env.wanted.colours, "number of colours", Tier::from_word, || {
            Tier::ALL.map(Tier::word).to_vec()
        })
        .unwrap_or_else(|problem| {
            problems.push(problem);
            None
        })
        .unwrap_or_else(|| tier_of(env));
        let glyphs = wished(&env.wanted.glyphs, "table of glyphs", Glyphs::from_word, || {
            Glyphs::ALL.map(|glyphs| glyphs.name).to_vec()
        })
        .unwrap_or_else(|problem| {
            problems.push(problem);
            None
        })
        .unwrap_or_else(|| glyphs_of(env));
        let usual = usual_theme(env, tier);
        let wanted = env.wanted.theme.as_deref().unwrap_or(usual);
        let (name, theme) = match find_theme(env, wanted) {
            Ok(theme) if tier == Tier::None || theme.requires <= tier => (wanted, theme),
            Ok(theme) => {
                problems.push(format!(
                    "theme {wanted} needs {} colours and this terminal shows {}; drawn with {usual}",
                    theme.requires.word(),
                    tier.word()
                ));
                (usual, fallback(usual))
            }
            Err(mut sentences) => {
                if let Some(last) = sentences.last_mut() {
                    last.push_str(&format!("; drawn with {usual}"));
                }
                problems.append(&mut sentences);
                (usual, fallback(usual))
            }
        };
        Chosen { look: Look::new(name, &theme, tier, glyphs), problems }
    }
}

/// Why words of `--look` name nothing that there is; `None` when they do.
pub fn unknown_theme(env: &LookEnv, words: &str) -> Option<String> {
    let name = LookChoice::from_words(words).theme?;
    let is_known = env.themes.iter().any(|(own, _)| *own == name)
        || theme_names().any(|built_in| built_in == name);
    if is_known {
        return None;
    }
    let sentences = find_theme(env, &name).err()?;
    let shapes = Glyphs::ALL.iter().map(|glyphs| glyphs.name).chain(Tier::ALL.map(Tier::word));
    let shapes: Vec<&str> = shapes.collect();
    Some(format!("{}; other words of a look are {}", sentences.join("; "), shapes.join(", ")))
}

fn wished<T>(
    wish: &Option<String>,
    what: &str,
    read: impl Fn(&str) -> Option<T>,
    known: impl Fn() -> Vec<&'static str>,
) -> Result<Option<T>, String> {
    let Some(word) = wish else { return Ok(None) };
    read(word).map(Some).ok_or_else(|| {
        format!("unknown {what} \"{word}\"; known: {}; chosen by the terminal", known().join(", "))
    })
}

fn find_theme(env: &LookEnv, name: &str) -> Result<Theme, Vec<String>> {
    let own = env.themes.iter().find(|(own, _)| own == name);
    let read = match own {
        Some((own, text)) => Some(Theme::read(&format!("{own}.toml"), text)),
        None => Theme::built_in(name),
    };
    match read {
        Some(read) => read.map_err(|problems| problems.iter().map(ToString::to_string).collect()),
        None => {
            let mut known: Vec<&str> = theme_names().collect();
            known.extend(env.themes.iter().map(|(own, _)| own.as_str()));
            let near = nearest(name, known.iter().copied())
                .map(|near| format!("nearest: \"{near}\""))
                .unwrap_or_else(|| format!("known: {}", known.join(", ")));
            Err(vec![format!("unknown theme \"{name}\"; {near}")])
        }
    }
}

/// A theme of our own by name. A test reads them all, so the empty theme that
/// stands for one that cannot be read (plain text, marks and words) is never seen.
fn fallback(name: &str) -> Theme {
    let plain = || Theme::read("plain", "based_on = \"mono\"");
    match Theme::built_in(name).unwrap_or_else(plain) {
        Ok(theme) => theme,
        Err(_) => Theme::plain(),
    }
}

fn usual_theme(env: &LookEnv, tier: Tier) -> &'static str {
    match tier {
        Tier::None => "mono",
        Tier::Eight => "linux-console",
        _ if env.term == "linux" => "linux-console",
        _ => "dark",
    }
}

/// Terminals of the vt family and those that say nothing of themselves.
fn is_bare(term: &str) -> bool {
    term.is_empty() || term == "dumb" || term == "unknown" || term.starts_with("vt")
}

fn tier_of(env: &LookEnv) -> Tier {
    let term = env.term.as_str();
    let rich = ["alacritty", "kitty", "foot", "wezterm", "ghostty", "contour"];
    if env.no_color || is_bare(term) {
        Tier::None
    } else if term == "linux" {
        // It takes 24-bit sequences and draws the nearest of eight.
        Tier::Eight
    } else if matches!(env.colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
        Tier::True
    } else if term.contains("256color") || rich.iter().any(|name| term.contains(name)) {
        Tier::Palette
    } else if term.contains("16color") {
        Tier::Sixteen
    } else {
        Tier::Eight
    }
}

fn glyphs_of(env: &LookEnv) -> &'static Glyphs {
    let lang = env.lang.to_ascii_lowercase();
    let utf8 = lang.contains("utf-8") || lang.contains("utf8");
    if !utf8 || is_bare(&env.term) {
        &ASCII
    } else if env.term == "linux" {
        &CONSOLE
    } else {
        &UNICODE
    }
}
