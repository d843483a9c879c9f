//! Plain references from one variable to another: `{{ name }}`,
//! `{{ name.key }}`, with `trim` or `string` behind it. Every other template
//! is Ansible's to evaluate and stays unknown here.

use std::borrow::Cow;

use super::{Kind, Node, Vars};

/// How many references may follow each other; more is a cycle.
const DEEPEST: u8 = 8;

/// What a value leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Followed<'a> {
    /// A value that is no template.
    Value(&'a Node),
    /// A template that only Ansible can evaluate, or a reference to nothing.
    Template,
}

/// Follows plain references from a value to where they end.
pub fn follow<'a>(node: &'a Node, vars: &'a Vars) -> Followed<'a> {
    let mut node = node;
    for _ in 0..DEEPEST {
        let Kind::Str(text) = &node.kind else { return Followed::Value(node) };
        if !node.is_template() {
            return Followed::Value(node);
        }
        let Some(target) = name_in(text).and_then(|path| look_up(path, vars)) else {
            return Followed::Template;
        };
        node = target;
    }
    Followed::Template
}

/// The text that a value leads to, spaces at both ends left out; numbers count as text.
pub fn text<'a>(node: &'a Node, vars: &'a Vars) -> Option<Cow<'a, str>> {
    let Followed::Value(node) = follow(node, vars) else { return None };
    match &node.kind {
        Kind::Str(text) | Kind::Unsafe(text) => Some(Cow::Borrowed(text.trim())),
        Kind::Int(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// The path in a template that is nothing but one reference.
fn name_in(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let mut parts = inner.split('|').map(str::trim);
    let path = parts.next()?;
    if parts.any(|filter| !matches!(filter, "trim" | "string")) {
        return None;
    }
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    path.split('.').all(plain).then_some(path)
}

fn look_up<'a>(path: &str, vars: &'a Vars) -> Option<&'a Node> {
    match path.split_once('.') {
        Some((name, rest)) => vars.get(name)?.at(rest),
        None => vars.get(path).map(|node| &**node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Inventory;
    use std::path::Path;

    #[test]
    fn plain_references_are_followed_and_nothing_else() {
        let text = "all:\n  vars:\n    a: '{{ b | trim }}'\n    b: '{{ c.d }}'\n    c: {d: ' end '}\n    \
                    e: '{{ a }}x'\n    f: \"{{ a | default('x') }}\"\n    g: '{{ none }}'\n    \
                    h: '{{ h }}'\n    i: 7\n    j: '{{ a b }}'\n";
        let inventory = Inventory::parse(text, Path::new("i")).unwrap();
        let vars = inventory.all_vars();
        let read = |name: &str| super::text(&vars[name], vars).map(Cow::into_owned);
        assert_eq!(read("a").as_deref(), Some("end"));
        assert_eq!(read("i").as_deref(), Some("7"));
        for name in ["e", "f", "g", "h", "j"] {
            assert_eq!(follow(&vars[name], vars), Followed::Template, "{name}");
        }
    }
}
