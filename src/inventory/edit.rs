//! Changing one value of an inventory file and nothing else: comments, order,
//! quoting and vault blocks stay as they are.
//!
//! The edited text is read again and compared with the intended change; an
//! edit that would change anything else is refused. Positions, comments and
//! blank lines are the editor's (`yaml-edit`); what the text means is ours.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use yaml_edit::{AsYaml, Document, Mapping, ScalarValue, YamlFile, YamlNode};

use super::scalar::{self, Plain};
use super::{Entry, Kind, LoadError, Node, Problem, decode, yaml};
use crate::domain::untrusted::printable;

/// A change that is ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub file: PathBuf,
    /// The text that was read; the file must still have it when the change is written.
    pub before: String,
    /// The new text.
    pub after: String,
}

/// Why a change is refused. Nothing is written then.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// The file cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The file, or the new value, does not parse.
    #[error("{}", .0.line())]
    Invalid(Box<Problem>),
    /// The path leads nowhere, or a rule forbids the change.
    #[error("{sentence}; {next}")]
    Refused {
        /// What stands in the way, without a full stop.
        sentence: String,
        /// What to try next.
        next: &'static str,
    },
    /// Writing failed.
    #[error("{}: cannot be written ({reason}); the file is as it was, make room or check its owner and mode", .file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
}

fn refused(sentence: impl Into<String>, next: &'static str) -> EditError {
    EditError::Refused { sentence: sentence.into(), next }
}

impl Edit {
    /// The changed lines: `-` before, `+` after, each hunk with its line numbers.
    pub fn diff(&self) -> String {
        let (before, after): (Vec<&str>, Vec<&str>) =
            (self.before.lines().collect(), self.after.lines().collect());
        let same = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
        let rest = before.len().min(after.len()) - same;
        let tail = before.iter().rev().zip(after.iter().rev());
        let tail = tail.take(rest).take_while(|(a, b)| a == b).count();
        let middle = |lines: &[&'_ str]| -> Vec<String> {
            let end = lines.len().saturating_sub(tail);
            lines.get(same..end).unwrap_or_default().iter().map(|l| (*l).to_owned()).collect()
        };
        let (old, new) = (middle(&before), middle(&after));
        if old.is_empty() && new.is_empty() {
            return String::new();
        }
        let name = self.file.display();
        let mut out = format!("--- {name}\n+++ {name}\n");
        let (a, b) = (same + usize::from(!old.is_empty()), same + usize::from(!new.is_empty()));
        out.push_str(&format!("@@ -{a},{} +{b},{} @@\n", old.len(), new.len()));
        for line in old {
            out.push_str(&format!("-{line}\n"));
        }
        for line in new {
            out.push_str(&format!("+{line}\n"));
        }
        out
    }

    /// Writes the change: a temporary file beside it, flushed, put in place at once.
    ///
    /// # Errors
    /// When the file is no longer the one that was read, or cannot be written.
    pub fn write(&self) -> Result<(), EditError> {
        // A link stays a link: the file that it names is replaced.
        let file = std::fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        let failed = |error: std::io::Error| EditError::Write {
            file: self.file.clone(),
            reason: error.to_string(),
        };
        let directory = file.parent().unwrap_or(Path::new(".")).to_path_buf();
        let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let beside = directory.join(format!(".{name}.{}.new", std::process::id()));
        let permissions = std::fs::metadata(&file).map_err(failed)?.permissions();
        let result = write_new(&beside, &self.after, permissions).map_err(failed).and_then(|()| {
            // Asked as late as can be.
            if std::fs::read(&file).ok().as_deref() != Some(self.before.as_bytes()) {
                return Err(refused(
                    format!(
                        "{} was changed by somebody else since it was read",
                        self.file.display()
                    ),
                    "look at the file and repeat the change",
                ));
            }
            std::fs::rename(&beside, &file).map_err(failed)
        });
        if result.is_err() {
            // It may never have come to be; the error above is the one to tell.
            let _ = std::fs::remove_file(&beside);
            return result;
        }
        std::fs::File::open(&directory).and_then(|directory| directory.sync_all()).map_err(failed)
    }
}

