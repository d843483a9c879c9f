//! YAML text to a [`Node`] tree as Ansible sees it, every value with its place.
//! The one file that names the YAML reader.
//!
//! The events come from the reader's own parser rather than through serde:
//! only they say whether a word was quoted, on which YAML 1.1 hangs what it means.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use serde_yaml::granit_parser::{Event, Options, Parser, ScalarStyle, Span};

use super::problem::{Problem, RULE_PARSE, RULE_SURPRISE, Severity};
use super::scalar::{self, Plain};
use super::yaml_error;
use super::{Entry, Kind, Node};
use crate::domain::Place;

/// The most values that a file may have after its aliases are put in: four
/// times what 100,000 hosts with five variables each need. Alias bombs stop here.
const MOST_VALUES: usize = 2_000_000;

/// How deep values may be nested, aliases put in.
const DEEPEST: usize = 200;

/// A file that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its value; nothing when it has only comments.
    pub root: Node,
    /// Keys that are not text (`2024:`, `yes:`), which Ansible takes for
    /// variables and refuses for groups and hosts.
    pub odd_keys: HashSet<Place>,
    /// Duplicate keys, and words that YAML 1.1 reads otherwise than they look.
    pub problems: Vec<Problem>,
}

/// Reads a YAML text as Ansible does.
///
/// # Errors
/// The one problem that keeps the text from being read, with its place.
pub fn read(text: &str, file: &Path) -> Result<Document, Box<Problem>> {
    // Not built as a struct literal: the parser's options are open for more.
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut reader = Reader {
        parser: Parser::new_from_str_with_options(text, options),
        text,
        file,
        anchors: HashMap::new(),
        values: 0,
        unsafe_depth: 0,
        odd_keys: HashSet::new(),
        problems: Vec::new(),
    };
    let root = reader.document()?;
    Ok(Document { root, odd_keys: reader.odd_keys, problems: reader.problems })
}

struct Reader<'a> {
    parser: Parser<'a, serde_yaml::granit_parser::StrInput<'a>>,
    text: &'a str,
    file: &'a Path,
    /// Anchors of the document; `None` while the anchored value is still open.
    anchors: HashMap<usize, Option<Rc<Composed>>>,
    values: usize,
    unsafe_depth: usize,
    odd_keys: HashSet<Place>,
    problems: Vec<Problem>,
}

/// A value with what limits need to know of it.
#[derive(Debug, Clone)]
struct Composed {
    node: Node,
    /// Values in it, itself included.
    size: usize,
    /// Levels below it.
    depth: usize,
    /// It is an unquoted `<<` or `=`, which means something only as a key.
    word: Option<Word>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Word {
    Merge,
    Equals,
}

/// A mapping while it is read.
#[derive(Default)]
struct Entries {
    entries: Vec<Entry>,
    at: HashMap<String, usize>,
}

impl Entries {
    /// Puts an entry in; a later one takes the value of an earlier one and its slot.
    fn put(&mut self, entry: Entry) -> Option<Entry> {
        if let Some(slot) = self.at.get(&entry.key).and_then(|at| self.entries.get_mut(*at)) {
            return Some(std::mem::replace(slot, entry));
        }
        self.at.insert(entry.key.clone(), self.entries.len());
        self.entries.push(entry);
        None
    }
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Box<Problem>> {
        match self.parser.next() {
            Some(Ok(pair)) => Ok(pair),
            Some(Err(error)) => Err(yaml_error::problem(&error, self.text, self.file)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn place(&self, span: &Span) -> Place {
        yaml_error::place(&span.start, self.file)
    }

    fn document(&mut self) -> Result<Node, Box<Problem>> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(..) if root.is_some() => {
                    return Err(Problem::refusal(
                        self.place(&span),
                        "a second document begins here, and one document per file is accepted",
                        "remove the `---` line, or put what follows into a file of its own",
                    ));
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => root = Some(self.value(event, &span)?.node),
            }
        }
        Ok(root.unwrap_or_else(|| Node {
            kind: Kind::Null,
            place: Place { file: self.file.to_path_buf(), line: 0, column: 0 },
        }))
    }

    fn value(&mut self, event: Event<'a>, span: &Span) -> Result<Composed, Box<Problem>> {
        let place = self.place(span);
        let (anchor, composed) = match event {
            Event::Alias(anchor) => return self.alias(anchor, place),
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
                let composed = self.scalar(&text, style, tag.as_deref(), place)?;
                (anchor, composed)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
                self.open(anchor);
                (anchor, self.collection(tag.as_deref(), place, Reader::list)?)
            }
            Event::MappingStart(_, anchor, tag) => {
                let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
                self.open(anchor);
                (anchor, self.collection(tag.as_deref(), place, Reader::mapping)?)
            }
            _ => {
                return Err(Problem::refusal(
                    place,
                    "the file ends in the middle of a value",
                    "complete what is begun above this place, or restore the file",
                ));
            }
        };
        if anchor != 0 {
            self.anchors.insert(anchor, Some(Rc::new(composed.clone())));
        }
        Ok(composed)
    }

