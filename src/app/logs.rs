//! The log view as the screen knows it: the lines in its window, never the log
//! itself. What is wanted of the log goes out as a [`LogOrder`], what comes of it as [`LogNews`].

mod field;
mod marks;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::TargetId;

pub use crate::logs::ansible::{OutlinePanel, PanelRow, RowTone};
pub use crate::logs::ink::{Ink, Paint, Span};
pub use crate::logs::level::Level;
pub use crate::logs::matcher::Pattern;
pub use crate::logs::shown::{LogLine, LogRow, LogWindow, Shape, SourceLine, Tally};
pub use crate::logs::view::Spot;

pub use field::{Field, FieldKind, field_changed, field_done, field_left, open_field};
pub use marks::{LogMark, mark, to_mark};

use super::model::Tone;
use super::screens::logs as screen;
use super::{Effect, Model};

/// Something wanted of the log view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogOrder {
    /// Open these: files, `-` for standard input, numbers of runs.
    Open(Vec<String>),
    /// Open what this run wrote, and show that alone.
    Run(u64),
    /// Follow the journal of this host.
    Journal(TargetId),
    /// Show so much.
    Shape(Shape),
    /// Move by so many lines and let go of the end.
    Scroll(i64),
    /// Show the beginning.
    Start,
    /// Show the end as it is now.
    End,
    /// Show the end, whatever comes.
    Follow,
    /// Look for this and count it.
    Find(Pattern),
    /// Keep only lines with this.
    Keep(Pattern),
    /// Hide lines with this.
    Hide(Pattern),
    /// Keep only warnings and worse.
    OnlyProblems(bool),
    /// Go to the next (`true`) or previous line of a kind, seen from this one.
    Seek(Option<Spot>, bool, Goal),
    /// Show this line.
    Show(Spot),
    /// Go to a line number, a time, a share or a task (`8112`, `13:54`, `50%`, `OSD creation`), seen from this line.
    Go(String, Option<Spot>),
    /// Go to the next task of Ansible with this in its name, seen from this line; the first one after the last.
    Task(String, Option<Spot>),
    /// Keep the mark at this line, or keep it no longer.
    Mark(Spot, bool),
    /// Show the lines of this source, or do not.
    Toggle(u16),
    /// List all hosts of this task in the outline, or of none.
    Unfold(Option<u32>),
    /// Hand over the whole text of this line, with this before it.
    Copy(Spot, String),
}

/// What is gone to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// What is looked for.
    Hit,
    /// An error.
    Error,
    /// A warning or an error.
    Finding,
    /// A task of Ansible.
    Task,
}

/// What comes of the log view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogNews {
    /// The sources as they stand.
    Sources(Vec<SourceLine>),
    /// What is in the window, and whether it follows the end.
    Window(Box<LogWindow>, bool),
    /// The cursor belongs to this line.
    Cursor(Spot),
    /// Lines with what is looked for.
    Found(Tally),
    /// Lines that the filters keep.
    Kept(Tally),
    /// Warnings and errors.
    Bad(Tally),
    /// The marked lines: what is kept of the sources that are open.
    Marks(Vec<LogMark>),
    /// What Ansible did, as rows.
    Outline(Box<OutlinePanel>),
    /// What was to be opened is the recording of a console.
    Recording(PathBuf),
    /// Something to know.
    Said(String),
    /// Something that did not work.
    Failed(String),
    /// The text that was asked for.
    Copied(String),
}

/// Where the cursor is, or will be once the window has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cursor {
    /// On the first line.
    #[default]
    First,
    /// On the last line.
    Last,
    /// On the line at this place of the window.
    Row(usize),
    /// On this line.
    At(Spot),
}

/// The log view.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Logs {
    /// The sources.
    pub sources: Vec<SourceLine>,
    /// What is in the window.
    pub window: LogWindow,
    /// Where the cursor is.
    pub cursor: Cursor,
    /// Whether the end is followed.
    pub is_following: bool,
    /// Lines there were when the view was held, once they were counted; more are newer.
    pub known: Option<u64>,
    /// Whether it was asked to open something that is not there yet.
    pub is_opening: bool,
    /// Whether that brought us here from another screen, where we go back when it fails.
    pub came_for_it: bool,
    /// What was last asked to be shown.
    pub shape: Shape,
    /// Columns that are left out at the left.
    pub pan: u32,
    /// Whether long lines are wrapped.
    pub is_wrapped: bool,
    /// Whether time and source stand before a line; by itself only where there are several sources.
    pub has_prefix: Option<bool>,
    /// What is looked for.
    pub find: Pattern,
    /// What is kept.
    pub keep: Pattern,
    /// What is hidden.
    pub hide: Pattern,
    /// Whether only warnings and worse are kept.
    pub only_problems: bool,
    /// Lines with what is looked for.
    pub found: Tally,
    /// Lines that are kept.
    pub kept: Tally,
    /// Warnings and errors.
    pub bad: Tally,
    /// What Ansible did, where the log is one of Ansible.
    #[serde(default)]
    pub outline: OutlinePanel,
    /// The task whose hosts are all listed in the outline.
    #[serde(default)]
    pub unfolded: Option<u32>,
    /// Marked lines, in the order of marking.
    pub marks: Vec<LogMark>,
    /// What is being typed.
    pub field: Option<Field>,
}

