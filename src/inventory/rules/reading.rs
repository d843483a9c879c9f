//! Values as rules read them: references resolved, secrets closed, templates never guessed.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::domain::{CauseWord, Place};
use crate::inventory::model::Vars;
use crate::inventory::vault::Vault;
use crate::inventory::{Kind, Node};

/// How deep references may lead to references.
const DEEPEST: u8 = 8;

/// What a value says.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading<T> {
    /// It says this.
    Known(T),
    /// It cannot be known: sealed, or a template.
    Unknown(CauseWord),
    /// It is of another kind; the rule about types says so.
    Wrong,
}

impl<T> Reading<T> {
    /// What it says, if it is known.
    pub fn known(self) -> Option<T> {
        match self {
            Reading::Known(value) => Some(value),
            _ => None,
        }
    }

    fn and_then<U>(self, then: impl FnOnce(T) -> Option<U>) -> Reading<U> {
        match self {
            Reading::Known(value) => then(value).map_or(Reading::Wrong, Reading::Known),
            Reading::Unknown(cause) => Reading::Unknown(cause),
            Reading::Wrong => Reading::Wrong,
        }
    }
}

/// The cause of a value that only Ansible can evaluate.
pub fn template() -> CauseWord {
    CauseWord::from_word("template")
}

/// A value in the variables of the host (or site) that it belongs to.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The value as written.
    pub node: &'a Node,
    /// The variables that its references name.
    pub scope: &'a Vars,
}

impl fmt::Debug for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The value itself may be a secret.
        write!(f, "At({}, {})", self.node.kind_name(), self.node.place)
    }
}

impl<'a> At<'a> {
    /// A variable of a scope.
    pub fn of(scope: &'a Vars, name: &str) -> Option<At<'a>> {
        scope.get(name).map(|node| At { node, scope })
    }

    /// A dotted path below a variable of a scope.
    pub fn path(scope: &'a Vars, path: &str) -> Option<At<'a>> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let top = At::of(scope, name)?;
        if rest.is_empty() { Some(top) } else { top.at(rest) }
    }

    /// Where it is written.
    pub fn place(&self) -> &'a Place {
        &self.node.place
    }

