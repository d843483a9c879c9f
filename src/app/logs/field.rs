//! What is typed in the log view: what to find, keep, hide, where to go.

use serde::{Deserialize, Serialize};

use super::super::{Effect, Model};
use super::{Goal, LogOrder, Pattern, Tally, order, seek};

/// What is being typed in the log view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// What to find.
    Find,
    /// What to keep.
    Keep,
    /// What to hide.
    Hide,
    /// Where to go.
    Go,
}

/// A line that is typed into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What it is for.
    pub kind: FieldKind,
    /// What was typed.
    pub pattern: Pattern,
    /// What was in force before, for Esc.
    pub before: Pattern,
}

/// Opens a field with what is in force in it.
pub fn open_field(model: &mut Model, kind: FieldKind) {
    let before = match kind {
        FieldKind::Find => model.logs.find.clone(),
        FieldKind::Keep => model.logs.keep.clone(),
        FieldKind::Hide => model.logs.hide.clone(),
        FieldKind::Go => Pattern::default(),
    };
    model.logs.field = Some(Field { kind, pattern: before.clone(), before });
}

/// What was typed is in force at once.
pub fn field_changed(model: &mut Model) -> Vec<Effect> {
    let Some(field) = model.logs.field.clone() else { return Vec::new() };
    apply(model, field.kind, field.pattern)
}

fn apply(model: &mut Model, kind: FieldKind, pattern: Pattern) -> Vec<Effect> {
    let logs = &mut model.logs;
    let wanted = match kind {
        FieldKind::Find => {
            logs.find = pattern.clone();
            logs.found = Tally::default();
            LogOrder::Find(pattern)
        }
        FieldKind::Keep => {
            logs.keep = pattern.clone();
            logs.kept = Tally::default();
            LogOrder::Keep(pattern)
        }
        FieldKind::Hide => {
            logs.hide = pattern.clone();
            logs.kept = Tally::default();
            LogOrder::Hide(pattern)
        }
        FieldKind::Go => return Vec::new(),
    };
    vec![order(wanted)]
}

/// Enter: what was typed stays.
pub fn field_done(model: &mut Model) -> Vec<Effect> {
    let Some(field) = model.logs.field.take() else { return Vec::new() };
    match field.kind {
        FieldKind::Find if !field.pattern.is_empty() => {
            let is_hit = model
                .logs
                .cursor_line()
                .is_some_and(|line| line.spans.iter().any(|span| span.ink.is_hit));
            if is_hit { Vec::new() } else { seek(model, true, Goal::Hit) }
        }
        FieldKind::Go if !field.pattern.is_empty() => {
            model.logs.is_following = false;
            let from = model.logs.spot();
            vec![order(LogOrder::Go(field.pattern.text, from))]
        }
        _ => Vec::new(),
    }
}

/// Esc: what was in force before is in force again.
pub fn field_left(model: &mut Model) -> Vec<Effect> {
    let Some(field) = model.logs.field.take() else { return Vec::new() };
    if field.pattern == field.before {
        return Vec::new();
    }
    apply(model, field.kind, field.before)
}