    fn open(&mut self, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<Composed, Box<Problem>> {
        let Some(Some(target)) = self.anchors.get(&anchor).cloned() else {
            return Err(Problem::refusal(
                place,
                "this alias stands inside the value that it names, a cycle without end",
                "write the value out, or move the anchor",
            ));
        };
        self.count(target.size, &place)?;
        let mut composed = Composed::clone(&target);
        composed.node.place = place;
        Ok(composed)
    }

    fn count(&mut self, more: usize, place: &Place) -> Result<(), Box<Problem>> {
        self.values = self.values.saturating_add(more);
        if self.values <= MOST_VALUES {
            return Ok(());
        }
        Err(Problem::refusal(
            place.clone(),
            format!("the file grows beyond {MOST_VALUES} values here, aliases put in"),
            "remove aliases that multiply each other, or split the file",
        ))
    }

    fn collection(
        &mut self,
        tag: Option<&str>,
        place: Place,
        read: fn(&mut Self, &Place) -> Result<Composed, Box<Problem>>,
    ) -> Result<Composed, Box<Problem>> {
        let is_unsafe = tag == Some("!unsafe");
        match tag.map(|tag| tag.strip_prefix("tag:yaml.org,2002:").unwrap_or(tag)) {
            None | Some("!" | "!unsafe" | "map" | "seq" | "python/dict") => {}
            Some("!vault" | "!vault-encrypted") => {
                return Err(Problem::refusal(
                    place,
                    "`!vault` stands before a list or mapping, and a text is accepted",
                    "put the encrypted text behind it: `!vault |`",
                ));
            }
            Some(other) => return Err(unknown_tag(other, place)),
        }
        self.count(1, &place)?;
        self.unsafe_depth += usize::from(is_unsafe);
        let composed = read(self, &place);
        self.unsafe_depth -= usize::from(is_unsafe);
        let composed = composed?;
        if composed.depth > DEEPEST {
            return Err(Problem::refusal(
                place,
                format!("values are nested deeper than {DEEPEST} levels here"),
                "check for brackets that are never closed",
            ));
        }
        Ok(composed)
    }

    fn list(&mut self, place: &Place) -> Result<Composed, Box<Problem>> {
        let (mut items, mut size, mut depth) = (Vec::new(), 1, 0);
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            let item = self.plain_value(event, &span)?;
            size += item.size;
            depth = depth.max(item.depth);
            items.push(item.node);
        }
        let node = Node { kind: Kind::List(items), place: place.clone() };
        Ok(Composed { node, size, depth: depth + 1, word: None })
    }

    /// A value at a place where `<<` and `=` have no meaning.
    fn plain_value(&mut self, event: Event<'a>, span: &Span) -> Result<Composed, Box<Problem>> {
        let composed = self.value(event, span)?;
        if composed.word.is_some() {
            return Err(Problem::refusal(
                composed.node.place,
                "an unquoted `<<` or `=` stands here as a value, and Ansible refuses it",
                "put it in quotes",
            ));
        }
        Ok(composed)
    }

    fn mapping(&mut self, place: &Place) -> Result<Composed, Box<Problem>> {
        let (mut own, mut merged) = (Entries::default(), Vec::new());
        let (mut size, mut depth) = (1, 0);
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.value(event, &span)?;
            let (event, span) = self.next()?;
            let value = self.plain_value(event, &span)?;
            size += 1 + value.size;
            depth = depth.max(value.depth);
            if key.word == Some(Word::Merge) {
                merge(value.node, &mut merged)?;
                continue;
            }
            let entry = self.entry(key, value.node)?;
            let (name, here) = (entry.key.clone(), entry.place.clone());
            if let Some(first) = own.put(entry) {
                self.problems.push(Problem::reading(
                    RULE_PARSE,
                    Severity::Error,
                    here,
                    format!(
                        "the key `{}` stands here again (first at line {}), and Ansible takes \
                         the last value",
                        crate::domain::untrusted::printable(&name),
                        first.place.line
                    ),
                    "remove one of the two",
                ));
            }
        }
        let entries = if merged.is_empty() {
            own.entries
        } else {
            let mut all = Entries::default();
            for entry in merged.into_iter().chain(own.entries) {
                all.put(entry);
            }
            all.entries
        };
        let node = Node { kind: Kind::Map(entries), place: place.clone() };
        Ok(Composed { node, size, depth: depth + 1, word: None })
    }