impl Logs {
    /// The number of the cursor's line among the lines of the window.
    pub fn cursor_row(&self) -> Option<usize> {
        let last = self.window.lines().count().checked_sub(1)?;
        Some(match self.cursor {
            Cursor::First => 0,
            Cursor::Last => last,
            Cursor::Row(row) => row.min(last),
            Cursor::At(spot) => {
                self.window.lines().position(|line| (line.source, line.offset) == spot).unwrap_or(0)
            }
        })
    }

    /// The line of the cursor.
    pub fn cursor_line(&self) -> Option<&LogLine> {
        self.window.lines().nth(self.cursor_row()?)
    }

    /// Where the cursor's line is.
    pub fn spot(&self) -> Option<Spot> {
        self.cursor_line().map(|line| (line.source, line.offset))
    }

    /// Lines that came since the view was held.
    pub fn newer(&self) -> u64 {
        self.window.total.unwrap_or(0).saturating_sub(self.known.unwrap_or(u64::MAX))
    }

    /// Whether something is left out on purpose.
    pub fn is_filtered(&self) -> bool {
        !self.keep.is_empty() || !self.hide.is_empty() || self.only_problems
    }

    /// Whether time and source stand before the lines.
    pub fn shows_prefix(&self) -> bool {
        let several = self.sources.iter().filter(|source| source.is_on).count() > 1;
        self.has_prefix.unwrap_or(several)
    }

    /// Puts the cursor on the line it stands on now, so that it stays there.
    fn settle(&mut self) {
        if let Some(spot) = self.spot() {
            self.cursor = Cursor::At(spot);
        }
    }
}

/// Takes in news of the log.
pub fn take(model: &mut Model, news: LogNews) -> Vec<Effect> {
    let logs = &mut model.logs;
    match news {
        LogNews::Sources(sources) => {
            logs.is_opening = false;
            logs.came_for_it = false;
            let on = |list: &[SourceLine]| list.iter().map(|s| s.is_on).collect::<Vec<_>>();
            if on(&sources) != on(&logs.sources) {
                logs.known = None;
            }
            logs.sources = sources;
        }
        LogNews::Window(window, is_following) => {
            logs.window = *window;
            logs.is_following = is_following;
            logs.known = match (logs.window.total, logs.known) {
                (total, _) if is_following => total,
                // Fewer than before: the log began anew.
                (Some(total), Some(known)) if total < known => Some(total),
                (total, None) => total,
                (_, known) => known,
            };
            if is_following {
                logs.cursor = Cursor::Last;
            } else {
                logs.settle();
            }
        }
        LogNews::Cursor(spot) => logs.cursor = Cursor::At(spot),
        LogNews::Found(tally) => logs.found = tally,
        LogNews::Kept(tally) => logs.kept = tally,
        LogNews::Bad(tally) => logs.bad = tally,
        LogNews::Marks(marks) => logs.marks = marks,
        LogNews::Outline(outline) => logs.outline = *outline,
        LogNews::Recording(path) => {
            logs.is_opening = false;
            if std::mem::take(&mut logs.came_for_it) && model.screen().id == screen::SPEC.id {
                model.navigation.go_back();
            }
            return super::consoles::replay(model, path);
        }
        LogNews::Said(sentence) => model.say(Tone::Said, sentence),
        LogNews::Failed(sentence) => {
            let goes_back = std::mem::take(&mut logs.is_opening)
                && std::mem::take(&mut logs.came_for_it)
                && model.screen().id == screen::SPEC.id;
            if goes_back {
                model.navigation.go_back();
            }
            model.say(Tone::Failed, sentence);
        }
        LogNews::Copied(text) => return vec![Effect::Copy(text)],
    }
    fit(model).into_iter().collect()
}

