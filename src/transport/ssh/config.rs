//! `~/.ssh/config`: which options apply to a host.
//!
//! Understood: `Host` with patterns and `!`, `Match all|host|originalhost`,
//! `Include` with wildcards, and the options of [`Options`]. Other options are
//! ignored; other `Match` criteria make the block not apply and are reported,
//! because guessing would connect to the wrong place.

use std::path::{Path, PathBuf};

use super::options::{Options, Problem, at_line};
use super::pattern;
use super::words::{Quoting, split};
use crate::domain::Place;

/// How deep files may include each other, as in OpenSSH.
const DEEPEST: usize = 16;

/// How many files one configuration may read; files that include themselves
/// twice would go on for ever.
const MOST_READS: usize = 500;

/// More than this is no configuration.
const LARGEST: u64 = 4 * 1024 * 1024;

/// A client configuration with the files it includes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ClientConfig {
    lines: Vec<Line>,
    problems: Vec<(Place, String)>,
    /// Every file that was looked for, whether or not it was there.
    files: Vec<PathBuf>,
    reads: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Line {
    /// All must hold: a block's own and those of the blocks it is included from.
    conditions: Vec<Condition>,
    key: String,
    values: Vec<String>,
    place: Place,
    /// The line itself is wrong; said when it applies.
    wrong: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Host(Vec<String>),
    /// `Match host`: the name after `HostName` was applied; comma-separated lists.
    MatchHost(String),
    /// `Match originalhost`: the name as it was given.
    MatchOriginal(String),
    Never,
}

/// The host a configuration is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// What would be given to `ssh`.
    pub address: &'a str,
    /// The inventory's name; blocks for it apply too, except their `HostName`,
    /// since the inventory's address goes before.
    pub name: &'a str,
}

/// Where relative includes and `~` lead.
#[derive(Debug, Clone)]
pub(super) struct Whereabouts {
    pub home: Option<PathBuf>,
    /// `~/.ssh` for a user's configuration, `/etc/ssh` for the machine's.
    pub includes: Option<PathBuf>,
}

impl ClientConfig {
    /// Reads a configuration; a missing file is an empty one.
    pub fn read(path: &Path, whereabouts: &Whereabouts) -> ClientConfig {
        let mut config = ClientConfig::default();
        config.read_file(path, whereabouts, &[], 0);
        config
    }

    /// Reads the text of a configuration that includes nothing.
    pub fn of_text(text: &str, name: &Path) -> ClientConfig {
        let mut config = ClientConfig::default();
        let nowhere = Whereabouts { home: None, includes: None };
        config.parse(text, name, &nowhere, &[], 0);
        config
    }

    /// What could not be understood and where, also where it does not apply to any host.
    pub fn problems(&self) -> &[(Place, String)] {
        &self.problems
    }

    /// The files this was made from.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Adds the options that apply to a host to those said before.
    pub fn apply(&self, asked: Asked<'_>, options: &mut Options) -> Result<(), Problem> {
        for line in &self.lines {
            let Some(by_address) = applies(&line.conditions, asked, options) else { continue };
            let place = at_line(&line.place);
            if let Some(wrong) = &line.wrong {
                return Err(Problem::new(place, wrong.clone()));
            }
            if line.key.eq_ignore_ascii_case("hostname") && !by_address {
                continue;
            }
            options.take(&line.key, &line.values, &place)?;
        }
        Ok(())
    }

    fn read_file(&mut self, path: &Path, at: &Whereabouts, outer: &[Condition], depth: usize) {
        self.reads += 1;
        if !self.files.iter().any(|file| file == path) {
            self.files.push(path.to_owned());
        }
        let text = match std::fs::metadata(path) {
            Ok(meta) if meta.len() > LARGEST => Err(format!("has more than {LARGEST} bytes")),
            Ok(meta) if meta.is_dir() => Err("is a directory".to_owned()),
            Ok(_) => std::fs::read(path).map_err(|error| format!("cannot be read: {error}")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => Err(format!("cannot be read: {error}")),
        };
        match text {
            Ok(bytes) => self.parse(&String::from_utf8_lossy(&bytes), path, at, outer, depth),
            Err(reason) => {
                let place = Place { file: path.to_owned(), ..Place::default() };
                self.wrong(place, outer, reason);
            }
        }
    }

    fn parse(
        &mut self,
        text: &str,
        file: &Path,
        at: &Whereabouts,
        outer: &[Condition],
        depth: usize,
    ) {
        let mut conditions = outer.to_vec();
        for (number, line) in (1..).zip(text.lines()) {
            let place = Place { file: file.to_owned(), line: number, column: 1 };
            let Some((key, rest)) = key_and_rest(line) else { continue };
            let Some(values) = split(rest, Quoting::Config) else {
                self.wrong(place, &conditions, "has a quote that is not closed".to_owned());
                continue;
            };
            if values.is_empty() {
                self.wrong(place, &conditions, format!("{key} has no value"));
                continue;
            }
            match key.to_ascii_lowercase().as_str() {
                "host" => {
                    conditions = outer.to_vec();
                    conditions.push(Condition::Host(values));
                }
                "match" => {
                    conditions = outer.to_vec();
                    match match_conditions(&values) {
                        Ok(more) => conditions.extend(more),
                        Err(criterion) => {
                            conditions.push(Condition::Never);
                            let text = format!(
                                "Match {criterion} is not supported, so the block is left out"
                            );
                            self.problems.push((place, text));
                        }
                    }
                }
                "include" => self.include(&values, place, at, &conditions, depth),
                _ => self.lines.push(Line {
                    conditions: conditions.clone(),
                    key: key.to_owned(),
                    values,
                    place,
                    wrong: None,
                }),
            }
        }
    }

    fn include(
        &mut self,
        values: &[String],
        place: Place,
        at: &Whereabouts,
        conditions: &[Condition],
        depth: usize,
    ) {
        if self.reads >= MOST_READS {
            self.wrong(place, conditions, format!("includes more than {MOST_READS} files"));
            return;
        }
        if depth >= DEEPEST {
            self.wrong(
                place,
                conditions,
                format!("files include each other more than {DEEPEST} deep"),
            );
            return;
        }
        for value in values {
            let path = match (value.strip_prefix("~/"), &at.home) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => match &at.includes {
                    Some(base) => base.join(value),
                    None => PathBuf::from(value),
                },
            };
            for file in expand(&path) {
                self.read_file(&file, at, conditions, depth + 1);
            }
        }
    }

