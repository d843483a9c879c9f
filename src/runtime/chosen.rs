//! What the operator chose: look and keys, from arguments, preferences and
//! what the environment says of the terminal.

use crate::app::Keymap;
use crate::app::model::{LookChoices, LookNames};
use crate::ui::look::{Look, LookChoice, LookEnv, theme_names};

use super::preferences::Preferences;

/// The look as chosen from environment, preferences and arguments.
pub struct ChosenLook {
    /// What is drawn with.
    pub look: Look,
    /// Its names, for the model.
    pub names: LookNames,
    /// Wishes that could not be met: one sentence each.
    pub problems: Vec<String>,
}

/// Reads the environment as far as the look cares.
pub fn look_env(preferences: &Preferences) -> LookEnv {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let lang = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .map(var)
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    LookEnv {
        term: var("TERM"),
        colorterm: var("COLORTERM"),
        no_color: !var("NO_COLOR").is_empty(),
        lang,
        wanted: LookChoice::default(),
        themes: preferences.themes.clone(),
    }
}

/// Chooses the look: arguments before preferences before the terminal.
pub fn choose_look(env: &LookEnv, wished: Option<&str>, preferences: &Preferences) -> ChosenLook {
    let kept = LookChoice::from_words(preferences.look.as_deref().unwrap_or_default());
    let wanted = LookChoice::from_words(wished.unwrap_or_default()).or(kept);
    let chosen = Look::choose(&LookEnv { wanted, ..env.clone() });
    let names = LookNames {
        theme: chosen.look.theme.clone(),
        glyphs: chosen.look.glyphs.name.to_owned(),
        colours: chosen.look.tier.word().to_owned(),
    };
    ChosenLook { look: chosen.look, names, problems: chosen.problems }
}

/// The keys: the user's own, or those that are built in and what is wrong with
/// the user's file, one sentence each.
pub fn choose_keymap(preferences: &Preferences) -> (Keymap, Vec<String>) {
    match &preferences.keys {
        None => (Keymap::default(), Vec::new()),
        Some((file, text)) => match Keymap::from_toml(text, file) {
            Ok(keymap) => (keymap, Vec::new()),
            Err(problems) => {
                let told = problems.iter().map(|p| format!("{}: {}", p.place, p.sentence));
                (Keymap::default(), told.collect())
            }
        },
    }
}

/// What the look can be changed to on this terminal.
pub fn look_choices(preferences: &Preferences) -> LookChoices {
    let mut themes: Vec<String> = theme_names().map(str::to_owned).collect();
    themes.extend(preferences.themes.iter().map(|(name, _)| name.clone()));
    themes.dedup();
    LookChoices {
        themes,
        glyphs: crate::ui::look::Glyphs::ALL.map(|glyphs| glyphs.name.to_owned()).to_vec(),
        colours: crate::ui::look::Tier::ALL.map(|tier| tier.word().to_owned()).to_vec(),
    }
}
