//! Labelled lines about one thing, wrapped to the room there is.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::app::screens::details::FindingDetails;
use crate::app::screens::inventory::ProblemDetails;
use crate::app::screens::target::DetailLine;
use crate::domain::Stamp;
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::{Look, StyleRole};
use crate::ui::text;

use super::rows;

/// Columns of a label with the gap behind it.
const LABEL: u16 = 9;

/// Lines under labels, gathered before they are drawn, so that their number is known.
pub struct Labelled<'l> {
    look: &'l Look,
    columns: usize,
    label: usize,
    lines: Vec<Line<'static>>,
}

impl<'l> Labelled<'l> {
    /// Nothing yet, for so many columns.
    pub fn new(look: &'l Look, columns: u16) -> Labelled<'l> {
        Labelled { look, columns: usize::from(columns), label: LABEL.into(), lines: Vec::new() }
    }

    /// The same with room for these labels.
    pub fn under(self, labels: impl Iterator<Item = usize>) -> Labelled<'l> {
        let widest = labels.max().unwrap_or(0).min(self.columns / 2);
        Labelled { label: self.label.max(widest + 1), ..self }
    }

    /// Adds text under a label, wrapped; nothing for empty text.
    pub fn add(&mut self, label: &str, text: &str, role: StyleRole) {
        let room = self.columns.saturating_sub(self.label);
        let shown = text::shown(text, self.look.glyphs);
        for (at, part) in text::wrap(&shown, room).into_iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.lines.push(labelled(label, self.label).and(part, role));
        }
    }

    /// The lines.
    pub fn lines(self) -> Vec<Line<'static>> {
        self.lines
    }
}

fn labelled(label: &str, width: usize) -> Line<'static> {
    let label = text::head(label, width.saturating_sub(1));
    Line::of(format!("{label:<width$}"), StyleRole::Dim)
}

/// Everything about a finding. Where it is more than `rows`, what to try first
/// stands right below the sentence: it must not be what is cut.
pub fn finding(
    look: &Look,
    columns: u16,
    rows: u16,
    details: &FindingDetails,
    now: Stamp,
) -> Vec<Line<'static>> {
    let lines = finding_lines(look, columns, details, now, false);
    if lines.len() <= usize::from(rows) {
        return lines;
    }
    finding_lines(look, columns, details, now, true)
}

/// Only what is found, and what to try first.
pub fn said_and_try(look: &Look, columns: u16, details: &FindingDetails) -> Vec<Line<'static>> {
    let mut lines = Labelled::new(look, columns);
    lines.add("What", &details.sentence, look.role_of(details.mark));
    steps(&mut lines, &details.next, 0..1);
    lines.lines()
}

fn finding_lines(
    look: &Look,
    columns: u16,
    details: &FindingDetails,
    now: Stamp,
    tries_first: bool,
) -> Vec<Line<'static>> {
    let mut lines = Labelled::new(look, columns);
    let role = look.role_of(details.mark);
    lines.add("What", &format!("{} {}", look.mark(details.mark), details.sentence), role);
    if tries_first {
        steps(&mut lines, &details.next, 0..1);
    }
    lines.add("Since", &since_words(details, now), StyleRole::Text);
    if let Some(cause) = &details.cause {
        let reason = details.reason.as_ref().map(|r| format!(", {r}")).unwrap_or_default();
        lines.add("Cause", &format!("{cause}{reason}"), StyleRole::Text);
    } else if let Some(reason) = &details.reason {
        lines.add("Reason", reason, StyleRole::Text);
    }
    if let Some(example) = &details.example {
        lines.add("One is", example, StyleRole::Text);
    }
    for (at, evidence) in details.evidence.iter().enumerate() {
        let label = if at == 0 { "Evidence" } else { "" };
        let (age, _) = rows::age(look, now, evidence.seen, false);
        let text = format!("{}: {} (seen {age} ago)", evidence.label, evidence.shown);
        let text = if evidence.seen.is_some() {
            text
        } else {
            format!("{}: {}", evidence.label, evidence.shown)
        };
        lines.add(label, &text, StyleRole::Text);
    }
    lines.add("Also", &details.others, StyleRole::Text);
    if !details.folded.is_empty() {
        let codes: Vec<&str> = details.folded.iter().map(|code| code.as_str()).collect();
        lines.add("Explains", &codes.join(", "), StyleRole::Text);
    }
    if let Some(leader) = &details.folds_under {
        lines.add("Likely", &format!("the same cause as {leader}"), StyleRole::Text);
    }
    steps(&mut lines, &details.next, usize::from(tries_first)..details.next.len());
    lines.add("Read", &format!(":help {}", details.code), StyleRole::Key);
    lines.lines()
}

