//! Counting in the background: lines of every source, lines with what is looked
//! for, lines that are kept, errors. One slice at a time, so that whoever
//! counts can do what is ordered in between.

use std::cell::Cell;
use std::io;
use std::ops::ControlFlow;
use std::sync::PoisonError;

use super::escape;
use super::level::Level;
use super::lines::Lines;
use super::matcher::Matcher;
use super::scan;
use super::shown::Tally;
use super::view::{Held, Sought, Spot, View};
use super::walk::Filters;

/// Chunks of a slice: about 8 MiB.
const SLICE: u32 = 32;

/// Bytes of a slice of the index.
const INDEX_SLICE: usize = 4 << 20;

/// Places that are remembered of what was found in one source.
const PLACES: usize = 4096;

/// Parts that the whole is divided into.
const PARTS: usize = 128;

/// What was counted of one source.
#[derive(Debug, Clone, Default)]
struct Part {
    generation: u32,
    /// Where it begins.
    first: u64,
    at: u64,
    count: u64,
    /// Whether the last line, which has no end yet, is one as well.
    last: bool,
    looked_to: u64,
    /// Every `stride`-th place.
    places: Vec<u64>,
    stride: u64,
}

/// Something that is counted.
#[derive(Debug, Clone, Default)]
struct Job {
    matcher: Option<Matcher>,
    filters: Filters,
    parts: Vec<Part>,
}

/// Everything that is counted.
#[derive(Debug, Clone, Default)]
pub struct Counter {
    find: Job,
    keep: Job,
    error: Job,
    /// Lines with what is looked for.
    pub found: Tally,
    /// Lines that are kept.
    pub kept: Tally,
    /// Errors.
    pub bad: Tally,
    trouble: Option<io::ErrorKind>,
}

impl Counter {
    /// Counts everything anew.
    pub fn begin_all(&mut self, view: &View) {
        self.trouble = None;
        self.begin_find(view);
        self.begin_kept(view);
        let errors = Sought::level(Level::Error).level;
        self.error = Job {
            matcher: errors.as_ref().map(|(_, may)| may.clone()),
            filters: Filters { level: errors, ..Filters::default() },
            parts: Vec::new(),
        };
        self.bad = self.error.tally(view);
    }

    /// Counts anew what is looked for.
    pub fn begin_find(&mut self, view: &View) {
        self.find =
            Job { matcher: view.find.clone(), filters: view.filters.clone(), parts: Vec::new() };
        self.found = self.find.tally(view);
    }

    /// Counts anew what the filters keep, and what is looked for among it.
    pub fn begin_kept(&mut self, view: &View) {
        let filters = view.filters.clone();
        let matcher = match filters.needed() {
            _ if filters.is_empty() => None,
            Some(needed) => Some(needed.clone()),
            // Every line has a beginning.
            None => Matcher::regex("^", false).ok(),
        };
        self.keep = Job { matcher, filters, parts: Vec::new() };
        self.kept = self.keep.tally(view);
        self.begin_find(view);
    }

    /// Goes on where sources have grown, and anew where they hold something else.
    pub fn begin_changed(&mut self, view: &View) {
        self.trouble = None;
        self.refresh(view);
    }

    fn refresh(&mut self, view: &View) {
        self.found = self.find.tally(view);
        self.kept = self.keep.tally(view);
        self.bad = self.error.tally(view);
    }

    /// Which of the lines with what is looked for this one is, from 1, where
    /// one source is shown and every place in it is remembered.
    pub fn ordinal(&self, view: &View, spot: Spot) -> Option<u64> {
        let mut on = view.sources.iter().enumerate().filter(|(_, held)| held.is_on);
        let (number, held) = on.next()?;
        let part = self.find.part(number, held);
        if on.next().is_some() || part.stride > 1 || !self.found.is_done {
            return None;
        }
        let before = part.places.partition_point(|place| *place <= spot.1) as u64;
        Some(before + u64::from(part.last && spot.1 >= part.at))
    }

    /// Whether nothing is left to count.
    pub fn is_idle(&self, view: &View) -> bool {
        self.trouble.is_some()
            || (self.find.next(view).is_none()
                && indexable(view).is_none()
                && self.keep.next(view).is_none()
                && self.error.next(view).is_none())
    }

    /// Counts one slice.
    pub fn step(&mut self, view: &View) {
        let done = if let Some(number) = self.find.next(view) {
            self.find.slice(view, number)
        } else if let Some(held) = indexable(view) {
            index(held)
        } else if let Some(number) = self.keep.next(view) {
            self.keep.slice(view, number)
        } else if let Some(number) = self.error.next(view) {
            self.error.slice(view, number)
        } else {
            return;
        };
        // What cannot be read now is tried again when something changes.
        self.trouble = done.err().map(|error| error.kind());
        self.refresh(view);
    }
}

fn indexable(view: &View) -> Option<&Held> {
    view.sources.iter().find(|held| {
        let index = held.index.lock().unwrap_or_else(PoisonError::into_inner);
        index.scanned() < held.source.length()
    })
}

