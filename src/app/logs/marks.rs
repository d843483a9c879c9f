//! Marked lines: a handful of places to come back to. They are kept with the
//! file they are of, so that they are there when it is opened again.

use serde::{Deserialize, Serialize};

use crate::domain::Stamp;

use super::super::model::Tone;
use super::super::{Effect, Model};
use super::{Cursor, LogLine, LogOrder, Logs, Spot, order};

/// Marks there can be; a key held down must not make thousands.
const MOST: usize = 200;

/// A line that was marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogMark {
    /// The line.
    pub spot: Spot,
    /// When it was written.
    pub at: Option<Stamp>,
}

/// Marks the line of the cursor, or takes its mark away.
pub fn mark(model: &mut Model) -> Vec<Effect> {
    let logs = &mut model.logs;
    let Some(line) = logs.cursor_line() else { return Vec::new() };
    let (spot, at) = ((line.source, line.offset), line.at);
    let count = logs.marks.len();
    logs.marks.retain(|mark| mark.spot != spot);
    let is_marked = logs.marks.len() == count;
    if is_marked && count >= MOST {
        model.say(
            Tone::Off,
            format!("{MOST} lines are marked; m on a marked line takes its mark away"),
        );
        return Vec::new();
    }
    if is_marked {
        logs.marks.push(LogMark { spot, at });
    }
    vec![order(LogOrder::Mark(spot, is_marked))]
}

/// Goes to the next or previous mark in the order of the lines.
pub fn to_mark(model: &mut Model, is_forward: bool) -> Vec<Effect> {
    let logs = &model.logs;
    let marks = logs.ordered_marks();
    // The window may still be on its way to the mark that was gone to last.
    let gone_to = marks.iter().find(|mark| logs.cursor == Cursor::At(mark.spot));
    let of_line = || logs.cursor_line().map(|line| logs.order_of(&LogMark::of(line)));
    let here = gone_to.map(|mark| logs.order_of(mark)).or_else(of_line);
    let is_behind = |mark: &&&LogMark| here.is_none_or(|here| logs.order_of(mark) > here);
    let is_before = |mark: &&&LogMark| here.is_none_or(|here| logs.order_of(mark) < here);
    let found =
        if is_forward { marks.iter().find(is_behind) } else { marks.iter().rev().find(is_before) };
    let Some(spot) = found.map(|mark| mark.spot) else {
        let word = if is_forward { "below" } else { "above" };
        model.say(Tone::Off, format!("There is no mark further {word}; m marks a line"));
        return Vec::new();
    };
    model.logs.cursor = Cursor::At(spot);
    vec![order(LogOrder::Show(spot))]
}

impl LogMark {
    fn of(line: &LogLine) -> LogMark {
        LogMark { spot: (line.source, line.offset), at: line.at }
    }
}

impl Logs {
    /// Where a mark stands among the others: by time, where all have one.
    fn order_of(&self, mark: &LogMark) -> (Option<Stamp>, Spot) {
        let has_times = self.marks.iter().all(|mark| mark.at.is_some());
        (mark.at.filter(|_| has_times), mark.spot)
    }

    /// The marks in the order of their lines.
    fn ordered_marks(&self) -> Vec<&LogMark> {
        let mut marks: Vec<&LogMark> = self.marks.iter().collect();
        marks.sort_by_key(|mark| self.order_of(mark));
        marks
    }

    /// Where a mark is in the whole, in thousandths; `None` where its source is not shown.
    pub fn share_of(&self, mark: &LogMark) -> Option<u32> {
        let source = self.sources.get(usize::from(mark.spot.0)).filter(|source| source.is_on)?;
        let length = source.bytes.saturating_sub(source.start).max(1);
        let at = u128::from(mark.spot.1.saturating_sub(source.start)) * 1000 / u128::from(length);
        u32::try_from(at).ok().map(|at| at.min(1000))
    }

    /// The last mark before the line of the cursor, else the first behind it:
    /// its number in the order of the lines, and how many milliseconds lie between.
    pub fn since_mark(&self) -> Option<(usize, i64)> {
        let line = self.cursor_line()?;
        let here = self.order_of(&LogMark::of(line));
        let marks = self.ordered_marks();
        let before = marks.iter().rposition(|mark| self.order_of(mark) < here);
        let behind = marks.iter().position(|mark| self.order_of(mark) > here);
        let number = before.or(behind)?;
        let mark = marks.get(number)?;
        Some((number + 1, line.at?.0 - mark.at?.0))
    }
}
