//! Known secrets, taken out of what is sent to others. No secret should be in a
//! recording or a crash report by construction; this is for the day one is.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use regex::bytes::{Regex, RegexBuilder};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::transport::secrets::SecretStore;

/// Shorter ones are words that stand everywhere.
const SHORTEST: usize = 6;
/// What stands in their place.
const INSTEAD: &str = "<secret>";
/// The most that the pattern of all secrets may take, in bytes.
const PATTERN: usize = 64 << 20;

/// Takes the secrets of a store out of texts.
#[derive(Debug, Default)]
pub struct Scrub {
    secrets: Arc<SecretStore>,
    /// The pattern, and the hash of what it was made of.
    known: Mutex<(u64, Option<Regex>)>,
}

impl Scrub {
    /// For the secrets of that store, also those that come later.
    pub fn new(secrets: Arc<SecretStore>) -> Scrub {
        Scrub { secrets, known: Mutex::default() }
    }

    fn pattern(&self) -> Option<Regex> {
        let held = self.secrets.with_prefix("");
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let values = || held.iter().map(|(_, secret)| secret.expose_secret());
        let mut hasher = DefaultHasher::new();
        values().for_each(|value| value.hash(&mut hasher));
        let hash = hasher.finish();
        if known.0 != hash {
            let words: Vec<String> = values()
                .filter(|value| value.len() >= SHORTEST)
                .flat_map(|value| [regex::escape(value), regex::escape(&quoted(value))])
                .collect();
            let pattern = RegexBuilder::new(&words.join("|")).size_limit(PATTERN).build().ok();
            *known = (hash, pattern.filter(|_| !words.is_empty()));
        }
        known.1.clone()
    }

    /// The text without them.
    pub fn text(&self, text: &str) -> String {
        match self.pattern() {
            Some(pattern) => {
                let clean = pattern.replace_all(text.as_bytes(), INSTEAD.as_bytes());
                String::from_utf8_lossy(&clean).into_owned()
            }
            None => text.to_owned(),
        }
    }

    /// The JSON without them in its texts. Nothing of it is read where none is in it.
    pub fn json(&self, json: Vec<u8>) -> Vec<u8> {
        let Some(pattern) = self.pattern().filter(|pattern| pattern.is_match(&json)) else {
            return json;
        };
        let Ok(mut value) = serde_json::from_slice(&json) else { return Vec::new() };
        clean(&mut value, &pattern);
        serde_json::to_vec(&value).unwrap_or_default()
    }
}

/// As JSON writes it, without the quotes.
fn quoted(value: &str) -> String {
    let text = Value::from(value).to_string();
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

fn clean(value: &mut Value, pattern: &Regex) {
    match value {
        Value::String(text) if pattern.is_match(text.as_bytes()) => {
            let clean = pattern.replace_all(text.as_bytes(), INSTEAD.as_bytes());
            *text = String::from_utf8_lossy(&clean).into_owned();
        }
        Value::Array(list) => list.iter_mut().for_each(|each| clean(each, pattern)),
        Value::Object(map) => map.values_mut().for_each(|each| clean(each, pattern)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SecretName;

    #[test]
    fn known_values_go_wherever_they_stand_and_the_rest_stays() {
        let store = Arc::new(SecretStore::default());
        let scrub = Scrub::new(Arc::clone(&store));
        let json = br#"{"hunter2-x":1,"a":["say hunter2-x","no"],"b":"q\"uo\\te-y"}"#.to_vec();
        assert_eq!(scrub.json(json.clone()), json, "nothing is known yet");
        for (name, value) in [("bmc", "hunter2-x"), ("vault a", "q\"uo\\te-y"), ("pin", "no")] {
            store.put(SecretName::from(name.to_owned()), value.to_owned().into());
        }
        let clean: Value = serde_json::from_slice(&scrub.json(json)).unwrap();
        let wanted = serde_json::json!(
            {"hunter2-x": 1, "a": ["say <secret>", "no"], "b": "<secret>"}
        );
        assert_eq!(clean, wanted, "a name of a field stays, and so does a short word");
        assert_eq!(scrub.text("panicked at 'hunter2-x'"), "panicked at '<secret>'");
    }
}