fn write_new(file: &Path, text: &str, permissions: std::fs::Permissions) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut new = options.open(file)?;
    new.set_permissions(permissions)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()
}

/// Prepares `inventory set PATH VALUE` on a file.
///
/// # Errors
/// As [`set_in`], and when the file cannot be read.
pub fn set(file: &Path, path: &str, value: &str) -> Result<Edit, EditError> {
    let before = decode::read_text(file)?;
    // A byte order mark would be lost silently.
    if std::fs::read(file).ok().as_deref() != Some(before.as_bytes()) {
        return Err(refused(
            format!("{} begins with a byte order mark", file.display()),
            "save the file as UTF-8 without it",
        ));
    }
    if before.lines().all(|line| matches!(line.trim(), "" | "---") || line.trim().starts_with('#'))
    {
        return Err(LoadError::Empty(file.to_path_buf()).into());
    }
    let after = set_in(&before, file, path, value).map_err(|error| match error {
        EditError::Refused { sentence, next } => {
            refused(format!("{}: {sentence}", file.display()), next)
        }
        error => error,
    })?;
    Ok(Edit { file: file.to_path_buf(), before, after })
}

/// The text with one value set. The path is keys with dots between them
/// (`all.vars.cluster_name`), items of lists by number from 0; a key with dots
/// in it is found as it is, or put in double quotes. The value is YAML: `7`,
/// `"7"`, `[a, b]`, `{rack: r1}`. Keys that are missing are added.
///
/// # Errors
/// When text or value do not parse, the path leads through something that is
/// no mapping or list, a vault value would be replaced by clear text, or the
/// change would alter anything else (through an anchor, say).
pub fn set_in(text: &str, file: &Path, path: &str, value: &str) -> Result<String, EditError> {
    let read = |text: &str, file: &Path| yaml::read(text, file).map_err(EditError::Invalid);
    let old = read(text, file)?;
    let duplicate = old.problems.iter().find(|p| p.rule == super::problem::RULE_PARSE);
    if let Some(problem) = duplicate {
        return Err(EditError::Invalid(Box::new(problem.clone())));
    }
    let new_value = read(value, Path::new("VALUE"))?.root;
    let steps = resolve(&old.root, path)?;
    let mut intended = old.root.clone();
    put(&mut intended, &steps, &new_value)?;
    let after = edited(text, &steps, value, &new_value)?;
    let result = read(&after, file).map_err(|_| unable())?;
    if !same(&result.root, &intended) || result.problems.len() > old.problems.len() + 1 {
        return Err(unable());
    }
    Ok(after)
}

fn unable() -> EditError {
    refused(
        "this change cannot be made without changing something else in the file",
        "edit the file by hand; the value may come from an anchor",
    )
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
}

/// Splits a path along what the file has: of several ways to read dots the
/// longest key that is there is taken.
fn resolve(root: &Node, path: &str) -> Result<Vec<Step>, EditError> {
    let wrong = |what: &str| {
        refused(
            format!("the path `{}` {what}", printable(path)),
            "name keys with dots between them, as in `all.vars.cluster_name`",
        )
    };
    let parts = split(path).ok_or_else(|| wrong("is not keys with dots between them"))?;
    let mut steps = Vec::new();
    let mut here = Some(root);
    let mut at = 0;
    while at < parts.len() {
        let rest = parts.get(at..).unwrap_or_default();
        match here.map(|node| &node.kind) {
            Some(Kind::List(items)) => {
                let number = rest.first().and_then(|part| part.parse::<usize>().ok());
                let number = number.filter(|number| *number < items.len()).ok_or_else(|| {
                    wrong(&format!("needs the number of an item, 0 to {}", items.len().max(1) - 1))
                })?;
                steps.push(Step::Item(number));
                here = items.get(number);
                at += 1;
            }
            Some(Kind::Map(_) | Kind::Null) | None => {
                let found = (1..=rest.len()).rev().find_map(|length| {
                    let key = rest.get(..length)?.join(".");
                    let entry = here?.entry(&key)?;
                    Some((key, length, entry))
                });
                let (key, length, next) = match found {
                    Some((key, length, entry)) => (key, length, Some(&entry.value)),
                    None => (rest.first().cloned().unwrap_or_default(), 1, None),
                };
                steps.push(Step::Key(key));
                here = next;
                at += length;
            }
            Some(_) => {
                let kind = here.map_or("nothing", Node::kind_name);
                return Err(wrong(&format!("leads into {kind}, which has no keys")));
            }
        }
    }
    Ok(steps)
}

