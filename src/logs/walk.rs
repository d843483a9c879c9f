//! Lines of several sources in the order of time, forward and backward, as far as
//! the filters keep them. One source alone is simply read in its order.

use std::io;
use std::ops::ControlFlow;

use crate::domain::Stamp;

use super::content::Content;
use super::escape;
use super::level::{self, Level};
use super::lines::{Extent, Lines};
use super::matcher::Matcher;
use super::redraw;
use super::scan::{self, Wanted};
use super::source::Source;
use super::times;

/// Lines that are looked through for the time of one that has none.
const UNTIMED: usize = 200;

/// What is kept of a log.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// Only lines with all of these.
    pub keep: Vec<Matcher>,
    /// No lines with one of these.
    pub hide: Vec<Matcher>,
    /// Only lines at least this bad, with the pattern of lines that may be.
    pub level: Option<(Level, Matcher)>,
}

impl Filters {
    /// Whether everything is kept.
    pub fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.hide.is_empty() && self.level.is_none()
    }

    /// Whether a line is kept, told from its text without escape sequences.
    pub fn keeps(&self, line: &[u8]) -> bool {
        self.keep.iter().all(|keep| keep.is_match(line))
            && !self.hide.iter().any(|hide| hide.is_match(line))
            && self.level.as_ref().is_none_or(|(least, _)| level::level_of(line) >= *least)
    }

    /// What a line must hold to be kept, for the quick search through whole files.
    pub fn needed(&self) -> Option<&Matcher> {
        self.keep.last().or(self.level.as_ref().map(|(_, may)| may))
    }
}

/// A line that was come by.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Which of the sources that are walked.
    pub source: usize,
    /// Where it is there.
    pub extent: Extent,
    /// When it was written, if that is known.
    pub at: Option<Stamp>,
}

/// One source on the way.
struct Track<'s> {
    content: &'s Content,
    source: &'s Source,
    lines: Lines<'s>,
    /// The line to come, once looked for; with the time it counts by.
    head: Option<Option<(Extent, Option<Stamp>)>>,
    at: u64,
    time: Option<Stamp>,
}

/// A walk through sources from one place in each.
pub struct Walk<'s> {
    tracks: Vec<Track<'s>>,
    filters: &'s Filters,
    wanted: &'s dyn Wanted,
}

impl<'s> Walk<'s> {
    /// A walk from these offsets on.
    pub fn new(
        sources: impl Iterator<Item = (&'s Source, u64)>,
        filters: &'s Filters,
        wanted: &'s dyn Wanted,
    ) -> Walk<'s> {
        let tracks = sources
            .map(|(source, at)| Track {
                content: &source.content,
                source,
                lines: Lines::new(&source.content),
                head: None,
                at,
                time: None,
            })
            .collect();
        Walk { tracks, filters, wanted }
    }

    /// Where the walk stands in each source.
    pub fn places(&self) -> Vec<u64> {
        self.tracks.iter().map(|track| track.at).collect()
    }

    /// The next line; `None` at the end, or when it is not wanted any more.
    ///
    /// # Errors
    /// What the disk says.
    pub fn ahead(&mut self) -> io::Result<Option<Step>> {
        let step = self.turn(true)?;
        if let Some(step) = step
            && let Some(track) = self.tracks.get_mut(step.source)
        {
            track.at = step.extent.next;
            track.time = step.at.or(track.time);
        }
        Ok(step)
    }

    /// The line before; `None` at the beginning, or when it is not wanted any more.
    ///
    /// # Errors
    /// What the disk says.
    pub fn back(&mut self) -> io::Result<Option<Step>> {
        let step = self.turn(false)?;
        if let Some(step) = step
            && let Some(track) = self.tracks.get_mut(step.source)
        {
            track.at = step.extent.start;
        }
        Ok(step)
    }

    /// The earliest of the lines to come (the latest of those before), taken from its track.
    fn turn(&mut self, is_ahead: bool) -> io::Result<Option<Step>> {
        let is_merged = self.tracks.len() > 1;
        let mut best: Option<(usize, Option<Stamp>)> = None;
        for (number, track) in self.tracks.iter_mut().enumerate() {
            if track.head.is_none() {
                let found = track.kept(is_ahead, self.filters, self.wanted)?;
                track.head = Some(match found {
                    Some(extent) if is_ahead => {
                        Some((extent, track.time_ahead(&extent, is_merged)?))
                    }
                    Some(extent) => Some((extent, track.time_behind(&extent, is_merged)?)),
                    None => None,
                });
            }
            if let Some(Some((_, at))) = track.head
                && best.is_none_or(|(_, known)| if is_ahead { at < known } else { at >= known })
            {
                best = Some((number, at));
            }
        }
        let Some((source, at)) = best else { return Ok(None) };
        let head = self.tracks.get_mut(source).and_then(|track| track.head.take().flatten());
        Ok(head.map(|(extent, _)| Step { source, extent, at }))
    }
}

