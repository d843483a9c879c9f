//! From lines to rows: cleaned text, level, number, what is looked for, and
//! silences between them.

use std::io;
use std::sync::PoisonError;

use crate::domain::Stamp;

use super::clean::Cleaner;
use super::escape;
use super::ink::{Ink, Span};
use super::level;
use super::lines::Lines;
use super::matcher::Matcher;
use super::redraw::{self, Paintings};
use super::shown::{LogLine, LogRow};
use super::slice;
use super::times;
use super::view::View;
use super::walk::Step;

/// How much before a line its colours are looked for, in bytes.
const LEAD: u64 = 16 << 10;

/// A silence longer than this is a row of its own, in milliseconds.
const SILENCE: i64 = 60_000;

/// Turns lines into rows.
pub(super) struct Dresser<'v> {
    view: &'v View,
    numbers: Vec<usize>,
    lines: Vec<Lines<'v>>,
    state: Vec<Option<State>>,
    paintings: Vec<Paintings>,
    last: Option<Stamp>,
}

/// Where a source was left: the line that comes next there, its number, and the colours.
struct State {
    next: u64,
    number: Option<u64>,
    cleaner: Cleaner,
}

impl<'v> Dresser<'v> {
    /// For rows of this view.
    pub(super) fn new(view: &'v View) -> Dresser<'v> {
        let lines: Vec<Lines<'v>> =
            view.on().map(|(_, held)| Lines::new(&held.source.content)).collect();
        let state = lines.iter().map(|_| None).collect();
        let paintings = lines.iter().map(|_| Paintings::default()).collect();
        Dresser { view, numbers: view.numbers(), lines, state, paintings, last: None }
    }

    /// Adds the rows of a line; returns how many it takes.
    pub(super) fn dress(&mut self, step: &Step, rows: &mut Vec<LogRow>) -> io::Result<usize> {
        let Some(number) = self.numbers.get(step.source).copied() else { return Ok(0) };
        let Some(held) = self.view.sources.get(number) else { return Ok(0) };
        let Some(lines) = self.lines.get_mut(step.source) else { return Ok(0) };
        let state = self.state.get_mut(step.source).and_then(Option::take);
        let start = step.extent.start;
        let (mut cleaner, at_line) = match state {
            Some(state) if state.next == start => (state.cleaner, state.number),
            _ => {
                let from = lines.start_of(start.saturating_sub(LEAD))?;
                let mut cleaner = Cleaner::default();
                cleaner.pass(lines.bytes(from, start)?);
                let index = held.index.lock().unwrap_or_else(PoisonError::into_inner);
                (cleaner, index.number_at(&held.source.content, start)?)
            }
        };
        let bytes = lines.bytes(start, step.extent.end)?;
        let level = level::level_of(&escape::stripped(bytes));
        let known =
            if self.view.shape.is_timed { times::stamp_len(bytes, held.source.about) } else { 0 };
        let mut cleaned = redraw::cleaned(&mut cleaner, lines, &step.extent, known)?;
        if let Some(paintings) = self.paintings.get_mut(step.source)
            && let Some(newest) = redraw::newest_state(lines, &step.extent, paintings)?
        {
            cleaned.spans = newest;
        }
        if let Some(find) = &self.view.find {
            cleaned.spans = with_hits(&cleaned.spans, find);
        }
        let (spans, width) = slice::columns(&cleaned.spans, &self.view.shape);
        let number_next = at_line.map(|line| if step.extent.goes_on { line } else { line + 1 });
        if let Some(place) = self.state.get_mut(step.source) {
            *place = Some(State { next: step.extent.next, number: number_next, cleaner });
        }
        let mut taken = 0;
        if let (Some(last), Some(at)) = (self.last, step.at)
            && at.0 - last.0 > SILENCE
        {
            rows.push(LogRow::Gap(at.0 - last.0));
            taken += 1;
        }
        self.last = step.at.or(self.last);
        let line = LogLine {
            source: u16::try_from(number).unwrap_or(u16::MAX),
            offset: start,
            number: at_line,
            at: step.at,
            level,
            spans,
            width,
        };
        taken += line.height(&self.view.shape);
        rows.push(LogRow::Line(line));
        Ok(taken)
    }
}

/// The spans with what is looked for in an ink of its own.
fn with_hits(spans: &[Span], find: &Matcher) -> Vec<Span> {
    let text: String = spans.iter().map(|span| span.text.as_str()).collect();
    let places = find.places(&text);
    if places.is_empty() {
        return spans.to_vec();
    }
    let mut out: Vec<Span> = Vec::new();
    let mut at = 0;
    for span in spans {
        let end = at + span.text.len();
        let mut from = at;
        let mut put = |from: usize, to: usize, is_hit: bool| {
            if let Some(text) = text.get(from..to).filter(|text| !text.is_empty()) {
                let ink = Ink { is_hit: is_hit || span.ink.is_hit, ..span.ink };
                out.push(Span { text: text.to_owned(), ink });
            }
        };
        for place in places.iter().filter(|place| place.start < end && place.end > at) {
            let (start, stop) = (place.start.max(at), place.end.min(end));
            put(from, start, false);
            put(start, stop, true);
            from = stop;
        }
        put(from, end, false);
        at = end;
    }
    out
}