    fn wrong(&mut self, place: Place, conditions: &[Condition], text: String) {
        self.problems.push((place.clone(), text.clone()));
        self.lines.push(Line {
            conditions: conditions.to_vec(),
            key: String::new(),
            values: Vec::new(),
            place,
            wrong: Some(text),
        });
    }
}

/// Whether all conditions hold, and if so whether the address itself made them hold.
fn applies(conditions: &[Condition], asked: Asked<'_>, options: &Options) -> Option<bool> {
    let mut by_address = true;
    for condition in conditions {
        let (address, name) = match condition {
            Condition::Host(patterns) => {
                let matched =
                    |text| pattern::list_matches(patterns.iter().map(String::as_str), text);
                // A negation of either name keeps the host out.
                let negated = |text| {
                    patterns
                        .iter()
                        .filter_map(|p| p.strip_prefix('!'))
                        .any(|negated| pattern::matches(negated, text))
                };
                if negated(asked.address) || negated(asked.name) {
                    return None;
                }
                (matched(asked.address), matched(asked.name))
            }
            Condition::MatchHost(list) => {
                let target = options.host_name.as_deref().unwrap_or(asked.address);
                let target = target.replace("%h", asked.address);
                (pattern::list_matches(list.split(','), &target), false)
            }
            Condition::MatchOriginal(list) => {
                let matched = |text| pattern::list_matches(list.split(','), text);
                (matched(asked.address), matched(asked.name))
            }
            Condition::Never => (false, false),
        };
        if !address && !name {
            return None;
        }
        by_address &= address;
    }
    Some(by_address)
}

/// The conditions of a `Match` line; the criterion that is not supported otherwise.
fn match_conditions(values: &[String]) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    let mut values = values.iter();
    while let Some(word) = values.next() {
        // `Match host=…` is the same as `Match host …`.
        let (criterion, inline) = match word.split_once('=') {
            Some((criterion, list)) => (criterion, Some(list.to_owned())),
            None => (word.as_str(), None),
        };
        let mut list = || inline.clone().or_else(|| values.next().cloned()).ok_or(word.clone());
        match criterion.to_ascii_lowercase().as_str() {
            "all" => {}
            "host" => conditions.push(Condition::MatchHost(list()?)),
            "originalhost" => conditions.push(Condition::MatchOriginal(list()?)),
            _ => return Err(criterion.to_owned()),
        }
    }
    Ok(conditions)
}

/// Keyword and the rest of a line; between them spaces, one `=`, or both.
fn key_and_rest(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let (key, rest) = line.split_at_checked(end)?;
    let rest = rest.trim_start();
    Some((key, rest.strip_prefix('=').unwrap_or(rest)))
}

/// The files a path with `*` and `?` stands for, in the order of their names.
fn expand(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        let text = part.as_os_str().to_string_lossy();
        if !text.contains(['*', '?']) {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        }
        let mut next = Vec::new();
        for directory in found {
            let Ok(entries) = std::fs::read_dir(&directory) else { continue };
            let mut names: Vec<_> = entries
                .filter_map(|entry| Some(entry.ok()?.file_name()))
                .filter(|name| {
                    let name = name.to_string_lossy();
                    // As in a shell, a star does not stand for hidden files.
                    (!name.starts_with('.') || text.starts_with('.'))
                        && pattern::matches(&text, &name)
                })
                .collect();
            names.sort();
            next.extend(names.into_iter().map(|name| directory.join(name)));
        }
        found = next;
    }
    found
}

#[cfg(test)]
mod tests;
