//! A view of sources: where its window is and what is in it. Every act is one
//! call; what takes long asks whether it is still wanted.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::clean::Cleaner;
use super::dress::Dresser;
use super::index::LineIndex;
use super::lines::Lines;
use super::matcher::Matcher;
use super::redraw::{self, Paintings};
use super::scan::Wanted;
use super::shown::{LogRow, LogWindow, Shape};
use super::source::Source;
use super::walk::{Filters, Step, Walk};

pub use super::going::Sought;

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
    pub(super) top: u64,
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
    pub(super) shown: Vec<Spot>,
}

impl View {
    /// Adds a source.
    pub fn add(&mut self, source: Source) {
        let index = Arc::new(Mutex::new(LineIndex::default()));
        let top = source.content.start();
        self.sources.push(Held { source, index, is_on: true, note: None, generation: 0, top });
    }

    pub(super) fn on(&self) -> impl Iterator<Item = (usize, &Held)> {
        self.sources.iter().enumerate().filter(|(_, held)| held.is_on)
    }

    /// The numbers of the sources that are shown.
    pub(super) fn numbers(&self) -> Vec<usize> {
        self.on().map(|(number, _)| number).collect()
    }

    pub(super) fn walk<'v>(
        &'v self,
        from: &[u64],
        filters: &'v Filters,
        wanted: &'v dyn Wanted,
    ) -> Walk<'v> {
        let places: Vec<(&Source, u64)> =
            self.on().zip(from).map(|((_, held), at)| (&held.source, *at)).collect();
        Walk::new(places.into_iter(), filters, wanted)
    }

    pub(super) fn tops(&self) -> Vec<u64> {
        self.on().map(|(_, held)| held.top).collect()
    }

    pub(super) fn ends(&self) -> Vec<u64> {
        self.on().map(|(_, held)| held.source.length()).collect()
    }

    /// Where what is there of each source begins.
    pub(super) fn starts(&self) -> Vec<u64> {
        self.on().map(|(_, held)| held.source.content.start()).collect()
    }

    pub(super) fn set_tops(&mut self, tops: &[u64]) {
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
            let Some(step) = walk.ahead()? else {
                is_end = wanted.is_wanted();
                break;
            };
            height += dresser.dress(&step, &mut rows)?;
            last_places = walk.places();
        }
        let is_start = tops == self.starts();
        if is_end && height < self.rows() && !is_start {
            return self.fill_back(wanted);
        }
        if !is_end && height >= self.rows() {
            is_end = last_places == self.ends();
        }
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
        let starts = self.starts();
        let is_start = (is_start && left_out == 0) || tops == starts;
        let tops = if is_start { starts } else { tops };
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
        let (mut below, mut total, mut dropped) = (Some(0u64), Some(0u64), 0);
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
            dropped += held.source.content.lines_before();
        }
        let gone = self.starts().iter().sum::<u64>();
        let all = self.ends().iter().sum::<u64>().saturating_sub(gone).max(1);
        let share = |places: &[u64]| {
            let sum = places.iter().sum::<u64>().saturating_sub(gone);
            u16::try_from(u128::from(sum) * 1000 / u128::from(all)).unwrap_or(1000).min(1000)
        };
        let before = share(tops);
        let spans = share(bottoms).saturating_sub(before);
        let is_partial = false;
        LogWindow { rows, is_start, is_end, below, total, dropped, before, spans, is_partial }
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
            let step = if by < 0 { walk.back()? } else { walk.ahead()? };
            if step.is_none() {
                break;
            }
        }
        let places = walk.places();
        self.set_tops(&places);
        Ok(())
    }

    /// The whole text of a line, without what is no text.
    ///
    /// # Errors
    /// What the disk says.
    pub fn text_of(&self, spot: Spot) -> io::Result<String> {
        let Some(held) = self.sources.get(usize::from(spot.0)) else { return Ok(String::new()) };
        let mut lines = Lines::new(&held.source.content);
        let Some(extent) = lines.at(spot.1)? else { return Ok(String::new()) };
        let newest = redraw::newest_state(&mut lines, &extent, &mut Paintings::default())?;
        if let Some(newest) = newest {
            return Ok(newest.iter().map(|span| span.text.as_str()).collect());
        }
        Ok(redraw::cleaned(&mut Cleaner::default(), &mut lines, &extent, 0)?.text())
    }
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
