//! What is wrong with a file of plans.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Place;

/// One thing that is wrong, with its place: what was found and what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What was found, one sentence without a full stop.
    pub sentence: String,
    /// What is accepted, or what to do.
    pub accepted: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.sentence)?;
        if self.accepted.is_empty() { Ok(()) } else { write!(f, "; {}", self.accepted) }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// A fault at a place.
    pub fn new(place: &Place, sentence: impl Into<String>, accepted: impl Into<String>) -> Fault {
        Fault { place: place.clone(), sentence: sentence.into(), accepted: accepted.into() }
    }

    /// A word that is not one of those that are accepted; with the likely one.
    pub fn word<'a>(
        place: &Place,
        what: &str,
        word: &str,
        accepted: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Fault {
        let shown = crate::domain::untrusted::printable(word);
        let near = crate::domain::nearest(word, accepted.clone());
        let sentence = format!("`{shown}` is no {what}");
        let words: Vec<&str> = accepted.into_iter().collect();
        let list = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if words.len() <= 40 => format!("accepted: {}", words.join(", ")),
            None => String::new(),
        };
        Fault::new(place, sentence, list)
    }
}
