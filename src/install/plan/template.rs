//! Texts with placeholders, and what a placeholder may mean.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::Place;

/// A text in which `<NAME>` stands for a value of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The text as it is written.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// The name of a value.
    Name(&'a str),
}

/// The pieces of a text: capital letters, digits and underscores between angle
/// brackets, a capital first, are a name; everything else is text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut rest) = (Vec::new(), text);
    let mut from = 0;
    while let Some(open) = rest.get(from..).and_then(|tail| tail.find('<')).map(|at| from + at) {
        let tail = rest.get(open + 1..).unwrap_or_default();
        let length = tail
            .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
            .unwrap_or(tail.len());
        let name = tail.get(..length).unwrap_or_default();
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
            && tail.get(length..).is_some_and(|after| after.starts_with('>'));
        if !is_name {
            from = open + 1;
            continue;
        }
        if open > 0 {
            found.push(Piece::Text(rest.get(..open).unwrap_or_default()));
        }
        found.push(Piece::Name(name));
        rest = tail.get(length + 1..).unwrap_or_default();
        from = 0;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

impl std::fmt::Display for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Template {
    /// The names in it.
    pub fn names(&self) -> BTreeSet<&str> {
        pieces(&self.text)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Name(name) => Some(name),
                Piece::Text(_) => None,
            })
            .collect()
    }

    /// The text with the names filled in; a name without a value stays as it is written.
    pub fn filled(&self, mut value: impl FnMut(&str) -> Option<String>) -> String {
        fill(&self.text, &mut value)
    }
}

/// A text with the names in it filled in; a name without a value stays as it is written.
pub fn fill(text: &str, value: &mut impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Name(name) => match value(name) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&format!("<{name}>")),
            },
        }
    }
    out
}

/// Where the value of a name comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// An inventory variable, by its dotted path.
    Variable {
        /// The path (`hedgehog.vm_name`).
        path: String,
        /// What it is where the inventory does not say.
        default: Option<String>,
    },
    /// A variable of the first host of a group.
    Host {
        /// The group.
        group: String,
        /// The variable (`ansible_host`); `name` is the host's own name.
        field: String,
    },
    /// The public half of the private key that a group's hosts are reached with.
    PublicKeyOf {
        /// The group.
        group: String,
        /// Whether it is its fingerprint (`SHA256:…`) that is meant.
        is_fingerprint: bool,
    },
    /// What a step gave.
    Output {
        /// The step.
        step: String,
        /// The output's name.
        name: String,
        /// Whether every match is meant, one a line; else the last.
        is_list: bool,
    },
    /// A file of the release directory.
    File {
        /// Its path.
        path: String,
        /// The value at this dotted path in it; the whole file when `None`.
        field: Option<String>,
    },
    /// A value of the site that a person is asked for once.
    Ask {
        /// The question, a sentence.
        sentence: String,
        /// The step that asks.
        step: Option<String>,
        /// What form it has: `address`, `name`, `url`, `text`.
        form: String,
        /// What it is where nobody says otherwise.
        default: Option<String>,
        /// What it may be; anything when empty.
        choices: Vec<String>,
    },
    /// A secret that is made or typed when it is needed and never kept: what it is.
    Secret(String),
    /// The target of a step that repeats; of several fields, this one.
    Each(Option<String>),
    /// A text of other names.
    Text(String),
}

/// A name with its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meaning {
    /// Where the value comes from.
    pub source: Source,
    /// Where that is written.
    pub place: Place,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template { text: text.to_owned(), place: Place::default() }
    }

    #[test]
    fn names_are_filled_and_everything_else_stays() {
        let text = template("ssh <USER>@<HOST_1> a<b <lower> <>> << <A B> <TWO>");
        assert_eq!(text.names().into_iter().collect::<Vec<_>>(), ["HOST_1", "TWO", "USER"]);
        let filled = text.filled(|name| (name != "TWO").then(|| name.to_lowercase()));
        assert_eq!(filled, "ssh user@host_1 a<b <lower> <>> << <A B> <TWO>");
        assert_eq!(template("<<NAME>>").filled(|_| Some("x".into())), "<x>");
        assert_eq!(template("").filled(|_| None), "");
        assert_eq!(template("é<NAME").names().len(), 0);
    }

    #[test]
    fn a_value_that_looks_like_a_name_is_not_filled_again() {
        assert_eq!(template("<A>").filled(|_| Some("<A>".into())), "<A>");
    }
}
