//! Which key runs which command.

use serde::{Deserialize, Serialize};

use crate::inventory::Problem;

use super::commands::{self, CommandSpec};
use super::screens::{self, ScreenSpec};
use super::{Key, KeyName};

mod file;

/// A key and the command it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The key.
    pub key: Key,
    /// Id of the command.
    pub command: String,
}

/// All bindings. A key runs one command everywhere, or one on each screen that has its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    /// The keys that every command comes with.
    fn default() -> Keymap {
        let bindings = commands::all().flat_map(|command| {
            command.keys.iter().filter_map(|text| {
                Some(Binding { key: key_of(text)?, command: command.id.to_owned() })
            })
        });
        Keymap { bindings: bindings.collect() }
    }
}

impl Keymap {
    /// The default keys with the changes of a `keys.toml`:
    ///
    /// ```toml
    /// [keys]
    /// "help.open" = ["?", "F1"]
    /// "mark.set" = []
    /// ```
    ///
    /// # Errors
    /// Every unknown command or key and every conflict (with both names), each
    /// with its place; text that is not TOML.
    pub fn from_toml(text: &str, file: &std::path::Path) -> Result<Keymap, Vec<Problem>> {
        file::read(text, file)
    }

    /// The command of a key on a screen: its own commands first, then those of everywhere.
    pub fn command_for(&self, key: Key, screen: &ScreenSpec) -> Option<&'static CommandSpec> {
        let mut everywhere = None;
        for binding in self.bindings.iter().filter(|binding| binding.key == key) {
            let id = binding.command.as_str();
            if screen.commands.contains(&id) {
                return commands::find(id);
            }
            if !is_of_a_screen(id) {
                everywhere = everywhere.or_else(|| commands::find(id));
            }
        }
        everywhere
    }

    /// The keys of a command, as text.
    pub fn keys_of(&self, command: &str) -> Vec<String> {
        self.bindings
            .iter()
            .filter(|binding| binding.command == command)
            .map(|binding| key_text(binding.key))
            .collect()
    }

    /// Every binding.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    fn rebind(&mut self, command: &str, keys: &[Key]) {
        self.bindings.retain(|binding| binding.command != command);
        let new = keys.iter().map(|key| Binding { key: *key, command: command.to_owned() });
        self.bindings.extend(new);
    }

    /// Pairs of commands that one key would run in the same place.
    fn conflicts(&self) -> Vec<(Key, &str, &str)> {
        let mut found = Vec::new();
        for (at, one) in self.bindings.iter().enumerate() {
            for other in self.bindings.iter().skip(at + 1) {
                if one.key == other.key && meet(&one.command, &other.command) {
                    found.push((one.key, one.command.as_str(), other.command.as_str()));
                }
            }
        }
        found
    }
}

fn is_of_a_screen(command: &str) -> bool {
    screens::all().any(|screen| screen.commands.contains(&command))
}

/// Whether two commands can be wanted in one place. A screen never gives a
/// key of everywhere another meaning.
fn meet(one: &str, other: &str) -> bool {
    if !is_of_a_screen(one) || !is_of_a_screen(other) {
        return true;
    }
    screens::all().any(|screen| screen.commands.contains(&one) && screen.commands.contains(&other))
}

const NAMED: &[(&str, KeyName)] = &[
    ("Enter", KeyName::Enter),
    ("Esc", KeyName::Esc),
    ("Tab", KeyName::Tab),
    ("Shift-Tab", KeyName::BackTab),
    ("Backspace", KeyName::Backspace),
    ("Delete", KeyName::Delete),
    ("Up", KeyName::Up),
    ("Down", KeyName::Down),
    ("Left", KeyName::Left),
    ("Right", KeyName::Right),
    ("PgUp", KeyName::PageUp),
    ("PgDn", KeyName::PageDown),
    ("Home", KeyName::Home),
    ("End", KeyName::End),
    ("Space", KeyName::Char(' ')),
];

/// The key a text names (`G`, `Ctrl-L`, `PgUp`, `F5`); `None` for any other text.
pub fn key_of(text: &str) -> Option<Key> {
    if let Some(rest) = text.strip_prefix("Ctrl-").filter(|rest| !rest.is_empty()) {
        let key = key_of(rest)?;
        // Terminals send the same byte for both cases.
        let name = match key.name {
            KeyName::Char(c) => KeyName::Char(c.to_ascii_lowercase()),
            other => other,
        };
        return Some(Key { name, ctrl: true, alt: key.alt });
    }
    if let Some(rest) = text.strip_prefix("Alt-").filter(|rest| !rest.is_empty()) {
        return Some(Key { alt: true, ..key_of(rest)? });
    }
    if let Some((_, name)) = NAMED.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        return Some(Key::plain(*name));
    }
    if let Some(number) = text.strip_prefix('F').and_then(|rest| rest.parse::<u8>().ok()) {
        return (1..=24).contains(&number).then_some(Key::plain(KeyName::F(number)));
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if !c.is_control() && c != ' ' => Some(Key::char(c)),
        _ => None,
    }
}

/// A key as text, as [`key_of`] reads it.
pub fn key_text(key: Key) -> String {
    let name = match key.name {
        KeyName::Char(c) if c != ' ' => {
            if key.ctrl {
                c.to_ascii_uppercase().to_string()
            } else {
                c.to_string()
            }
        }
        KeyName::F(number) => format!("F{number}"),
        name => NAMED
            .iter()
            .find(|(_, other)| *other == name)
            .map_or_else(String::new, |(word, _)| (*word).to_owned()),
    };
    let alt = if key.alt { "Alt-" } else { "" };
    let ctrl = if key.ctrl { "Ctrl-" } else { "" };
    format!("{ctrl}{alt}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_keys_do_not_conflict() {
        assert_eq!(Keymap::default().conflicts(), []);
    }

    #[test]
    fn every_default_key_is_a_key_and_reads_back() {
        for command in commands::all() {
            for text in command.keys {
                let key = key_of(text).unwrap_or_else(|| panic!("{}: {text}", command.id));
                assert_eq!(key_text(key), *text, "{}", command.id);
            }
        }
    }

    #[test]
    fn keys_that_terminals_and_multiplexers_take_are_left_alone() {
        for text in ["Ctrl-S", "Ctrl-Q", "Ctrl-H", "Ctrl-A", "Ctrl-B", "Ctrl-G", "Ctrl-]"] {
            let key = key_of(text).unwrap();
            assert!(!Keymap::default().bindings().iter().any(|b| b.key == key), "{text}");
        }
        assert!(
            !Keymap::default().bindings().iter().any(|b| matches!(b.key.name, KeyName::F(_))),
            "function keys are never the only way, and none is a default"
        );
    }

    #[test]
    fn text_that_is_no_key_is_refused() {
        for text in ["", " ", "Ctrl-", "xx", "F0", "F99", "\u{7}", "Hyper-x"] {
            assert_eq!(key_of(text), None, "{text:?}");
        }
        assert_eq!(key_of("Ctrl-l"), key_of("Ctrl-L"));
        assert_eq!(key_of("-"), Some(Key::char('-')));
    }

    #[test]
    fn a_screens_own_command_comes_before_none_of_everywhere() {
        let keymap = Keymap::default();
        let rack = screens::find("rack").unwrap();
        let overview = screens::find("overview").unwrap();
        let id = |screen| keymap.command_for(Key::char('R'), screen).map(|command| command.id);
        assert_eq!(id(rack), Some("rack.rear"));
        assert_eq!(id(overview), None);
    }
}
