//! Looking whether the sources of a view changed, and what is to be known about them.

use std::sync::{Arc, Mutex, PoisonError};

use super::index::LineIndex;
use super::shown::SourceLine;
use super::source::Growth;
use super::view::{Held, View};

impl View {
    /// The sources, for a list of them.
    pub fn source_lines(&self) -> Vec<SourceLine> {
        let lines = self.sources.iter().map(|held| {
            let index = held.index.lock().unwrap_or_else(PoisonError::into_inner);
            SourceLine {
                name: held.source.name.clone(),
                is_on: held.is_on,
                kind: held.source.kind().to_owned(),
                bytes: held.source.length(),
                lines: index.line_ends(),
                is_counted: index.scanned() >= held.source.length(),
                left_out: held.source.left_out(),
                start: held.source.content.start(),
                dropped: held.source.content.lines_before(),
                note: held.note.clone(),
            }
        });
        lines.collect()
    }

    /// Looks at every source; `true` when something is different. What is to
    /// be known is noted at the source and returned as a sentence.
    pub fn look(&mut self) -> (bool, Vec<String>) {
        let (mut is_changed, mut said) = (false, Vec::new());
        for held in &mut self.sources {
            let name = held.source.name.clone();
            let had_start = held.source.content.start();
            // What lasts is noted at the source; what is over once it was told is only told.
            let mut told = None;
            let note = match held.source.look() {
                Growth::Same => held.source.trouble(),
                Growth::Grown => {
                    is_changed = true;
                    if held.source.content.start() > had_start {
                        held.give_up();
                        told = (had_start == 0).then(|| {
                            format!(
                                "{name} is longer than what is kept; its oldest lines are dropped"
                            )
                        });
                    }
                    held.source.trouble().or(held.note.clone())
                }
                Growth::Truncated { was, is } => {
                    is_changed = true;
                    held.begin_anew();
                    told = Some(format!(
                        "{name} was truncated: {was} bytes became {is}; it is read anew from its beginning"
                    ));
                    None
                }
                Growth::Rotated if self.is_following => match held.source.reopen() {
                    Ok(source) => {
                        is_changed = true;
                        held.source = source;
                        held.source.name.clone_from(&name);
                        held.begin_anew();
                        told = Some(format!("{name} was rotated; this is the new file"));
                        None
                    }
                    Err(trouble) => Some(trouble.0),
                },
                Growth::Rotated => {
                    Some(format!("{name} was rotated; this is the old file, F follows the new one"))
                }
                Growth::Removed => {
                    Some(format!("{name} was removed; what was open is still shown"))
                }
            };
            if note != held.note {
                is_changed = true;
                told = told.or_else(|| note.clone());
                held.note = note;
            }
            said.extend(told);
        }
        (is_changed, said)
    }
}

impl Held {
    /// The oldest lines are gone.
    pub(super) fn give_up(&mut self) {
        let content = &self.source.content;
        self.top = self.top.max(content.start());
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        index.give_up(content.start(), content.lines_before());
    }

    fn begin_anew(&mut self) {
        self.top = 0;
        self.generation += 1;
        self.index = Arc::new(Mutex::new(LineIndex::default()));
    }
}
