//! Secrets of this session, in memory only.
//!
//! Secrets never enter messages, the model, recordings, logs or argument
//! vectors. Whoever needs one asks this store by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use secrecy::SecretString;

use crate::domain::{Cause, CauseWord, SecretName};

/// The secrets that the operator typed or named a file for, and the names of
/// those that somebody wanted and that are missing.
#[derive(Debug, Default)]
pub struct SecretStore {
    held: Mutex<BTreeMap<SecretName, SecretString>>,
    wanted: Mutex<BTreeSet<SecretName>>,
    /// Why those that are in no file are missing, as the site was last read.
    missing: Mutex<BTreeMap<SecretName, Cause>>,
}

impl SecretStore {
    /// Keeps a secret until the program ends.
    pub fn put(&self, name: SecretName, secret: SecretString) {
        lock(&self.wanted).remove(&name);
        lock(&self.held).insert(name, secret);
    }

    /// The secret of that name; when it is missing, its name is noted as wanted.
    pub fn get(&self, name: &SecretName) -> Option<SecretString> {
        let found = lock(&self.held).get(name).cloned();
        if found.is_none() {
            lock(&self.wanted).insert(name.clone());
        }
        found
    }

    /// The secret of that name, or why `who` cannot be asked without it: it is
    /// sealed, or nobody has it.
    ///
    /// # Errors
    /// The cause; the secret's name is noted as wanted.
    pub fn need(&self, name: &SecretName, who: &str) -> Result<SecretString, Cause> {
        self.get(name).ok_or_else(|| {
            let cause = match lock(&self.missing).get(name) {
                Some(why) => Cause {
                    sentence: format!("there is no password for {who}: {}", why.sentence),
                    ..why.clone()
                },
                None => Cause::new(
                    CauseWord::PasswordSealed,
                    format!("the password for {who} is sealed"),
                    "Open the vault: give its password, or name the file that holds it",
                ),
            };
            cause.with_detail(format!("wanted: {name}"))
        })
    }

    /// Takes in which secrets are in no file that was read, and why; those of
    /// an earlier reading are forgotten.
    pub fn set_missing(&self, missing: Vec<(SecretName, Cause)>) {
        *lock(&self.missing) = missing.into_iter().collect();
    }

    /// The secrets whose names begin with `prefix`.
    pub fn with_prefix(&self, prefix: &str) -> Vec<(SecretName, SecretString)> {
        lock(&self.held)
            .iter()
            .filter(|(name, _)| name.as_str().starts_with(prefix))
            .map(|(name, secret)| (name.clone(), secret.clone()))
            .collect()
    }

    /// Forgets a secret that turned out to be wrong.
    pub fn forget(&self, name: &SecretName) {
        lock(&self.held).remove(name);
    }

    /// Names that were asked for and are missing, for the screen to offer a prompt.
    pub fn wanted(&self) -> Vec<SecretName> {
        lock(&self.wanted).iter().cloned().collect()
    }
}

/// A poisoned lock only means that another task panicked; the maps are still whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
