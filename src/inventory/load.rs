//! Reading an inventory from its directory: the file, then `group_vars/` and
//! `host_vars/` beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::{Problem, RULE_SEALED, Severity};
use super::vault::{self, Vault};
use super::{Inventory, Kind, LoadError, Vars, build, decode, yaml};
use crate::domain::{CauseWord, Place, Verdict};

/// Names of the inventory file in a site's directory; the first one there is taken.
pub const INVENTORY_NAMES: [&str; 2] = ["inventory.yml", "inventory.yaml"];

/// Endings of variable files, in Ansible's order; a file or directory without one comes first.
const ENDINGS: [&str; 3] = ["yml", "yaml", "json"];

impl Inventory {
    /// Reads `DIR/inventory.yml` with the `group_vars/` and `host_vars/` beside it.
    /// Files that are sealed as a whole stay closed and are reported (V-YAML-52).
    ///
    /// # Errors
    /// When there is no inventory, it is empty, cannot be read, or does not
    /// parse; then all problems of all its files are named.
    pub fn load(directory: &Path) -> Result<Inventory, LoadError> {
        Inventory::load_opened(directory, &Vault::default())
    }

    /// As [`Inventory::load`]; files that are sealed as a whole are opened with the vault's passwords.
    ///
    /// # Errors
    /// As [`Inventory::load`].
    pub fn load_opened(directory: &Path, vault: &Vault) -> Result<Inventory, LoadError> {
        let file = INVENTORY_NAMES
            .iter()
            .map(|name| directory.join(name))
            .find(|file| file.exists())
            .unwrap_or_else(|| directory.join(INVENTORY_NAMES.first().unwrap_or(&"inventory.yml")));
        Inventory::load_file(&file, vault)
    }

    /// Reads an inventory file of any name with what stands beside it.
    ///
    /// # Errors
    /// As [`Inventory::load`].
    pub fn load_file(file: &Path, vault: &Vault) -> Result<Inventory, LoadError> {
        let text = decode::read_text(file)?;
        let text = match open_whole(&text, file, vault) {
            Opened::Text(text) => text,
            Opened::Sealed(problem) => {
                return Err(LoadError::Unreadable {
                    file: file.to_path_buf(),
                    sentence: problem.sentence,
                    hint: problem.hint.unwrap_or_default(),
                });
            }
        };
        let mut inventory = Inventory::parse(&text, file)?;
        let mut broken = Vec::new();
        inventory.read_beside(vault, &mut broken);
        if !broken.is_empty() {
            return Err(LoadError::Invalid(broken));
        }
        Ok(inventory)
    }

    /// Reads the text of an inventory file with nothing beside it.
    ///
    /// # Errors
    /// When it is empty or does not parse.
    pub fn parse(text: &str, file: &Path) -> Result<Inventory, LoadError> {
        let document =
            yaml::read(text, file).map_err(|problem| LoadError::Invalid(vec![*problem]))?;
        let is_empty = match &document.root.kind {
            Kind::Null => true,
            Kind::Map(entries) => entries.is_empty(),
            _ => false,
        };
        if is_empty {
            return Err(LoadError::Empty(file.to_path_buf()));
        }
        build::build(document, file).map_err(|problem| LoadError::Invalid(vec![*problem]))
    }

    fn read_beside(&mut self, vault: &Vault, broken: &mut Vec<Problem>) {
        let beside = Beside { vault, broken, problems: &mut self.problems };
        let mut groups = Folder::new(self.directory.join("group_vars"));
        let mut hosts = Folder::new(self.directory.join("host_vars"));
        let mut beside = beside;
        if !groups.is_empty() {
            for group in self.groups.values_mut() {
                group.beside = beside.variables(&groups.files_of(&group.name));
            }
        }
        if !hosts.is_empty() {
            for (host, data) in self.hosts.iter().zip(&mut self.host_data) {
                data.beside = beside.variables(&hosts.files_of(&host.name));
            }
        }
        self.settle();
    }
}

/// A `group_vars/` or `host_vars/` directory, listed once.
struct Folder {
    path: PathBuf,
    names: BTreeSet<String>,
}

