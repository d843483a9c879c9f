//! Reads mappings of known keys out of a YAML tree, and says of everything
//! else where it stands and what is accepted there.

use crate::domain::Place;
use crate::inventory::{Entry, Kind, Node};

use super::fault::Fault;
use super::template::Template;

/// Where faults are gathered while a file is read.
pub type Faults = Vec<Fault>;

/// A mapping of known keys while it is read.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// What it is, with an article: `a step`.
    what: &'static str,
    node: &'a Node,
}

impl<'a> Fields<'a> {
    /// Takes a node for a mapping with these keys; what it is not is a fault.
    pub fn of(
        node: &'a Node,
        what: &'static str,
        keys: &'static [&'static str],
        faults: &mut Faults,
    ) -> Option<Fields<'a>> {
        let Kind::Map(entries) = &node.kind else {
            let found = format!("{what} is {} here", node.kind_name());
            faults.push(Fault::new(&node.place, found, format!("accepted: {}", keys.join(", "))));
            return None;
        };
        for entry in entries.iter().filter(|entry| !keys.contains(&entry.key.as_str())) {
            let what = format!("key of {what}");
            faults.push(Fault::word(&entry.place, &what, &entry.key, keys.iter().copied()));
        }
        Some(Fields { what, node })
    }

    /// Where it begins.
    pub fn place(&self) -> &'a Place {
        &self.node.place
    }

    /// The value of a key; `None` where it is missing or empty.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key).filter(|node| node.kind != Kind::Null)
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.node.entry(key)
    }

    /// The text of a key that may be missing.
    pub fn text(&self, key: &str, faults: &mut Faults) -> Option<String> {
        text(self.node(key)?, key, faults)
    }

    /// The text of a key that must be there; empty where it is not.
    pub fn required(&self, key: &str, faults: &mut Faults) -> String {
        match self.node(key) {
            Some(node) => text(node, key, faults).unwrap_or_default(),
            None => {
                let found = format!("{} without `{key}`", self.what);
                faults.push(Fault::new(self.place(), found, format!("`{key}:` is needed")));
                String::new()
            }
        }
    }

    /// The list of texts of a key; one text is a list of one.
    pub fn texts(&self, key: &str, faults: &mut Faults) -> Vec<String> {
        self.placed_texts(key, faults).into_iter().map(|(text, _)| text).collect()
    }

    /// The list of texts of a key, each with its place.
    pub fn placed_texts(&self, key: &str, faults: &mut Faults) -> Vec<(String, Place)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items
            .iter()
            .filter_map(|item| Some((text(item, key, faults)?, item.place.clone())))
            .collect()
    }

    /// The items of a list.
    pub fn items(&self, key: &str, faults: &mut Faults) -> &'a [Node] {
        match self.node(key) {
            None => &[],
            Some(Node { kind: Kind::List(items), .. }) => items,
            Some(node) => {
                let found = format!("`{key}` is {} here", node.kind_name());
                faults.push(Fault::new(&node.place, found, "a list is accepted"));
                &[]
            }
        }
    }

    /// The entries of a mapping of names that the file chooses.
    pub fn entries(&self, key: &str, faults: &mut Faults) -> &'a [Entry] {
        match self.node(key) {
            None => &[],
            Some(Node { kind: Kind::Map(entries), .. }) => entries,
            Some(node) => {
                let found = format!("`{key}` is {} here", node.kind_name());
                faults.push(Fault::new(&node.place, found, "a mapping is accepted"));
                &[]
            }
        }
    }

    /// Yes or no; `false` where nothing is said.
    pub fn flag(&self, key: &str, faults: &mut Faults) -> bool {
        match self.node(key) {
            None => false,
            Some(Node { kind: Kind::Bool(yes), .. }) => *yes,
            Some(node) => {
                let found = format!("`{key}` is {} here", node.kind_name());
                faults.push(Fault::new(&node.place, found, "accepted: true, false"));
                false
            }
        }
    }

    /// A text with placeholders.
    pub fn template(&self, key: &str, faults: &mut Faults) -> Option<Template> {
        let node = self.node(key)?;
        Some(Template { text: text(node, key, faults)?, place: node.place.clone() })
    }

    /// A list of texts with placeholders; one text is a list of one.
    pub fn templates(&self, key: &str, faults: &mut Faults) -> Vec<Template> {
        self.placed_texts(key, faults)
            .into_iter()
            .map(|(text, place)| Template { text, place })
            .collect()
    }

    /// A mapping of texts with placeholders.
    pub fn named_templates(&self, key: &str, faults: &mut Faults) -> Vec<(String, Template)> {
        self.entries(key, faults)
            .iter()
            .filter_map(|entry| {
                let text = text(&entry.value, &entry.key, faults)?;
                let place = entry.value.place.clone();
                Some((entry.key.clone(), Template { text, place }))
            })
            .collect()
    }

    /// One word of a stated list.
    pub fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&'static str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        let node = self.node(key)?;
        let word = match node.kind {
            // `yes` and `no` are booleans of YAML 1.1.
            Kind::Bool(true) if words.iter().any(|(word, _)| *word == "yes") => "yes".to_owned(),
            _ => text(node, key, faults)?,
        };
        let found = words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value);
        if found.is_none() {
            let accepted = words.iter().map(|(word, _)| *word);
            faults.push(Fault::word(&node.place, &format!("value of `{key}`"), &word, accepted));
        }
        found
    }

    /// A duration in seconds: `5 s`, `10 min`, `2 h`, `3 days`.
    pub fn seconds(&self, key: &str, faults: &mut Faults) -> Option<u32> {
        let node = self.node(key)?;
        let words = text(node, key, faults)?;
        let seconds = seconds_of(&words);
        if seconds.is_none() {
            let found = format!("`{}` is no duration", crate::domain::untrusted::printable(&words));
            faults.push(Fault::new(
                &node.place,
                found,
                "a whole number with s, min, h or days is accepted: `10 min`",
            ));
        }
        seconds
    }
}

/// A duration in words, in seconds.
pub fn seconds_of(words: &str) -> Option<u32> {
    let (number, unit) = words.trim().split_once(' ')?;
    let factor = match unit.trim() {
        "s" | "second" | "seconds" => 1,
        "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(factor)
}

/// The text of a value; whole numbers are text too.
pub fn text(node: &Node, key: &str, faults: &mut Faults) -> Option<String> {
    match &node.kind {
        Kind::Str(text) | Kind::Unsafe(text) => Some(text.clone()),
        Kind::Int(number) => Some(number.to_string()),
        kind => {
            let next = match kind {
                Kind::Bool(_) | Kind::Float(_) => "put it in quotes; text is accepted",
                _ => "text is accepted",
            };
            let found = format!("`{key}` is {} here", node.kind_name());
            faults.push(Fault::new(&node.place, found, next));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        for (words, seconds) in [
            ("5 s", Some(5)),
            ("10 min", Some(600)),
            ("2 h", Some(7_200)),
            ("3 days", Some(259_200)),
        ] {
            assert_eq!(seconds_of(words), seconds, "{words}");
        }
        for words in ["", "5", "5 parsecs", "-1 s", "1.5 h", "99999999 days"] {
            assert_eq!(seconds_of(words), None, "{words}");
        }
    }
}
