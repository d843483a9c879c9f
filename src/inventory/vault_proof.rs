//! Whether a vault password is the right one: it is tried on what the
//! inventory seals, before anything is kept or built on it.

use std::collections::BTreeSet;
use std::fmt;

use super::problem::RULE_SEALED;
use super::vault::{Vault, VaultError, is_sealed};
use super::{Inventory, Kind, LoadError, Node, decode};
use crate::domain::Place;

/// How many values are tried before a password counts as wrong: deriving a key
/// is slow on purpose (10,000 rounds each).
const MOST_TRIES: usize = 64;

/// A password that opens nothing of what is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The first value that it does not open.
    pub place: Place,
    /// How many values there are.
    pub count: usize,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "does not open {}", self.place)?;
        match self.count {
            0 | 1 => Ok(()),
            count => write!(f, " nor any other of the {count} vault values"),
        }
    }
}

/// Tries the passwords of a vault on what an inventory seals; `None` when one
/// of them opens something, when nothing is sealed, and when there is no password.
pub fn refusal(inventory: &Result<Inventory, LoadError>, vault: &Vault) -> Option<Refusal> {
    if vault.is_empty() {
        return None;
    }
    let sealed = match inventory {
        Ok(inventory) => sealed_values(inventory),
        Err(LoadError::Unreadable { file, .. }) => whole_file(file).into_iter().collect(),
        Err(_) => Vec::new(),
    };
    let mut first = None;
    let mut count = 0;
    for (place, text) in sealed.iter().take(MOST_TRIES) {
        match vault.open(text) {
            Ok(_) => return None,
            // What is no vault says nothing about the password.
            Err(VaultError::Malformed(_)) => {}
            Err(_) => {
                count += 1;
                first.get_or_insert(place);
            }
        }
    }
    let untried = sealed.len().saturating_sub(MOST_TRIES);
    first.map(|place| Refusal { place: place.clone(), count: count + untried })
}

/// Every value that is sealed, once, in the order of the files.
fn sealed_values(inventory: &Inventory) -> Vec<(Place, String)> {
    let mut found = BTreeSet::new();
    let of_groups = inventory.groups.values().flat_map(|group| [&group.inline, &group.beside]);
    let of_hosts = inventory.host_data.iter().flat_map(|data| [&data.inline, &data.beside]);
    for node in of_groups.chain(of_hosts).flat_map(|vars| vars.values()) {
        gather(node, &mut found);
    }
    for problem in inventory.problems.iter().filter(|problem| problem.rule == RULE_SEALED) {
        found.extend(whole_file(&problem.place.file));
    }
    found.into_iter().collect()
}

fn gather(node: &Node, found: &mut BTreeSet<(Place, String)>) {
    match &node.kind {
        Kind::Vault(text) => {
            found.insert((node.place.clone(), text.clone()));
        }
        Kind::List(items) => items.iter().for_each(|item| gather(item, found)),
        Kind::Map(entries) => entries.iter().for_each(|entry| gather(&entry.value, found)),
        _ => {}
    }
}

/// A file that is sealed as a whole.
fn whole_file(file: &std::path::Path) -> Option<(Place, String)> {
    let text = decode::read_text(file).ok().filter(|text| is_sealed(text))?;
    Some((Place { file: file.to_path_buf(), line: 0, column: 0 }, text))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use secrecy::SecretString;

    const EXAMPLE: &str = include_str!("../../inventory.example.yml");

    fn vault(password: &str) -> Vault {
        let mut vault = Vault::default();
        vault.put("default", SecretString::from(password));
        vault
    }

    #[test]
    fn a_wrong_password_is_told_with_the_place_it_does_not_open() {
        let inventory = Inventory::parse(EXAMPLE, Path::new("inventory.yml"));
        assert_eq!(refusal(&inventory, &vault("shopfloor-example")), None);
        assert_eq!(refusal(&inventory, &Vault::default()), None);
        let refused = refusal(&inventory, &vault("hunter2-planted")).unwrap();
        let sentence = refused.to_string();
        let line =
            EXAMPLE.lines().position(|line| line.trim().starts_with("$ANSIBLE_VAULT")).unwrap() + 1;
        assert!(
            sentence.starts_with(&format!("does not open inventory.yml:{line}:")),
            "{sentence}"
        );
        assert!(sentence.ends_with("vault values") && refused.count >= 15, "{sentence}");
        assert!(!sentence.contains("hunter2"));
    }

    #[test]
    fn where_nothing_is_sealed_every_password_will_do() {
        let inventory = Inventory::parse("all: {hosts: {a: }}\n", Path::new("i"));
        assert_eq!(refusal(&inventory, &vault("x")), None);
        let broken = Inventory::parse("all: {hosts: {a: \n", Path::new("i"));
        assert_eq!(refusal(&broken, &vault("x")), None);
    }

    #[test]
    fn a_file_that_is_sealed_as_a_whole_is_tried_too() {
        let fixtures =
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/inventory/vault"));
        let directory = tempfile::tempdir().unwrap();
        let beside = directory.path().join("group_vars");
        std::fs::create_dir(&beside).unwrap();
        std::fs::copy(fixtures.join("1.1.txt"), beside.join("all.yml")).unwrap();
        std::fs::write(directory.path().join("inventory.yml"), "all: {hosts: {a: }}\n").unwrap();
        let of = |password| {
            let vault = vault(password);
            refusal(&Inventory::load_opened(directory.path(), &vault), &vault)
        };
        assert_eq!(of("correct horse"), None);
        assert_eq!(of("wrong").unwrap().place.file, beside.join("all.yml"));
        std::fs::copy(fixtures.join("1.1.txt"), directory.path().join("inventory.yml")).unwrap();
        assert!(of("wrong").unwrap().to_string().ends_with("inventory.yml"));
    }
}
