//! A view of sources: where its window is and what is in it. Every act is one
//! call; what takes long asks whether it is still wanted.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::Stamp;

use super::clean::Cleaner;
use super::index::LineIndex;
use super::ink::{Ink, Span};
use super::level::{self, Level};
use super::lines::Lines;
use super::matcher::Matcher;
use super::scan::Wanted;
use super::shown::{LogLine, LogRow, LogWindow, Shape, SourceLine};
use super::slice;
use super::source::{Growth, Source};
use super::walk::{self, Filters, Step, Walk};

/// How much before a line its colours are looked for, in bytes.
const LEAD: u64 = 16 << 10;

/// A silence longer than this is a row of its own, in milliseconds, unless all are about as long.
const SILENCE: i64 = 60_000;

/// A source that is held open, with what is known of it.
#[derive(Debug)]
pub struct Held {
    /// The source.
    pub source: Source,
    /// Its index, as far as it came.
    pub index: Arc<Mutex<LineIndex>>,
    /// Whether its lines are shown.
    pub is_on: bool,
    /// What is to be known about it.
    pub note: Option<String>,
    /// How often it began anew.
    pub generation: u32,
    top: u64,
}

/// Which line of which source.
pub type Spot = (u16, u64);

/// A view.
#[derive(Debug, Default)]
pub struct View {
    /// The sources.
    pub sources: Vec<Held>,
    /// How much is shown.
    pub shape: Shape,
    /// What is kept.
    pub filters: Filters,
    /// What is looked for and made to stand out.
    pub find: Option<Matcher>,
    /// Whether the end is shown, whatever comes.
    pub is_following: bool,
    shown: Vec<Spot>,
}

impl View {
    /// Adds a source.
    pub fn add(&mut self, source: Source) {
        let index = Arc::new(Mutex::new(LineIndex::default()));
        self.sources.push(Held { source, index, is_on: true, note: None, generation: 0, top: 0 });
    }

    fn on(&self) -> impl Iterator<Item = (usize, &Held)> {
        self.sources.iter().enumerate().filter(|(_, held)| held.is_on)
    }

    /// The numbers of the sources that are shown.
    fn numbers(&self) -> Vec<usize> {
        self.on().map(|(number, _)| number).collect()
    }

