//! Going to places of a view: its ends, lines, moments, shares, what is sought.

use std::io;
use std::sync::PoisonError;

use crate::domain::Stamp;

use super::level::{self, Level};
use super::lines::Lines;
use super::matcher::Matcher;
use super::scan::Wanted;
use super::view::{Spot, View};
use super::walk::{self, Filters, Step, Walk};

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

impl View {
    /// Goes to the very beginning.
    pub fn to_start(&mut self) {
        self.is_following = false;
        let tops = self.starts();
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
        let step = if is_forward { walk.ahead()? } else { walk.back()? };
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
            let Some(step) = walk.ahead()? else { break };
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
            let dropped = held.source.content.lines_before();
            match start {
                _ if number <= dropped => {
                    Err(format!("the oldest {dropped} lines were dropped; g goes to what is left"))
                }
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
            let start = held.source.content.start();
            let length = u128::from(held.source.length().saturating_sub(start));
            let at = u64::try_from(length * u128::from(hundredths.min(100)) / 100).unwrap_or(0);
            let at = start + at;
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

    /// When a line was written, if it says so.
    ///
    /// # Errors
    /// What the disk says.
    pub fn time_of(&self, spot: Spot) -> io::Result<Option<Stamp>> {
        let Some(held) = self.sources.get(usize::from(spot.0)) else { return Ok(None) };
        let filters = Filters::default();
        let walk = Walk::new(std::iter::once((&held.source, spot.1)), &filters, &|| true).ahead();
        Ok(walk?.and_then(|step| step.at))
    }
}
