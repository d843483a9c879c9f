//! The operator's own keys: `keys.toml`, read with places.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::{Place, Verdict};
use crate::inventory::{Problem, Severity};

use super::super::commands;
use super::super::consoles::{FOCUS, can_release};
use super::{Key, Keymap, key_of, key_text};

/// Reads the file onto the default keys.
pub fn read(text: &str, file: &Path) -> Result<Keymap, Vec<Problem>> {
    let mut reader = Reader { text, file, problems: Vec::new(), changes: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.top(table.get_ref()),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            reader.problem(span, format!("this is not TOML: {}", error.message()), None);
        }
    }
    let mut keymap = Keymap::default();
    for change in &reader.changes {
        keymap.rebind(&change.command, &change.keys);
    }
    reader.conflicts(&keymap);
    if reader.problems.is_empty() { Ok(keymap) } else { Err(reader.problems) }
}

struct Change {
    command: String,
    keys: Vec<Key>,
    span: Range<usize>,
}

struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
    problems: Vec<Problem>,
    changes: Vec<Change>,
}

impl Reader<'_> {
    fn top(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            match value.get_ref() {
                DeValue::Table(keys) if name.get_ref() == "keys" => self.keys("", keys),
                _ => self.problem(
                    name.span(),
                    format!("`{}` is not known here", name.get_ref()),
                    Some("put the keys under [keys]".to_owned()),
                ),
            }
        }
    }

    /// `"help.open" = …` and `help.open = …` mean the same; in TOML the second is a table.
    fn keys(&mut self, before: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let command = if before.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{before}.{}", name.get_ref())
            };
            match value.get_ref() {
                DeValue::Table(inner) if before.is_empty() => self.keys(&command, inner),
                _ => self.command(command, name.span(), value),
            }
        }
    }

    fn command(&mut self, command: String, span: Range<usize>, value: &Spanned<DeValue<'_>>) {
        if commands::find(&command).is_none() {
            let nearest = commands::all()
                .map(|other| other.id)
                .find(|id| id.split('.').next() == command.split('.').next())
                .map(|id| format!("there is `{id}`; `:keys` lists all commands"))
                .unwrap_or_else(|| "`:keys` lists all commands".to_owned());
            self.problem(span, format!("no command is called `{command}`"), Some(nearest));
            return;
        }
        let texts: Vec<(Range<usize>, Option<&str>)> = match value.get_ref() {
            DeValue::Array(items) => {
                items.iter().map(|item| (item.span(), item.get_ref().as_str())).collect()
            }
            one => vec![(value.span(), one.as_str())],
        };
        let mut keys = Vec::new();
        for (span, text) in texts {
            match text.map(|text| (text, key_of(text))) {
                Some((_, Some(key))) => keys.push(key),
                Some((text, None)) => self.problem(
                    span,
                    format!("`{text}` is not the name of a key, for `{command}`"),
                    Some("write it like G, Ctrl-L, PgUp, Space or F5".to_owned()),
                ),
                None => self.problem(
                    span,
                    format!("`{command}` wants a key or a list of keys, in quotes"),
                    None,
                ),
            }
        }
        if command == FOCUS && (keys.is_empty() || !keys.iter().copied().all(can_release)) {
            self.problem(
                span.clone(),
                format!("`{command}` takes the keys back from a console and needs a key that nobody types"),
                Some("give it Ctrl or Alt and a letter, Ctrl-\\ or a function key".to_owned()),
            );
        }
        self.changes.push(Change { command, keys, span });
    }

    /// Conflicts are said where the file made them.
    fn conflicts(&mut self, keymap: &Keymap) {
        for (key, one, other) in keymap.conflicts() {
            let change = self
                .changes
                .iter()
                .rev()
                .find(|change| {
                    change.keys.contains(&key) && (change.command == one || change.command == other)
                })
                .map_or(0..0, |change| change.span.clone());
            self.problem(
                change,
                format!("{} would run both `{one}` and `{other}`", key_text(key)),
                Some(format!("give one of them another key, or none: `\"{one}\" = []`")),
            );
        }
    }

    fn problem(&mut self, span: Range<usize>, sentence: String, hint: Option<String>) {
        let before = self.text.get(..span.start).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        self.problems.push(Problem {
            rule: "keys".to_owned(),
            severity: Severity::Error,
            verdict: Verdict::Fail,
            place: Place {
                file: self.file.to_owned(),
                line: u32::try_from(line).unwrap_or(u32::MAX),
                column: u32::try_from(column).unwrap_or(u32::MAX),
            },
            sentence: crate::domain::untrusted::printable(&sentence),
            hint,
            cause: None,
            step: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        match read(text, Path::new("keys.toml")) {
            Ok(_) => Vec::new(),
            Err(problems) => {
                problems.iter().map(|p| format!("{}: {}", p.place, p.sentence)).collect()
            }
        }
    }

    #[test]
    fn keys_are_added_replaced_and_taken_away() {
        let keymap = read(
            "[keys]\n\"help.open\" = [\"?\", \"F1\"]\nmark.set = []\nnote.add = \"m\"\n",
            Path::new("keys.toml"),
        )
        .expect("a good file");
        assert_eq!(keymap.keys_of("help.open"), ["?", "F1"]);
        assert!(keymap.keys_of("mark.set").is_empty());
        assert_eq!(keymap.keys_of("note.add"), ["m"]);
        assert_eq!(read("", Path::new("keys.toml")), Ok(Keymap::default()));
    }

    #[test]
    fn unknown_names_are_said_with_line_and_column() {
        assert_eq!(
            problems("[keys]\n\"help.opne\" = \"F1\"\n\"note.add\" = [\"a\", \"Hyper-x\"]\n"),
            [
                "keys.toml:2:1: no command is called `help.opne`",
                "keys.toml:3:20: `Hyper-x` is not the name of a key, for `note.add`",
            ]
        );
        assert_eq!(
            problems("[keys]\n\"note.add\" = 5\n"),
            ["keys.toml:2:14: `note.add` wants a key or a list of keys, in quotes"]
        );
        assert_eq!(problems("colour = 1\n"), ["keys.toml:1:1: `colour` is not known here"]);
    }

    #[test]
    fn a_conflict_names_both_commands_at_the_line_that_made_it() {
        assert_eq!(
            problems("[keys]\n\n\"note.add\" = \"?\"\n"),
            ["keys.toml:3:1: ? would run both `help.open` and `note.add`"]
        );
        assert_eq!(
            problems("[keys]\n\"rack.rear\" = \"q\"\n").len(),
            1,
            "a screen never gives a key of everywhere another meaning"
        );
    }

    #[test]
    fn the_key_that_leaves_a_console_is_none_that_is_typed() {
        for wrong in ["[]", "\"Alt-Up\"", "\"ß\"", "\"Ctrl-M\"", "[\"F12\", \"Alt-Up\"]"] {
            let said = problems(&format!("[keys]\n\"console.focus\" = {wrong}\n"));
            assert_eq!(said.len(), 1, "{wrong}: {said:?}");
            assert!(said[0].contains("a key that nobody types"), "{said:?}");
        }
        for right in ["F12", "Ctrl-G", "Ctrl-]", "Alt-x"] {
            assert!(problems(&format!("[keys]\n\"console.focus\" = \"{right}\"\n")).is_empty());
        }
    }

    #[test]
    fn a_broken_file_is_one_problem_with_its_place() {
        let said = problems("[keys\n");
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("keys.toml:1:"), "{said:?}");
    }
}