/// The parts between dots; a part may be in double quotes. `None` when one is empty.
fn split(path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = path;
    loop {
        let part = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (part, behind) = quoted.split_once('"')?;
                rest = behind;
                part
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                let (part, behind) = rest.split_at(end);
                rest = behind;
                part
            }
        };
        if part.is_empty() {
            return None;
        }
        parts.push(part.to_owned());
        if rest.is_empty() {
            return Some(parts);
        }
        rest = rest.strip_prefix('.')?;
    }
}

/// The intended change, made on the tree.
fn put(node: &mut Node, steps: &[Step], value: &Node) -> Result<(), EditError> {
    let Some((step, rest)) = steps.split_first() else {
        if matches!(node.kind, Kind::Vault(_)) && !matches!(value.kind, Kind::Vault(_)) {
            return Err(refused(
                format!(
                    "{}: the value is sealed in a vault, and clear text would replace it",
                    node.place
                ),
                "seal the new value with `ansible-vault encrypt_string` and give that",
            ));
        }
        node.kind = value.kind.clone();
        return Ok(());
    };
    match step {
        Step::Item(number) => match &mut node.kind {
            Kind::List(items) => match items.get_mut(*number) {
                Some(item) => put(item, rest, value),
                None => Err(unable()),
            },
            _ => Err(unable()),
        },
        Step::Key(key) => {
            if matches!(node.kind, Kind::Null) {
                node.kind = Kind::Map(Vec::new());
            }
            let place = node.place.clone();
            let Kind::Map(entries) = &mut node.kind else { return Err(unable()) };
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
                return put(&mut entry.value, rest, value);
            }
            let mut new = Node { kind: Kind::Null, place: place.clone() };
            put(&mut new, rest, value)?;
            entries.push(Entry { key: key.clone(), place, value: new });
            Ok(())
        }
    }
}

/// The change, made on the text.
fn edited(text: &str, steps: &[Step], source: &str, value: &Node) -> Result<String, EditError> {
    let tree = YamlFile::parse(text).tree();
    let root = tree.document().and_then(|document| document.as_mapping());
    let mut here = YamlNode::Mapping(root.ok_or_else(unable)?);
    for (at, step) in steps.iter().enumerate() {
        let rest = steps.get(at + 1..).unwrap_or_default();
        let next = match (&here, step) {
            (YamlNode::Mapping(mapping), Step::Key(key)) => {
                mapping.find_entry_by_key(key.as_str()).and_then(|entry| entry.value_node())
            }
            (YamlNode::Sequence(list), Step::Item(number)) => list.get(*number),
            _ => return Err(unable()),
        };
        let goes_on = matches!(next, Some(YamlNode::Mapping(_) | YamlNode::Sequence(_)));
        if !rest.is_empty()
            && goes_on
            && let Some(next) = next
        {
            here = next;
            continue;
        }
        // What is missing below here is written as one mapping.
        return if rest.is_empty() {
            assign(&here, step, source, value)?;
            Ok(tree.to_string())
        } else {
            let nested = nest(rest, value)?;
            let source = flow(&nested)?;
            assign(&here, step, &source, &nested)?;
            Ok(tree.to_string())
        };
    }
    Err(unable())
}

/// The mapping that a missing part of a path stands for.
fn nest(steps: &[Step], value: &Node) -> Result<Node, EditError> {
    let mut node = value.clone();
    for step in steps.iter().rev() {
        let Step::Key(key) = step else { return Err(unable()) };
        let place = node.place.clone();
        let entry = Entry { key: key.clone(), place: place.clone(), value: node };
        node = Node { kind: Kind::Map(vec![entry]), place };
    }
    Ok(node)
}

