//! Commands as data, shared by keys, palette, help and menus: who they are,
//! when they can run, and why not.

mod consoles;
mod go;
mod later;
pub mod logs;
pub(super) mod motion;
mod runs;
mod see;
mod session;
mod since;

pub(super) use go::{open, refresh_help};
pub(super) use logs as log_commands;
pub(super) use session::ask_secret;
pub use since::span_words;
pub(super) use since::{other_span, tell};

use super::{Effect, Model};

/// What a command can do to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Changes nothing outside this screen.
    Look,
    /// Changes the demo site, which is ours.
    Demo,
    /// Can be undone; wants arming.
    Reversible,
    /// Stops something; wants arming and the name typed.
    Disruptive,
    /// Cannot be undone; wants arming, a dry run, name and number.
    Destroys,
}

impl Risk {
    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Risk::Look => "look",
            Risk::Demo => "demo",
            Risk::Reversible => "reversible",
            Risk::Disruptive => "disruptive",
            Risk::Destroys => "destroys",
        }
    }
}

/// Whether a command can run now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// It can.
    Yes,
    /// It cannot; the reason is shown where the command stands.
    No(String),
    /// It means nothing here and is not listed.
    Hidden,
}

impl Ready {
    /// Ready, or not for this reason.
    pub fn if_or(is_ready: bool, reason: &str) -> Ready {
        if is_ready { Ready::Yes } else { Ready::No(reason.to_owned()) }
    }
}

/// What is fixed about a command.
#[derive(Debug)]
pub struct CommandSpec {
    /// `noun.verb`.
    pub id: &'static str,
    /// What it does, a few words.
    pub title: &'static str,
    /// One sentence for help and palette.
    pub help: &'static str,
    /// What it can do to the world.
    pub risk: Risk,
    /// Its default keys, as `keys.toml` writes them.
    pub keys: &'static [&'static str],
    /// The word that runs it in the palette, and what follows it (`theme NAME`).
    pub word: Option<Word>,
    /// Whether it can run now.
    pub ready: fn(&Model) -> Ready,
    /// Runs it, with what followed its word.
    pub run: fn(&mut Model, &str) -> Vec<Effect>,
}

/// How the palette calls a command.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// What must follow, in capitals; `None` when nothing does.
    pub argument: Option<&'static str>,
    /// What may follow now, for completion.
    pub choices: fn(&Model) -> Vec<String>,
}

impl Word {
    /// A word that stands alone.
    pub(super) const fn alone(word: &'static str) -> Option<Word> {
        Some(Word { word, argument: None, choices: |_| Vec::new() })
    }

    /// A word that wants one of some choices.
    pub(super) const fn with(
        word: &'static str,
        argument: &'static str,
        choices: fn(&Model) -> Vec<String>,
    ) -> Option<Word> {
        Some(Word { word, argument: Some(argument), choices })
    }
}

/// The commands, in the order of help.
static REGISTRY: &[&[CommandSpec]] = &[
    go::COMMANDS,
    motion::COMMANDS,
    see::COMMANDS,
    consoles::COMMANDS,
    logs::COMMANDS,
    runs::COMMANDS,
    later::COMMANDS,
    session::COMMANDS,
];

/// Every command.
pub fn all() -> impl Iterator<Item = &'static CommandSpec> {
    REGISTRY.iter().flat_map(|commands| commands.iter())
}

/// The command of that id.
pub fn find(id: &str) -> Option<&'static CommandSpec> {
    all().find(|command| command.id == id)
}

/// Runs a command if it can run, else says why not.
pub fn run(model: &mut Model, command: &CommandSpec, argument: &str) -> Vec<Effect> {
    match (command.ready)(model) {
        Ready::Yes => match logs::takes(model, command.id) {
            Some(effects) => effects,
            None => (command.run)(model, argument),
        },
        Ready::No(reason) => {
            model.say(super::model::Tone::Off, format!("{}: {reason}", command.title));
            Vec::new()
        }
        Ready::Hidden => Vec::new(),
    }
}

/// Always ready.
fn always(_: &Model) -> Ready {
    Ready::Yes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::screens;
    use super::*;

    #[test]
    fn commands_are_named_noun_verb_once_and_explained() {
        let mut ids = BTreeSet::new();
        let mut words = BTreeSet::new();
        for command in all() {
            assert!(ids.insert(command.id), "{} twice", command.id);
            assert_eq!(command.id.split('.').count(), 2, "{}", command.id);
            assert!(command.help.len() > 10, "{}", command.id);
            if let Some(word) = command.word {
                assert!(words.insert(word.word), "word {} twice", word.word);
            }
            assert!(
                !command.keys.is_empty() || command.word.is_some(),
                "{} cannot be reached",
                command.id
            );
        }
        for screen in screens::all() {
            for id in screen.commands {
                assert!(find(id).is_some(), "{} wants {id}", screen.id);
            }
        }
    }

    #[test]
    fn the_table_of_keys_is_complete() {
        let keys: BTreeSet<&str> = all().flat_map(|command| command.keys.iter().copied()).collect();
        for key in [
            "?",
            ":",
            "/",
            "n",
            "N",
            "!",
            "Enter",
            "Esc",
            "Tab",
            "Shift-Tab",
            "j",
            "k",
            "Up",
            "Down",
            "Left",
            "Right",
            "PgUp",
            "PgDn",
            "Home",
            "End",
            "g",
            "G",
            "[",
            "]",
            "{",
            "}",
            "<",
            ">",
            "L",
            "t",
            "l",
            "c",
            "d",
            "r",
            ".",
            "A",
            "a",
            "m",
            "y",
            "Y",
            "x",
            "o",
            "z",
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "7",
            "8",
            "9",
            "0",
            "q",
            "Space",
            "Ctrl-L",
            "Ctrl-C",
            "Ctrl-Z",
            "s",
            "R",
            "H",
        ] {
            assert!(keys.contains(key), "nothing runs on {key}");
        }
    }

    #[test]
    fn no_single_key_changes_the_world() {
        for command in all() {
            assert!(
                command.keys.is_empty() || command.risk == Risk::Look,
                "{} is {} and has a key",
                command.id,
                command.risk.word()
            );
        }
    }
}