    /// An entry; its key is text as Ansible prints it in JSON.
    fn entry(&mut self, key: Composed, value: Node) -> Result<Entry, Box<Problem>> {
        let place = key.node.place;
        let (text, is_text) = match key.node.kind {
            Kind::Str(_) if key.word == Some(Word::Equals) => ("=".to_owned(), true),
            Kind::Str(text) | Kind::Unsafe(text) => (text, true),
            Kind::Int(number) => (number.to_string(), false),
            Kind::Float(number) => (format!("{number:?}"), false),
            Kind::Bool(truth) => (truth.to_string(), false),
            Kind::Null => ("null".to_owned(), false),
            Kind::Vault(_) | Kind::List(_) | Kind::Map(_) => {
                return Err(Problem::refusal(
                    place,
                    "a list, a mapping or a vault value stands here as a key, and text is accepted",
                    "put a template in quotes: `\"{{ name }}\"`",
                ));
            }
        };
        if !is_text {
            self.odd_keys.insert(place.clone());
        }
        Ok(Entry { key: text, place, value })
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&str>,
        place: Place,
    ) -> Result<Composed, Box<Problem>> {
        self.count(1, &place)?;
        let core = tag.map(|tag| tag.strip_prefix("tag:yaml.org,2002:").unwrap_or(tag));
        let mut word = None;
        let mut surprise = None;
        let kind = match core {
            None if style != ScalarStyle::Plain => self.text(text),
            // `!unsafe` and `!` have the word resolved as if nothing stood before it;
            // for `!unsafe` that holds for quoted words too.
            None | Some("!" | "!unsafe") => match scalar::resolve(text) {
                _ if core == Some("!unsafe") && style != ScalarStyle::Plain => {
                    Kind::Unsafe(text.to_owned())
                }
                Plain::Merge => {
                    word = Some(Word::Merge);
                    Kind::Str(text.to_owned())
                }
                Plain::Equals => {
                    word = Some(Word::Equals);
                    Kind::Str(text.to_owned())
                }
                Plain::Value(Kind::Str(found), noted) => {
                    surprise = noted;
                    if core == Some("!unsafe") { Kind::Unsafe(found) } else { self.text(&found) }
                }
                Plain::Value(kind, noted) => {
                    surprise = noted;
                    kind
                }
            },
            Some("!vault" | "!vault-encrypted") => Kind::Vault(text.to_owned()),
            Some("str" | "python/unicode" | "value") => self.text(text),
            Some("null") => Kind::Null,
            Some(tag @ ("bool" | "int" | "float" | "timestamp")) => {
                let kind = match tag {
                    "bool" => scalar::boolean(&text.to_lowercase()).map(Kind::Bool),
                    "int" => scalar::integer(text).map(|(kind, _)| kind),
                    "float" => scalar::float(text).map(Kind::Float),
                    _ => scalar::date(text).map(Kind::Str),
                };
                kind.ok_or_else(|| {
                    Problem::refusal(
                        place.clone(),
                        format!("this value is marked `!!{tag}` and is none"),
                        "correct the value or remove the mark",
                    )
                })?
            }
            Some(other) => return Err(unknown_tag(other, place)),
        };
        if let Some(surprise) = surprise {
            self.problems.push(Problem::reading(
                RULE_SURPRISE,
                Severity::Warning,
                place.clone(),
                format!("Ansible reads this unquoted value {}", surprise.sentence()),
                "put it in quotes if it is meant as text",
            ));
        }
        Ok(Composed { node: Node { kind, place }, size: 1, depth: 0, word })
    }

    fn text(&self, text: &str) -> Kind {
        if self.unsafe_depth > 0 {
            Kind::Unsafe(text.to_owned())
        } else {
            Kind::Str(text.to_owned())
        }
    }
}

/// Puts the entries of the value of a `<<` in; in a list the first mapping is the strongest.
fn merge(value: Node, into: &mut Vec<Entry>) -> Result<(), Box<Problem>> {
    let refused = |place: Place| {
        Problem::refusal(
            place,
            "`<<` takes a mapping or a list of mappings, and this is neither",
            "name an anchor of a mapping: `<<: *name`",
        )
    };
    let place = value.place;
    let moved = |entries: Vec<Entry>, into: &mut Vec<Entry>| {
        into.extend(entries.into_iter().map(|mut entry| {
            entry.place = place.clone();
            entry.value.place = place.clone();
            entry
        }));
    };
    match value.kind {
        Kind::Map(entries) => moved(entries, into),
        Kind::List(items) => {
            for item in items.into_iter().rev() {
                match item.kind {
                    Kind::Map(entries) => moved(entries, into),
                    _ => return Err(refused(item.place)),
                }
            }
        }
        _ => return Err(refused(place)),
    }
    Ok(())
}

fn unknown_tag(tag: &str, place: Place) -> Box<Problem> {
    let tag = crate::domain::untrusted::printable(tag);
    if matches!(tag.as_str(), "set" | "omap" | "pairs" | "binary") {
        return Problem::refusal(
            place,
            format!("the tag `!!{tag}` stands here, and it is not read in inventories"),
            "write a plain list, mapping or text",
        );
    }
    Problem::refusal(
        place,
        format!("the tag `{tag}` stands here, and Ansible knows `!vault` and `!unsafe`"),
        "remove the tag, or put the text in quotes if the `!` belongs to it",
    )
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