fn assign(here: &YamlNode, step: &Step, source: &str, value: &Node) -> Result<(), EditError> {
    match &value.kind {
        Kind::Map(_) | Kind::List(_) => {
            let document = Document::from_str(source).map_err(|_| unable())?;
            if let Some(mapping) = document.as_mapping() {
                store(here, step, mapping)
            } else if let Some(list) = document.as_sequence() {
                store(here, step, list)
            } else {
                Err(unable())
            }
        }
        Kind::Int(number) => store(here, step, *number),
        Kind::Bool(truth) => store(here, step, *truth),
        Kind::Null => store(here, step, ScalarValue::null()),
        Kind::Float(number) => store(here, step, *number),
        Kind::Vault(text) => {
            store(here, step, ScalarValue::literal(text.as_str()).with_tag("!vault"))
        }
        Kind::Unsafe(text) => {
            store(here, step, ScalarValue::double_quoted(text.as_str()).with_tag("!unsafe"))
        }
        Kind::Str(text) if is_plain(text) => store(here, step, ScalarValue::plain(text.as_str())),
        Kind::Str(text) => store(here, step, ScalarValue::double_quoted(text.as_str())),
    }
}

fn store(here: &YamlNode, step: &Step, value: impl AsYaml) -> Result<(), EditError> {
    match (here, step) {
        (YamlNode::Mapping(mapping), Step::Key(key)) => {
            if is_plain(key) {
                mapping.set(key.as_str(), value);
            } else {
                set_quoted(mapping, key, value);
            }
            Ok(())
        }
        (YamlNode::Sequence(list), Step::Item(number)) if list.set(*number, value) => Ok(()),
        _ => Err(unable()),
    }
}

/// A key that is there keeps its quoting; a new one that is no plain word gets quotes.
fn set_quoted(mapping: &Mapping, key: &str, value: impl AsYaml) {
    if mapping.contains_key(key) {
        mapping.set(key, value);
    } else {
        mapping.set(ScalarValue::double_quoted(key), value);
    }
}

/// Whether a text needs no quotes, to YAML 1.1 and 1.2 alike: a word, or an IPv4 address.
fn is_plain(text: &str) -> bool {
    if text.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && !matches!(text, "y" | "Y" | "n" | "N");
    word && matches!(scalar::resolve(text), Plain::Value(Kind::Str(_), None))
}

/// A tree as flow YAML, texts in double quotes. Sealed and unsafe values need
/// a tag, which flow cannot carry for a block; they are set one by one.
fn flow(node: &Node) -> Result<String, EditError> {
    Ok(match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Int(number) => number.to_string(),
        Kind::Float(number) if number.is_finite() => format!("{number:?}"),
        Kind::Str(text) if is_plain(text) => text.clone(),
        Kind::Str(text) => quoted(text)?,
        Kind::List(items) => {
            let items: Result<Vec<String>, EditError> = items.iter().map(flow).collect();
            format!("[{}]", items?.join(", "))
        }
        Kind::Map(entries) => {
            let mut parts = Vec::new();
            for entry in entries {
                let key =
                    if is_plain(&entry.key) { entry.key.clone() } else { quoted(&entry.key)? };
                parts.push(format!("{key}: {}", flow(&entry.value)?));
            }
            format!("{{{}}}", parts.join(", "))
        }
        Kind::Float(_) | Kind::Unsafe(_) | Kind::Vault(_) => return Err(unable()),
    })
}

/// JSON text is YAML text in double quotes.
fn quoted(text: &str) -> Result<String, EditError> {
    serde_json::to_string(text).map_err(|_| unable())
}

/// Whether two trees say the same; places do not count, nor does the order of keys.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::List(a), Kind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Kind::Map(a), Kind::Map(other)) => {
            a.len() == other.len()
                && a.iter().all(|entry| b.get(&entry.key).is_some_and(|v| same(&entry.value, v)))
        }
        (Kind::Float(a), Kind::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
        // A literal block of the editor ends with a line end; Ansible trims it.
        (Kind::Vault(a), Kind::Vault(b)) => a.trim() == b.trim(),
        (a, b) => a == b,
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
