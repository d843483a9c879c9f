//! Warnings, deprecations and errors: wrapped over lines, printed again and again.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::outline::{Note, NoteKind, Outline, Place};
use crate::domain::untrusted::printable;

/// Length from which a note takes no more text, in bytes.
const LONGEST: usize = 400;

/// A note whose lines still come.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub kind: NoteKind,
    text: String,
    place: Place,
    task: u32,
    /// The colour of its first line: its other lines have the same.
    colour: String,
    /// Columns at which it is wrapped, as far as known.
    width: usize,
    /// Columns of the line before.
    last: usize,
    /// `file:line:column`, from `Origin:`.
    pub origin: Option<String>,
    excerpt_done: bool,
}

impl Open {
    pub fn new(
        kind: NoteKind,
        text: &str,
        place: Place,
        task: u32,
        colour: &str,
        width: usize,
    ) -> Open {
        let head = match kind {
            NoteKind::Warning => "[WARNING]: ".len(),
            NoteKind::Deprecation => "[DEPRECATION WARNING]: ".len(),
            NoteKind::Error => 0,
        };
        Open {
            kind,
            text: printable(text),
            place,
            task,
            colour: colour.to_owned(),
            width,
            last: head + text.chars().count(),
            origin: None,
            excerpt_done: false,
        }
    }

    /// Whether that line belongs to it; takes it in if so. Only for lines that are nothing else.
    pub fn takes(&mut self, text: &str, colour: &str) -> bool {
        if let Some(origin) = text.strip_prefix("Origin: ") {
            self.origin.get_or_insert_with(|| printable(origin));
            return true;
        }
        let mine = if self.colour.is_empty() { self.goes_on(text) } else { colour == self.colour };
        if !mine {
            return false;
        }
        self.last = text.chars().count();
        let in_excerpt = self.origin.is_some() && !self.excerpt_done;
        if self.origin.is_some() && text.trim_start().starts_with("^ column ") {
            self.excerpt_done = true;
        }
        // What follows these words or `Origin:` repeats the playbook or the chain of causes.
        self.excerpt_done |= text.starts_with("The offending line appears to be");
        if !in_excerpt
            && !self.excerpt_done
            && self.origin.is_none()
            && !text.trim().is_empty()
            && self.text.len() < LONGEST
        {
            self.text.push(' ');
            self.text.push_str(&printable(text));
        }
        true
    }

    /// Without colours: an error goes on up to the next line that is something;
    /// a warning as long as its lines are full, or its excerpt has not ended.
    fn goes_on(&self, text: &str) -> bool {
        if self.kind == NoteKind::Error || (self.origin.is_some() && !self.excerpt_done) {
            return true;
        }
        let first = text.split(' ').next().unwrap_or("").chars().count();
        !text.is_empty() && self.last + 1 + first > self.width
    }

    fn note(self) -> Note {
        let text = match self.origin {
            Some(origin) => printable(&format!("{} ({origin})", self.text)),
            None => printable(&self.text),
        };
        Note { kind: self.kind, text, place: self.place, task: self.task, times: 1 }
    }
}

/// What was noted so far, by its text.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<u64, usize>);

impl Seen {
    /// Takes the note into the outline: once, however often it is printed.
    pub fn keep(&mut self, open: Open, outline: &mut Outline, limit: usize) {
        let note = open.note();
        let mut hasher = DefaultHasher::new();
        (note.kind, &note.text).hash(&mut hasher);
        let key = hasher.finish();
        if let Some(known) = self.0.get(&key).and_then(|at| outline.notes.get_mut(*at)) {
            known.times = known.times.saturating_add(1);
        } else if outline.notes.len() < limit {
            self.0.insert(key, outline.notes.len());
            outline.notes.push(note);
        } else {
            outline.dropped.notes += 1;
        }
    }
}
