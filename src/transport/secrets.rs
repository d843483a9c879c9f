//! Secrets of this session, in memory only.
//!
//! Secrets never enter messages, the model, recordings, logs or argument
//! vectors. Whoever needs one asks this store by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use secrecy::SecretString;

use crate::domain::SecretName;

/// The secrets that the operator typed or named a file for, and the names of
/// those that somebody wanted and that are missing.
#[derive(Debug, Default)]
pub struct SecretStore {
    held: Mutex<BTreeMap<SecretName, SecretString>>,
    wanted: Mutex<BTreeSet<SecretName>>,
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