    /// The same value behind references that name another variable as a whole.
    pub fn resolved(self) -> At<'a> {
        let mut at = self;
        for _ in 0..DEEPEST {
            let Kind::Str(text) = &at.node.kind else { break };
            let Some(node) = whole_reference(text).and_then(|path| lookup(at.scope, path)) else {
                break;
            };
            at.node = node;
        }
        at
    }

    /// The value under a key.
    pub fn get(self, key: &str) -> Option<At<'a>> {
        let here = self.resolved();
        here.node.get(key).map(|node| At { node, scope: here.scope })
    }

    /// The value at a dotted path.
    pub fn at(self, path: &str) -> Option<At<'a>> {
        path.split('.').try_fold(self, |at, key| at.get(key))
    }

    /// The items of a list.
    pub fn items(self) -> impl Iterator<Item = At<'a>> {
        let here = self.resolved();
        here.node.items().iter().map(move |node| At { node, scope: here.scope })
    }

    /// The entries of a mapping, key first.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, At<'a>)> {
        let here = self.resolved();
        here.node
            .entries()
            .iter()
            .map(move |entry| (entry.key.as_str(), At { node: &entry.value, scope: here.scope }))
    }

    /// Items of a list or values of a mapping, whichever it is.
    pub fn each(self) -> impl Iterator<Item = At<'a>> {
        self.items().chain(self.entries().map(|(_, value)| value))
    }

    /// Whether nothing is said: `null` or empty text.
    pub fn is_empty(self) -> bool {
        match &self.resolved().node.kind {
            Kind::Null => true,
            Kind::Str(text) => text.trim().is_empty(),
            Kind::List(items) => items.is_empty(),
            Kind::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// Whether it is a `!vault` value or refers to one, also through filters.
    pub fn is_sealed(self) -> bool {
        if matches!(self.resolved().node.kind, Kind::Vault(_)) {
            return true;
        }
        let Kind::Str(text) = &self.node.kind else { return false };
        references(text).any(|path| {
            lookup(self.scope, path).is_some_and(|node| {
                matches!(At { node, scope: self.scope }.resolved().node.kind, Kind::Vault(_))
            })
        })
    }

    /// Text, or a number as text.
    pub fn text(self) -> Reading<String> {
        self.words().and_then(|text| Some(text.into_owned()))
    }

    /// The same, copied only where it is not written as it reads.
    pub fn words(self) -> Reading<Cow<'a, str>> {
        let here = self.resolved();
        match &here.node.kind {
            Kind::Str(text) if here.node.is_template() => match filled(here.scope, text, 0) {
                Some(text) => Reading::Known(Cow::Owned(text)),
                None => Reading::Unknown(template()),
            },
            Kind::Str(text) => Reading::Known(Cow::Borrowed(text)),
            Kind::Int(number) => Reading::Known(Cow::Owned(number.to_string())),
            Kind::Float(number) => Reading::Known(Cow::Owned(number.to_string())),
            Kind::Vault(_) => Reading::Unknown(CauseWord::PasswordSealed),
            _ => Reading::Wrong,
        }
    }

    /// A whole number.
    pub fn int(self) -> Reading<i64> {
        self.words().and_then(|text| text.trim().parse().ok())
    }

    /// A boolean; text as Ansible's `bool` filter reads it.
    pub fn bool(self) -> Reading<bool> {
        let here = self.resolved();
        if let Kind::Bool(value) = here.node.kind {
            return Reading::Known(value);
        }
        self.words().and_then(|text| match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" | "" => Some(false),
            _ => None,
        })
    }

    /// An address; a prefix is allowed and left out.
    pub fn ip(self) -> Reading<IpAddr> {
        self.words().and_then(|text| address(&text))
    }

    /// An address with its prefix, host bits kept.
    pub fn net(self) -> Reading<IpNet> {
        self.words().and_then(|text| text.trim().parse().ok())
    }

    /// What is inside a sealed value, or clear text as it stands. A value that
    /// does not open is unknown here; V-SEC-03 says why.
    pub fn secret(self, vault: &Vault) -> Reading<Zeroizing<String>> {
        match &self.resolved().node.kind {
            Kind::Vault(sealed) => match vault.open(sealed) {
                Ok(inside) => Reading::Known(clear(&inside)),
                Err(why) => Reading::Unknown(why.cause()),
            },
            _ => self.text().and_then(|text| Some(Zeroizing::new(text))),
        }
    }
}

fn clear(secret: &SecretString) -> Zeroizing<String> {
    Zeroizing::new(secret.expose_secret().to_owned())
}

/// An address, with or without a prefix.
pub fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    match text.split_once('/') {
        None => text.parse().ok(),
        Some(_) => text.parse::<IpNet>().ok().map(|net| net.addr()),
    }
}

/// The path that a text refers to as a whole: `{{ name }}`, `{{ a.b | trim }}`.
fn whole_reference(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    if inner.contains("{{") {
        return None;
    }
    simple_path(inner)
}

/// A dotted name, with nothing but `trim` or `string` behind it.
fn simple_path(inner: &str) -> Option<&str> {
    let mut parts = inner.split('|').map(str::trim);
    let path = parts.next()?;
    let plain = !path.is_empty()
        && path.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
        && path.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (plain && parts.all(|filter| matches!(filter, "trim" | "string"))).then_some(path)
}

/// The names that a template mentions anywhere between its braces.
pub fn references(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}").map(|(inner, _)| inner))
        .flat_map(|inner| {
            inner.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        })
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

fn lookup<'a>(scope: &'a Vars, path: &str) -> Option<&'a Node> {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let node = scope.get(name)?;
    if rest.is_empty() { Some(node) } else { node.at(rest) }
}

/// A template whose every piece is a plain reference to plain text, filled in.
fn filled(scope: &Vars, text: &str, depth: u8) -> Option<String> {
    if depth > DEEPEST || text.contains("{%") || text.contains("{#") {
        return None;
    }
    let mut pieces = text.split("{{");
    let mut out = pieces.next()?.to_owned();
    for piece in pieces {
        let (inner, tail) = piece.split_once("}}")?;
        let node = lookup(scope, simple_path(inner)?)?;
        match &node.kind {
            Kind::Str(text) if node.is_template() => out.push_str(&filled(scope, text, depth + 1)?),
            Kind::Str(text) => out.push_str(text),
            Kind::Int(number) => out.push_str(&number.to_string()),
            _ => return None,
        }
        out.push_str(tail);
    }
    Some(out)
}