/// What to order so that the window has the lines the screen has room for.
pub fn fit(model: &mut Model) -> Option<Effect> {
    if model.logs.sources.is_empty() || model.screen().id != screen::SPEC.id {
        return None;
    }
    let room = screen::room(model)?;
    let shape = Shape {
        rows: room.rows.height,
        columns: room.text_columns,
        pan: model.logs.pan,
        is_wrapped: model.logs.is_wrapped,
        is_timed: room.prefix_columns > 0,
    };
    if shape == model.logs.shape {
        return None;
    }
    model.logs.shape = shape;
    Some(order(LogOrder::Shape(shape)))
}

/// An order as an effect.
pub fn order(order: LogOrder) -> Effect {
    Effect::Log(order)
}

/// Opens sources and shows the screen.
pub fn open(model: &mut Model, names: Vec<String>) -> Vec<Effect> {
    begin(model);
    vec![order(LogOrder::Open(names))]
}

/// Opens what a run wrote, and shows that alone.
pub fn open_run(model: &mut Model, run: u64) -> Vec<Effect> {
    begin(model);
    vec![order(LogOrder::Run(run))]
}

/// Goes to the log view, where something is about to open.
pub fn begin(model: &mut Model) {
    model.logs.came_for_it = model.screen().id != screen::SPEC.id;
    model.logs.is_opening = true;
    model.navigation.go(super::Route::screen(screen::SPEC.id));
}

/// Moves the cursor by so many lines; the window follows where it must.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let logs = &mut model.logs;
    let (Some(row), Some(last)) = (logs.cursor_row(), logs.window.lines().count().checked_sub(1))
    else {
        return Vec::new();
    };
    let was_following = std::mem::take(&mut logs.is_following);
    let to = row.saturating_add_signed(by);
    let over = if by < 0 { by.saturating_add_unsigned(row).min(0) } else { 0 }
        + isize::try_from(to.saturating_sub(last)).unwrap_or(0);
    logs.found.here = None;
    logs.cursor = Cursor::Row(to.min(last));
    logs.settle();
    let is_at_edge = if over < 0 { logs.window.is_start } else { logs.window.is_end };
    if over == 0 || is_at_edge {
        // The view lets go of the end even when nothing moves.
        return if was_following { vec![order(LogOrder::Scroll(0))] } else { Vec::new() };
    }
    logs.cursor = if over < 0 { Cursor::First } else { Cursor::Last };
    vec![order(LogOrder::Scroll(over as i64))]
}

/// Moves the window by a page; the cursor keeps its place in it.
pub fn page(model: &mut Model, pages: isize) -> Vec<Effect> {
    let logs = &mut model.logs;
    let Some(row) = logs.cursor_row() else { return Vec::new() };
    let last = logs.window.lines().count().saturating_sub(1);
    let is_at_edge = if pages < 0 { logs.window.is_start } else { logs.window.is_end };
    logs.is_following = false;
    if is_at_edge {
        logs.cursor = Cursor::Row(if pages < 0 { 0 } else { last });
        logs.settle();
        return vec![order(LogOrder::Scroll(0))];
    }
    logs.cursor = Cursor::Row(row);
    let rows = i64::from(logs.shape.rows.saturating_sub(1).max(1));
    vec![order(LogOrder::Scroll(rows * pages as i64))]
}

/// Moves the window and keeps the cursor where it is on the screen: the wheel.
pub fn roll(model: &mut Model, by: i8) -> Vec<Effect> {
    let logs = &mut model.logs;
    let Some(row) = logs.cursor_row() else { return Vec::new() };
    logs.is_following = false;
    logs.cursor = Cursor::Row(row);
    vec![order(LogOrder::Scroll(i64::from(by)))]
}

/// Puts the cursor on the line at this row of the screen.
pub fn click(model: &mut Model, row: usize) -> Vec<Effect> {
    let logs = &mut model.logs;
    let (mut top, mut number) = (0, 0);
    for shown in &logs.window.rows {
        let height = shown.line().map_or(1, |line| line.height(&logs.shape));
        if row < top + height {
            break;
        }
        top += height;
        number += usize::from(shown.line().is_some());
    }
    logs.cursor = Cursor::Row(number);
    logs.settle();
    if std::mem::take(&mut logs.is_following) {
        return vec![order(LogOrder::Scroll(0))];
    }
    Vec::new()
}

/// Goes to the next or previous line of a kind.
pub fn seek(model: &mut Model, is_forward: bool, goal: Goal) -> Vec<Effect> {
    let from = model.logs.spot();
    model.logs.is_following = false;
    vec![order(LogOrder::Seek(from, is_forward, goal))]
}