/// What to try, numbered; those of a range.
fn steps(lines: &mut Labelled<'_>, next: &[String], which: Range<usize>) {
    let first = which.start;
    let steps = next.iter().enumerate().skip(first).take(which.len());
    for (at, step) in steps {
        let label = if at == first { "Try" } else { "" };
        lines.add(label, &format!("{} {step}", at + 1), StyleRole::Text);
    }
}

/// Everything about a problem of the inventory's files.
pub fn problem(look: &Look, columns: u16, problem: &ProblemDetails) -> Vec<Line<'static>> {
    let mut lines = Labelled::new(look, columns);
    let what = format!("{} {}", look.mark(problem.mark), problem.sentence);
    lines.add("What", &what, look.role_of(problem.mark));
    lines.add("Where", &problem.place, StyleRole::Text);
    lines.add("Cause", problem.cause.as_deref().unwrap_or_default(), StyleRole::Text);
    lines.add("Blocks", problem.step.as_deref().unwrap_or_default(), StyleRole::Text);
    lines.add("Try", problem.hint.as_deref().unwrap_or_default(), StyleRole::Text);
    lines.add("Read", &format!(":help {}", problem.rule), StyleRole::Key);
    lines.lines()
}

fn since_words(details: &FindingDetails, now: Stamp) -> String {
    let since = match details.since {
        Some(since) => format!("{} ({})", since.near(now), now.since(since).long()),
        None => "not known".to_owned(),
    };
    let seen = match details.seen {
        Some(seen) => format!("seen {} ago", now.since(seen).long()),
        None => "never answered".to_owned(),
    };
    if details.source.is_empty() {
        format!("{since}, {seen}")
    } else {
        format!("{since}, {seen}, source {}", details.source)
    }
}

/// Draws labelled lines with mark and age; returns the next free row.
pub fn labelled_lines(
    canvas: &mut Canvas<'_>,
    area: Rect,
    lines: &[DetailLine],
    now: Stamp,
) -> u16 {
    let mut y = area.y;
    let edge = area.right();
    let longest = lines.iter().map(|line| text::width(&line.label)).max().unwrap_or(0);
    let columns = u16::try_from(longest).unwrap_or(LABEL).clamp(LABEL - 1, LABEL + 3);
    for line in lines {
        if y >= area.bottom() {
            break;
        }
        canvas.text(area.x, y, columns, &line.label, StyleRole::Dim);
        let mut x = area.x.saturating_add(columns).saturating_add(1);
        if let Some(mark) = line.mark {
            canvas.mark(x, y, mark);
            x = x.saturating_add(2);
        }
        let seen = line.seen.map(|_| rows::age(canvas.look, now, line.seen, line.is_old));
        let tail = if line.seen.is_some() { 11 } else { 0 };
        let role = if line.is_old { StyleRole::Old } else { StyleRole::Text };
        canvas.text(x, y, edge.saturating_sub(x).saturating_sub(tail), &line.text, role);
        if let Some((age, role)) = seen {
            canvas.text_right(edge, y, 10, &format!("seen {age}"), role);
        }
        y = y.saturating_add(1);
    }
    y
}