impl Track<'_> {
    /// The next line that is kept, or the one before, from where the track stands.
    fn kept(
        &mut self,
        is_ahead: bool,
        filters: &Filters,
        wanted: &dyn Wanted,
    ) -> io::Result<Option<Extent>> {
        let mut at = self.at;
        while wanted.is_wanted() {
            let found = match filters.needed() {
                None if is_ahead => self.lines.at(at)?,
                None => self.lines.before(at)?,
                Some(needed) => match self.sought(at, is_ahead, needed, filters, wanted)? {
                    Some(start) => self.lines.at(start)?,
                    None => None,
                },
            };
            let Some(extent) = found else { return Ok(None) };
            at = if is_ahead { extent.next } else { extent.start };
            if self.is_kept(&extent, filters)? {
                return Ok(Some(extent));
            }
        }
        Ok(None)
    }

    /// Where a line with what is needed starts that the filters keep.
    fn sought(
        &self,
        at: u64,
        is_ahead: bool,
        needed: &Matcher,
        filters: &Filters,
        wanted: &dyn Wanted,
    ) -> io::Result<Option<u64>> {
        if !is_ahead {
            return scan::backward(self.content, at, needed, wanted, |line| filters.keeps(line));
        }
        let mut found = None;
        scan::forward(self.content, (at, self.lines.length()), needed, wanted, |hit| {
            if filters.keeps(hit.line) {
                found = Some(hit.start);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    fn is_kept(&mut self, extent: &Extent, filters: &Filters) -> io::Result<bool> {
        if !filters.is_empty() {
            let line = self.lines.bytes(extent.start, extent.end)?;
            if !filters.keeps(&escape::stripped(line)) {
                return Ok(false);
            }
        }
        Ok(!redraw::is_older_state(&mut self.lines, extent)?)
    }

    /// The time of a line that comes next: its own, else that of the line before it.
    fn time_ahead(&mut self, extent: &Extent, is_merged: bool) -> io::Result<Option<Stamp>> {
        if let Some(at) = self.own_time(extent)? {
            return Ok(Some(at));
        }
        if !is_merged || self.time.is_some() {
            return Ok(self.time.filter(|_| is_merged));
        }
        self.time_before(extent.start)
    }

    fn time_behind(&mut self, extent: &Extent, is_merged: bool) -> io::Result<Option<Stamp>> {
        match self.own_time(extent)? {
            None if is_merged => self.time_before(extent.start),
            own => Ok(own),
        }
    }

    fn time_before(&mut self, start: u64) -> io::Result<Option<Stamp>> {
        let mut at = start;
        for _ in 0..UNTIMED {
            let Some(extent) = self.lines.before(at)? else { return Ok(None) };
            if let Some(time) = self.own_time(&extent)? {
                return Ok(Some(time));
            }
            at = extent.start;
        }
        Ok(None)
    }

    fn own_time(&mut self, extent: &Extent) -> io::Result<Option<Stamp>> {
        if let Some(times) = &self.source.times {
            return Ok(times.at(extent.start));
        }
        let about = self.source.about;
        Ok(times::time_of(self.lines.bytes(extent.start, extent.end)?, about))
    }
}

/// The first line of a source that was written at `time` or later; its end when none was.
///
/// # Errors
/// What the disk says.
pub fn place_of_time(source: &Source, time: Stamp) -> io::Result<u64> {
    let mut lines = Lines::new(&source.content);
    let first = source.content.start();
    let (mut low, mut high) = (first, lines.length());
    // Everything before `low` is earlier, what starts at `high` is not.
    while low < high {
        let middle = lines.start_of(low + (high - low) / 2)?.max(low);
        let mut at = middle;
        let mut found = None;
        for _ in 0..UNTIMED {
            let Some(extent) = lines.at(at)? else { break };
            if extent.start >= high {
                break;
            }
            let own = match &source.times {
                Some(times) => times.at(extent.start),
                None => times::time_of(lines.bytes(extent.start, extent.end)?, source.about),
            };
            at = extent.next;
            if let Some(own) = own {
                found = Some((own, extent));
                break;
            }
        }
        match found {
            Some((own, extent)) if own < time => low = extent.next,
            _ => high = middle,
        }
    }
    // Lines without a time belong to the one before them.
    for _ in 0..if low > first { UNTIMED } else { 0 } {
        let Some(extent) = lines.at(low)? else { break };
        let line = lines.bytes(extent.start, extent.end)?;
        if source.times.is_some() || times::time_of(line, source.about).is_some() {
            break;
        }
        low = extent.next;
    }
    Ok(low)
}
