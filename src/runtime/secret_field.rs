//! The field a secret is typed into. While it is open the runtime keeps the
//! keys; the model knows the secret's name and how many characters there are.

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::app::{Input, Key, KeyName};
use crate::domain::SecretName;

use super::load::VAULT_SECRET;

/// The longest secret that is taken, in characters.
const LONGEST: usize = 1024;

/// An open secret field.
pub struct SecretField {
    name: SecretName,
    text: Zeroizing<String>,
}

/// What a key did to the field.
pub enum Typed {
    /// It still is open and holds so many characters.
    Open(usize),
    /// It was closed without a secret.
    Dropped,
    /// It was closed with Enter.
    Taken(SecretName, SecretString),
}

impl SecretField {
    /// An empty field for this secret.
    pub fn open(name: SecretName) -> SecretField {
        // Room for the longest, so that growing never leaves copies behind in memory.
        SecretField { name, text: Zeroizing::new(String::with_capacity(LONGEST * 4)) }
    }

    /// Takes a key or a paste.
    pub fn take(&mut self, input: &Input) -> Typed {
        match input {
            Input::Key(Key { name: KeyName::Esc, .. }) => return Typed::Dropped,
            Input::Key(Key { name: KeyName::Char('c'), ctrl: true, .. }) => return Typed::Dropped,
            Input::Key(Key { name: KeyName::Enter, .. }) => {
                if self.text.is_empty() {
                    return Typed::Dropped;
                }
                let secret = SecretString::from(std::mem::take(&mut *self.text));
                return Typed::Taken(self.name.clone(), secret);
            }
            Input::Key(Key { name: KeyName::Char('u'), ctrl: true, .. }) => self.text.clear(),
            Input::Key(Key { name: KeyName::Backspace, .. }) => {
                self.text.pop();
            }
            Input::Key(Key { name: KeyName::Char(c), ctrl: false, alt: false }) => self.push(*c),
            // One line only: a password manager's trailing line end is not part of the secret.
            Input::Paste(text) => {
                text.trim_end_matches(['\r', '\n']).chars().for_each(|c| self.push(c))
            }
            _ => {}
        }
        Typed::Open(self.text.chars().count())
    }

    fn push(&mut self, c: char) {
        if self.text.chars().count() < LONGEST && !c.is_control() {
            self.text.push(c);
        }
    }
}

/// The secrets to ask for, in order: a vault's password first, and while one is
/// missing no password of management controllers, since the vault may hold it.
pub fn to_ask_for(mut wanted: Vec<SecretName>) -> Vec<SecretName> {
    let is_vault = |name: &SecretName| name.as_str().starts_with(VAULT_SECRET);
    if wanted.iter().any(is_vault) {
        wanted.retain(|name| !name.as_str().starts_with("bmc-password "));
    }
    wanted.sort_by_key(|name| !is_vault(name));
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_secret_is_typed_pasted_corrected_and_taken() {
        let mut field = SecretField::open(SecretName::from("vault default"));
        field.take(&Input::Key(Key::char('a')));
        field.take(&Input::Paste("bcx\n".into()));
        assert!(matches!(field.take(&Input::Key(Key::plain(KeyName::Backspace))), Typed::Open(3)));
        let Typed::Taken(name, secret) = field.take(&Input::Key(Key::plain(KeyName::Enter))) else {
            panic!("not taken");
        };
        assert_eq!((name.as_str(), secret.expose_secret()), ("vault default", "abc"));
    }

    #[test]
    fn the_vault_comes_first_and_what_it_may_hold_is_not_asked_for() {
        let names = |names: &[&str]| names.iter().map(|name| SecretName::from(*name)).collect();
        let wanted: Vec<SecretName> = names(&["bmc-password x", "ssh-key id", "vault default"]);
        assert_eq!(to_ask_for(wanted), names(&["vault default", "ssh-key id"]) as Vec<_>);
        let wanted: Vec<SecretName> = names(&["bmc-password x", "ssh-key id"]);
        assert_eq!(to_ask_for(wanted.clone()), wanted);
    }

    #[test]
    fn escape_and_an_empty_enter_take_nothing() {
        let mut field = SecretField::open(SecretName::from("x"));
        assert!(matches!(field.take(&Input::Key(Key::plain(KeyName::Enter))), Typed::Dropped));
        field.take(&Input::Key(Key::char('a')));
        assert!(matches!(field.take(&Input::Key(Key::plain(KeyName::Esc))), Typed::Dropped));
    }
}