fn index(held: &Held) -> io::Result<()> {
    let mut buffer = vec![0u8; 256 << 10];
    let mut done = 0;
    while done < INDEX_SLICE {
        let mut index = held.index.lock().unwrap_or_else(PoisonError::into_inner);
        let read = held.source.content.read_at(index.scanned(), &mut buffer)?;
        if read == 0 {
            // It shrank; the next look tells.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        index.take(buffer.get(..read).unwrap_or(&[]));
        done += read;
        if index.scanned() >= held.source.length() {
            break;
        }
    }
    Ok(())
}

impl Job {
    fn part(&self, number: usize, held: &Held) -> Part {
        let start = held.source.content.start();
        let fresh = || Part {
            at: start,
            looked_to: start,
            stride: 1,
            generation: held.generation,
            ..Part::default()
        };
        let known = self.parts.get(number).filter(|part| part.generation == held.generation);
        match known {
            // What was counted is gone: what is left is counted anew where it is not remembered.
            Some(part) if part.first < start => {
                let mut part =
                    if part.stride > 1 || part.at < start { fresh() } else { part.clone() };
                let gone = part.places.partition_point(|place| *place < start);
                part.places.drain(..gone);
                part.count -= gone as u64;
                part.first = start;
                part
            }
            Some(part) => part.clone(),
            None => Part { first: start, ..fresh() },
        }
    }

    /// The source that is to be looked through next.
    fn next(&self, view: &View) -> Option<usize> {
        self.matcher.as_ref()?;
        view.sources.iter().enumerate().find_map(|(number, held)| {
            let is_due = held.is_on && self.part(number, held).looked_to < held.source.length();
            is_due.then_some(number)
        })
    }

    fn slice(&mut self, view: &View, number: usize) -> io::Result<()> {
        let (Some(held), Some(matcher)) = (view.sources.get(number), self.matcher.clone()) else {
            return Ok(());
        };
        let mut part = self.part(number, held);
        let content = &held.source.content;
        let mut lines = Lines::new(content);
        let length = lines.length();
        // The last line counts by itself: it may still grow.
        let mut last = [0u8];
        let is_ended = content.read_at(length.saturating_sub(1), &mut last)? == 0 || last == *b"\n";
        let end = if is_ended { length } else { lines.start_of(length)? };
        if part.at < end {
            let left = Cell::new(SLICE);
            let wanted = || {
                left.set(left.get().saturating_sub(1));
                left.get() > 0
            };
            let filters = &self.filters;
            let from = part.at;
            let came = scan::forward(content, (from, end), &matcher, &wanted, |hit| {
                if filters.keeps(hit.line) {
                    part.add(hit.start);
                }
                ControlFlow::Continue(())
            })?;
            if came == from {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            part.at = came;
            part.looked_to = came;
        }
        if part.at >= end {
            part.last = false;
            if end < length {
                let line = escape::stripped(lines.bytes(end, length)?);
                part.last = matcher.is_match(&line) && self.filters.keeps(&line);
            }
            part.looked_to = length;
        }
        if self.parts.len() <= number {
            self.parts.resize(number + 1, Part { generation: u32::MAX, ..Part::default() });
        }
        if let Some(place) = self.parts.get_mut(number) {
            *place = part;
        }
        Ok(())
    }

    fn tally(&self, view: &View) -> Tally {
        let mut tally = Tally {
            count: 0,
            parts: vec![0; PARTS],
            here: None,
            is_done: self.next(view).is_none(),
        };
        for (number, held) in view.sources.iter().enumerate().filter(|(_, held)| held.is_on) {
            let part = self.part(number, held);
            tally.count += part.count + u64::from(part.last);
            let start = held.source.content.start();
            let length = u128::from(held.source.length().saturating_sub(start).max(1));
            let last = part.last.then_some(part.at);
            for place in part.places.iter().copied().chain(last) {
                let at = u128::from(place.saturating_sub(start)) * PARTS as u128 / length;
                if let Some(count) = tally.parts.get_mut(usize::try_from(at).unwrap_or(PARTS)) {
                    *count += 1;
                }
            }
        }
        if tally.count == 0 {
            tally.parts.clear();
        }
        tally
    }
}

impl Part {
    fn add(&mut self, place: u64) {
        if self.count.is_multiple_of(self.stride.max(1)) {
            self.places.push(place);
        }
        self.count += 1;
        if self.places.len() > PLACES {
            let mut keep = false;
            self.places.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride = self.stride.max(1) * 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::matcher::Pattern;
    use super::super::source::Source;
    use super::*;

    fn count(counter: &mut Counter, view: &View) -> usize {
        let mut steps = 0;
        while !counter.is_idle(view) {
            counter.step(view);
            steps += 1;
            assert!(steps < 10_000);
        }
        steps
    }

    #[test]
    fn everything_is_counted_and_goes_on_with_the_file() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("log");
        let text: String = (0..300_000)
            .map(|n| {
                if n % 1000 == 0 {
                    "ERROR needle\n".to_owned()
                } else {
                    format!("line number {n} of many\n")
                }
            })
            .collect();
        std::fs::write(&path, &text).unwrap();
        let mut view = View::default();
        view.add(Source::open(&path).unwrap());
        view.find = Pattern::plain("needle").matcher().unwrap();
        view.filters.hide.extend(Pattern::plain("number 1").matcher().unwrap());
        let mut counter = Counter::default();
        counter.begin_all(&view);
        assert!(count(&mut counter, &view) > 3, "in slices");
        assert_eq!((counter.found.count, counter.bad.count), (300, 300));
        let kept = text.lines().filter(|line| !line.contains("number 1")).count() as u64;
        assert_eq!(counter.kept.count, kept);
        assert!(counter.found.is_done && counter.found.parts.iter().all(|part| *part > 0));
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"a needle without an end").unwrap();
        view.look();
        counter.begin_changed(&view);
        count(&mut counter, &view);
        assert_eq!(counter.found.count, 301);
        file.write_all(b" goes on\nneedle\n").unwrap();
        view.look();
        counter.begin_changed(&view);
        count(&mut counter, &view);
        assert_eq!(counter.found.count, 302, "the line that went on counts once");
        file.set_len(0).unwrap();
        view.look();
        counter.begin_changed(&view);
        count(&mut counter, &view);
        assert_eq!((counter.found.count, counter.bad.count), (0, 0));
    }
}