impl Folder {
    fn new(path: PathBuf) -> Folder {
        let names = list(&path).into_iter().collect();
        Folder { path, names }
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The files of one group or host: the first of `NAME`, `NAME.yml`,
    /// `NAME.yaml` and `NAME.json` that is there; of a directory all files in it.
    fn files_of(&mut self, name: &str) -> Vec<PathBuf> {
        let with_ending = ENDINGS.iter().map(|ending| format!("{name}.{ending}"));
        let Some(found) = std::iter::once(name.to_owned())
            .chain(with_ending)
            .find(|candidate| self.names.contains(candidate))
        else {
            return Vec::new();
        };
        let path = self.path.join(found);
        if path.is_dir() { files_below(&path, 0) } else { vec![path] }
    }
}

/// Files of a directory of variables, in Ansible's order: by name, directories
/// in place, without hidden files, backups and other endings.
fn files_below(directory: &Path, depth: usize) -> Vec<PathBuf> {
    /// Deeper than anyone nests; a link that leads back up ends here.
    const DEEPEST: usize = 16;
    let mut found = Vec::new();
    if depth > DEEPEST {
        return found;
    }
    let mut names = list(directory);
    names.sort();
    for name in names {
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = directory.join(&name);
        let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
        if path.is_dir() {
            if ending.is_none() {
                found.extend(files_below(&path, depth + 1));
            }
        } else if ending.is_none_or(|ending| ENDINGS.contains(&ending.as_str())) {
            found.push(path);
        }
    }
    found
}

/// The names in a directory; none when there is no such directory.
fn list(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

struct Beside<'a> {
    vault: &'a Vault,
    /// What keeps files from being read.
    broken: &'a mut Vec<Problem>,
    problems: &'a mut Vec<Problem>,
}

impl Beside<'_> {
    /// The variables of some files, later files over earlier ones.
    fn variables(&mut self, files: &[PathBuf]) -> Vars {
        let mut vars = Vars::new();
        for file in files {
            match self.file(file) {
                Ok(found) => vars.extend(found),
                Err(problem) => self.broken.push(*problem),
            }
        }
        vars
    }

    fn file(&mut self, file: &Path) -> Result<Vars, Box<Problem>> {
        let text = decode::read_text(file).map_err(|error| Box::new(as_problem(error, file)))?;
        let text = match open_whole(&text, file, self.vault) {
            Opened::Text(text) => text,
            Opened::Sealed(problem) => {
                self.problems.push(*problem);
                return Ok(Vars::new());
            }
        };
        let document = yaml::read(&text, file)?;
        self.problems.extend(document.problems);
        match document.root.kind {
            Kind::Map(entries) => {
                Ok(entries.into_iter().map(|e| (e.key, Arc::new(e.value))).collect())
            }
            Kind::Null => Ok(Vars::new()),
            _ => Err(Box::new(Problem::parse_error(
                document.root.place.clone(),
                format!(
                    "the file is {}, and a mapping of variables is expected",
                    document.root.kind_name()
                ),
                "write `name: value`, one variable per line",
            ))),
        }
    }
}

fn as_problem(error: LoadError, file: &Path) -> Problem {
    let place = Place { file: file.to_path_buf(), line: 0, column: 0 };
    match error {
        LoadError::Invalid(problems) => problems
            .into_iter()
            .next()
            .unwrap_or_else(|| Problem::parse_error(place, "the file cannot be read", "")),
        LoadError::Unreadable { sentence, hint, .. } => {
            Problem::parse_error(place, sentence, &hint)
        }
        LoadError::Missing(_) | LoadError::Empty(_) => {
            Problem::parse_error(place, "the file vanished while it was read", "try again")
        }
    }
}

enum Opened {
    Text(String),
    Sealed(Box<Problem>),
}

/// A file that is encrypted as a whole is opened, if its password is there.
fn open_whole(text: &str, file: &Path, vault: &Vault) -> Opened {
    if !vault::is_sealed(text) {
        return Opened::Text(text.to_owned());
    }
    match vault.open(text) {
        Ok(opened) => Opened::Text(secrecy::ExposeSecret::expose_secret(&opened).to_owned()),
        Err(error) => {
            let place = Place { file: file.to_path_buf(), line: 0, column: 0 };
            let mut problem = Problem::reading(
                RULE_SEALED,
                Severity::Warning,
                place,
                format!("the whole file is sealed in a vault ({error})"),
                error.next(),
            );
            problem.verdict = Verdict::Unknown;
            problem.cause = Some(CauseWord::PasswordSealed);
            Opened::Sealed(Box::new(problem))
        }
    }
}

/// Counts what a load did, for the one line that `show` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Hosts.
    pub hosts: usize,
    /// Groups, `all` and `ungrouped` left out.
    pub groups: usize,
}

impl Inventory {
    /// How many hosts and groups there are.
    pub fn counts(&self) -> Counts {
        let implied = ["all", "ungrouped"];
        let groups = self.groups.keys().filter(|name| !implied.contains(&name.as_str())).count();
        Counts { hosts: self.hosts.len(), groups }
    }
}