    fn walk<'v>(&'v self, from: &[u64], filters: &'v Filters, wanted: &'v dyn Wanted) -> Walk<'v> {
        let places: Vec<(&Source, u64)> =
            self.on().zip(from).map(|((_, held), at)| (&held.source, *at)).collect();
        Walk::new(places.into_iter(), filters, wanted)
    }

    fn tops(&self) -> Vec<u64> {
        self.on().map(|(_, held)| held.top).collect()
    }

    fn ends(&self) -> Vec<u64> {
        self.on().map(|(_, held)| held.source.length()).collect()
    }

    fn set_tops(&mut self, tops: &[u64]) {
        let on = self.sources.iter_mut().filter(|held| held.is_on);
        for (held, top) in on.zip(tops) {
            held.top = *top;
        }
    }

    /// What is shown now.
    ///
    /// # Errors
    /// What the disk says.
    pub fn window(&mut self, wanted: &dyn Wanted) -> io::Result<LogWindow> {
        let mut window =
            if self.is_following { self.fill_back(wanted)? } else { self.fill(wanted)? };
        window.is_partial = !wanted.is_wanted();
        self.shown = window.lines().map(|line| (line.source, line.offset)).collect();
        Ok(window)
    }

    fn rows(&self) -> usize {
        usize::from(self.shape.rows).max(1)
    }

    /// From the top on; where that does not fill the window, as much as fits before the end.
    fn fill(&mut self, wanted: &dyn Wanted) -> io::Result<LogWindow> {
        let tops = self.tops();
        let mut walk = self.walk(&tops, &self.filters, wanted);
        let mut dresser = Dresser::new(self);
        let (mut rows, mut height, mut is_end) = (Vec::new(), 0, false);
        let mut last_places = tops.clone();
        while height < self.rows() {
            let Some(step) = walk.next()? else {
                is_end = wanted.is_wanted();
                break;
            };
            height += dresser.dress(&step, &mut rows)?;
            last_places = walk.places();
        }
        if is_end && height < self.rows() && tops.iter().any(|top| *top > 0) {
            return self.fill_back(wanted);
        }
        if !is_end && height >= self.rows() {
            is_end = last_places == self.ends();
        }
        let is_start = tops.iter().all(|top| *top == 0);
        Ok(self.finish(rows, is_start, is_end, &tops, &last_places))
    }

    /// The last lines.
    fn fill_back(&mut self, wanted: &dyn Wanted) -> io::Result<LogWindow> {
        let ends = self.ends();
        let mut walk = self.walk(&ends, &self.filters, wanted);
        let mut steps: Vec<Step> = Vec::new();
        let mut is_start = false;
        while steps.len() < self.rows() {
            let Some(step) = walk.back()? else {
                is_start = wanted.is_wanted();
                break;
            };
            steps.push(step);
        }
        steps.reverse();
        let mut dresser = Dresser::new(self);
        let mut rows = Vec::new();
        for step in &steps {
            dresser.dress(step, &mut rows)?;
        }
        let shape = self.shape;
        let tall = |row: &LogRow| row.line().map_or(1, |line| line.height(&shape));
        let mut height: usize = rows.iter().map(tall).sum();
        let mut left_out = 0;
        while height > self.rows() && rows.len() > 1 {
            let row = rows.remove(0);
            height -= tall(&row);
            left_out += usize::from(row.line().is_some());
        }
        if matches!(rows.first(), Some(LogRow::Gap(_))) {
            rows.remove(0);
        }
        let kept = steps.get(left_out..).unwrap_or(&[]);
        let tops: Vec<u64> = ends
            .iter()
            .enumerate()
            .map(|(number, end)| {
                let first = kept.iter().find(|step| step.source == number);
                first.map_or(*end, |step| step.extent.start)
            })
            .collect();
        let is_start = (is_start && left_out == 0) || tops.iter().all(|top| *top == 0);
        let tops = if is_start { vec![0; tops.len()] } else { tops };
        let window = self.finish(rows, is_start, true, &tops, &ends);
        self.set_tops(&tops);
        Ok(window)
    }

    fn finish(
        &self,
        rows: Vec<LogRow>,
        is_start: bool,
        is_end: bool,
        tops: &[u64],
        bottoms: &[u64],
    ) -> LogWindow {
        let (mut below, mut total) = (Some(0u64), Some(0u64));
        for ((_, held), bottom) in self.on().zip(bottoms) {
            let index = held.index.lock().unwrap_or_else(PoisonError::into_inner);
            let all = index.line_ends();
            let is_counted = index.scanned() >= held.source.length();
            let number = index.number_at(&held.source.content, *bottom).ok().flatten();
            below = match (below, number) {
                (Some(sum), Some(number)) if is_counted => {
                    Some(sum + (all + 1).saturating_sub(number))
                }
                _ => None,
            };
            total = total.filter(|_| is_counted).map(|sum| sum + all);
        }
        let all = self.ends().iter().sum::<u64>().max(1);
        let share = |places: &[u64]| {
            let sum: u64 = places.iter().sum();
            u16::try_from(u128::from(sum) * 1000 / u128::from(all)).unwrap_or(1000).min(1000)
        };
        let before = share(tops);
        let spans = share(bottoms).saturating_sub(before);
        LogWindow { rows, is_start, is_end, below, total, before, spans, is_partial: false }
    }

    /// Moves by so many lines, forward or back. The view lets go of the end.
    ///
    /// # Errors
    /// What the disk says.
    pub fn scroll(&mut self, by: i64, wanted: &dyn Wanted) -> io::Result<()> {
        self.is_following = false;
        let tops = self.tops();
        let mut walk = self.walk(&tops, &self.filters, wanted);
        for _ in 0..by.unsigned_abs() {
            let step = if by < 0 { walk.back()? } else { walk.next()? };
            if step.is_none() {
                break;
            }
        }
        let places = walk.places();
        self.set_tops(&places);
        Ok(())
    }

    /// Goes to the very beginning.
    pub fn to_start(&mut self) {
        self.is_following = false;
        let tops = vec![0; self.tops().len()];
        self.set_tops(&tops);
    }

    /// Goes to the end as it is now; it does not move from there by itself.
    pub fn to_end(&mut self) {
        self.is_following = false;
        let ends = self.ends();
        self.set_tops(&ends);
    }

    /// The next line behind (or before) `from` that the filters keep and that
    /// holds the matcher, is at least as bad as the level, or both.
    ///
    /// # Errors
    /// What the disk says.
    pub fn seek(
        &self,
        from: Option<Spot>,
        is_forward: bool,
        what: &Sought,
        wanted: &dyn Wanted,
    ) -> io::Result<Option<(Spot, Option<Stamp>)>> {
        let mut filters = self.filters.clone();
        filters.keep.extend(what.matcher.clone());
        if let Some((least, _)) = &what.level
            && filters.level.as_ref().is_none_or(|(known, _)| known < least)
        {
            filters.level = what.level.clone();
        }
        let places = self.places_around(from, is_forward, wanted)?;
        let mut walk = self.walk(&places, &filters, wanted);
        let step = if is_forward { walk.next()? } else { walk.back()? };
        Ok(step.map(|step| (self.spot(&step), step.at)))
    }

    fn spot(&self, step: &Step) -> Spot {
        let number = self.numbers().get(step.source).copied().unwrap_or(0);
        (u16::try_from(number).unwrap_or(u16::MAX), step.extent.start)
    }

    /// Where every source stands right behind (or before) a line of the window.
    fn places_around(
        &self,
        from: Option<Spot>,
        is_behind: bool,
        wanted: &dyn Wanted,
    ) -> io::Result<Vec<u64>> {
        let tops = self.tops();
        let Some(from) = from.filter(|spot| self.shown.contains(spot)) else { return Ok(tops) };
        let mut walk = self.walk(&tops, &self.filters, wanted);
        let mut before = tops.clone();
        for _ in 0..=self.shown.len() {
            let Some(step) = walk.next()? else { break };
            if self.spot(&step) == from {
                return Ok(if is_behind { walk.places() } else { before });
            }
            before = walk.places();
        }
        Ok(tops)
    }

    /// Shows a line: not at all where it is in the window already, else with a third of the window before it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn show(&mut self, spot: Spot, at: Option<Stamp>, wanted: &dyn Wanted) -> io::Result<()> {
        if self.shown.contains(&spot) {
            self.is_following = false;
            return Ok(());
        }
        let mut tops = Vec::new();
        for (number, held) in self.on() {
            let is_here = usize::from(spot.0) == number;
            tops.push(match at {
                _ if is_here => Lines::new(&held.source.content).start_of(spot.1)?,
                Some(at) => walk::place_of_time(&held.source, at)?,
                None => held.top,
            });
        }
        self.set_tops(&tops);
        let third = i64::from(self.shape.rows / 3);
        self.scroll(-third, wanted)
    }

    /// Goes to a moment in every source.
    ///
    /// # Errors
    /// What the disk says.
    pub fn to_time(&mut self, time: Stamp) -> io::Result<()> {
        self.is_following = false;
        let mut tops = Vec::new();
        for (_, held) in self.on() {
            tops.push(walk::place_of_time(&held.source, time)?);
        }
        self.set_tops(&tops);
        Ok(())
    }

    /// Goes to a line of the first source that is shown.
    ///
    /// # Errors
    /// A sentence when it is not counted yet, or what the disk says.
    pub fn to_line(&mut self, number: u64, wanted: &dyn Wanted) -> Result<Spot, String> {
        let Some((at, held)) = self.on().next() else { return Err("no source is shown".into()) };
        let found = {
            let index = held.index.lock().unwrap_or_else(PoisonError::into_inner);
            let start = index
                .start_of(&held.source.content, number)
                .map_err(|error| format!("{} cannot be read: {error}", held.source.name))?;
            let is_counted = index.scanned() >= held.source.length();
            let last = index.line_ends().max(1);
            match start {
                Some(start) => Ok(start),
                None if is_counted => Err(format!("there are {last} lines")),
                None => Err(format!("lines are counted up to {last} so far; try again")),
            }
        }?;
        let spot = (u16::try_from(at).unwrap_or(u16::MAX), found);
        let sentence = |error: io::Error| format!("the log cannot be read: {error}");
        let time = self.time_of(spot).map_err(sentence)?;
        self.show(spot, time, wanted).map_err(sentence)?;
        Ok(spot)
    }

    /// Goes to a share of the whole, in hundredths of the bytes of every source.
    ///
    /// # Errors
    /// What the disk says.
    pub fn to_share(&mut self, hundredths: u8) -> io::Result<()> {
        self.is_following = false;
        let mut tops = Vec::new();
        for (_, held) in self.on() {
            let length = u128::from(held.source.length());
            let at = u64::try_from(length * u128::from(hundredths.min(100)) / 100).unwrap_or(0);
            tops.push(Lines::new(&held.source.content).start_of(at)?);
        }
        self.set_tops(&tops);
        Ok(())
    }

    /// `13:54` or `13:54:05` of the day that is shown; `None` when it is no time of day.
    ///
    /// # Errors
    /// What the disk says.
    pub fn time_of_day(&self, text: &str) -> io::Result<Option<Stamp>> {
        let mut parts = text.trim_end_matches('Z').split(':').map(str::parse::<i64>);
        let (Some(Ok(hour)), Some(Ok(minute))) = (parts.next(), parts.next()) else {
            return Ok(None);
        };
        let second = match parts.next() {
            None => 0,
            Some(Ok(second)) => second,
            Some(Err(_)) => return Ok(None),
        };
        if parts.next().is_some()
            || !(0..24).contains(&hour)
            || !(0..60).contains(&minute)
            || !(0..61).contains(&second)
        {
            return Ok(None);
        }
        let day = 86_400_000;
        for spot in self.shown.iter().chain(&[(0, 0)]) {
            if let Some(at) = self.time_of(*spot)? {
                let midnight = at.0.div_euclid(day) * day;
                return Ok(Some(Stamp(midnight + ((hour * 60 + minute) * 60 + second) * 1000)));
            }
        }
        Ok(None)
    }

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
                note: held.note.clone(),
            }
        });
        lines.collect()
    }

    /// When a line was written, if it says so.
    ///
    /// # Errors
    /// What the disk says.
    pub fn time_of(&self, spot: Spot) -> io::Result<Option<Stamp>> {
        let Some(held) = self.sources.get(usize::from(spot.0)) else { return Ok(None) };
        let filters = Filters::default();
        let walk = Walk::new(std::iter::once((&held.source, spot.1)), &filters, &|| true).next();
        Ok(walk?.and_then(|step| step.at))
    }

    /// The whole text of a line, without what is no text.
    ///
    /// # Errors
    /// What the disk says.
    pub fn text_of(&self, spot: Spot) -> io::Result<String> {
        let Some(held) = self.sources.get(usize::from(spot.0)) else { return Ok(String::new()) };
        let mut lines = Lines::new(&held.source.content);
        let Some(extent) = lines.at(spot.1)? else { return Ok(String::new()) };
        Ok(Cleaner::default().line(lines.bytes(extent.start, extent.end)?).text())
    }

    /// Looks at every source; `true` when something is different. What is to
    /// be known is noted at the source and returned as a sentence.
    pub fn look(&mut self) -> (bool, Vec<String>) {
        let (mut is_changed, mut said) = (false, Vec::new());
        for held in &mut self.sources {
            let name = held.source.name.clone();
            let note = match held.source.look() {
                Growth::Same => held.source.trouble(),
                Growth::Grown => {
                    is_changed = true;
                    held.source.trouble()
                }
                Growth::Truncated { was, is } => {
                    is_changed = true;
                    held.begin_anew();
                    Some(format!(
                        "{name} was truncated: {was} bytes became {is}; it is read anew from its beginning"
                    ))
                }
                Growth::Rotated if self.is_following => match held.source.reopen() {
                    Ok(source) => {
                        is_changed = true;
                        held.source = source;
                        held.begin_anew();
                        Some(format!("{name} was rotated; this is the new file"))
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
            if note.is_some() && note != held.note {
                is_changed = true;
                said.extend(note.clone());
                held.note = note;
            }
        }
        (is_changed, said)
    }
}

impl Held {
    fn begin_anew(&mut self) {
        self.top = 0;
        self.generation += 1;
        self.index = Arc::new(Mutex::new(LineIndex::default()));
    }
}

/// What is gone to.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// Lines that hold this.
    pub matcher: Option<Matcher>,
    /// Lines at least this bad, with the pattern of lines that may be.
    pub level: Option<(Level, Matcher)>,
}

impl Sought {
    /// Lines at least this bad.
    pub fn level(least: Level) -> Sought {
        let pattern = match least {
            Level::Error => level::MAY_BE_ERROR,
            _ => level::MAY_BE_WARNING,
        };
        let may = Matcher::regex(pattern, false).ok();
        Sought { matcher: None, level: may.map(|may| (least, may)) }
    }
}

/// Turns lines into rows.
struct Dresser<'v> {
    view: &'v View,
    numbers: Vec<usize>,
    lines: Vec<Lines<'v>>,
    state: Vec<Option<State>>,
    last: Option<Stamp>,
}

/// Where a source was left: the line that comes next there, its number, and the colours.
struct State {
    next: u64,
    number: Option<u64>,
    cleaner: Cleaner,
}

impl<'v> Dresser<'v> {
    fn new(view: &'v View) -> Dresser<'v> {
        let lines: Vec<Lines<'v>> =
            view.on().map(|(_, held)| Lines::new(&held.source.content)).collect();
        let state = lines.iter().map(|_| None).collect();
        Dresser { view, numbers: view.numbers(), lines, state, last: None }
    }

    /// Adds the rows of a line; returns how many it takes.
    fn dress(&mut self, step: &Step, rows: &mut Vec<LogRow>) -> io::Result<usize> {
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
        let level = level::level_of(bytes);
        let mut cleaned = cleaner.line(bytes);
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

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
