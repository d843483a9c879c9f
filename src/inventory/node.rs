//! The value tree of an inventory: what YAML said, where it said it.

use crate::domain::Place;

/// One value with its place and its tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub kind: Kind,
    /// Where it stands; a merged value points at its alias.
    pub place: Place,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean as Ansible (YAML 1.1) reads it.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text; may hold a Jinja template, which is never evaluated by guessing.
    Str(String),
    /// `!unsafe` text: never a template, whatever is in it.
    Unsafe(String),
    /// A `!vault` value, still encrypted: the whole text with its header line.
    Vault(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order of the file; a duplicate key is kept once, the
    /// last value, as in Ansible (it is reported as V-YAML-01).
    Map(Vec<Entry>),
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key as text.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The value at a dotted path of keys (`ceph.public_network`).
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// Text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) | Kind::Unsafe(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number: an integer, or text of digits (Ansible takes both in most places).
    pub fn as_int(&self) -> Option<i64> {
        match &self.kind {
            Kind::Int(n) => Some(*n),
            Kind::Str(text) | Kind::Unsafe(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The items of a list; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a mapping; empty for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Whether it is a template that only Ansible can evaluate.
    pub fn is_template(&self) -> bool {
        // One byte is found faster than two, and most texts hold none.
        matches!(&self.kind, Kind::Str(text)
            if text.contains('{') && (text.contains("{{") || text.contains("{%")))
    }

    /// What it is, for messages: `a list`, `text`, `a number`.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) | Kind::Float(_) => "a number",
            Kind::Str(_) | Kind::Unsafe(_) => "text",
            Kind::Vault(_) => "a vault value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}
