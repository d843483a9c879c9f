//! Logs: what did it say, around then? Lines of files, runs and hosts on one clock.

use super::super::areas::{Areas, Rect, areas};
use super::super::commands::log_commands;
use super::super::logs::{Field, FieldKind, Level, LogLine, SourceLine, Tally};
use super::super::{Model, RowId};
use super::{PanelSpec, ScreenSpec, log_outline};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "logs",
    title: "Logs",
    short: "Logs",
    help: "Lines of files, runs and hosts on one clock",
    jump_words: &["lines"],
    digit: Some('8'),
    layer: None,
    panels: &[
        PanelSpec { name: "text", title: "Lines", rows: |_, _| Vec::new(), is_text: true },
        PanelSpec {
            name: "outline",
            title: "Ansible",
            rows: |model, _| log_outline::rows(model),
            is_text: false,
        },
        PanelSpec {
            name: "sources",
            title: "Sources",
            rows: |model, _| sources(model),
            is_text: false,
        },
    ],
    commands: log_commands::OF_SCREEN,
    needs: None,
    is_listed: true,
    status,
};

fn sources(model: &Model) -> Vec<RowId> {
    (0..model.logs.sources.len()).map(RowId::Line).collect()
}

/// Where the text of the lines is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// The rows of lines, with the mark before them and the rail behind them.
    pub rows: Rect,
    /// Columns of what stands before a line's own text.
    pub prefix_columns: u16,
    /// Columns for a line's own text.
    pub text_columns: u16,
}

/// Columns of the mark before a line.
pub const GUTTER: u16 = 1;
/// Columns of the rail behind the lines.
pub const RAIL: u16 = 2;

/// Where the text of the lines is; `None` where it is not visible.
pub fn room(model: &Model) -> Option<Room> {
    room_in(model, &areas(model, model.size))
}

/// The same, where the areas are already known.
pub fn room_in(model: &Model, areas: &Areas) -> Option<Room> {
    let mut rows = areas.panel("text")?.rows;
    if areas.is_framed {
        rows.x += 1;
        rows.width = rows.width.saturating_sub(2);
    }
    let wanted = prefix_width(model);
    let width = rows.width.saturating_sub(GUTTER + RAIL);
    let prefix_columns = if wanted + 20 <= width { wanted } else { 0 };
    Some(Room { rows, prefix_columns, text_columns: width - prefix_columns })
}

/// The longest name of a source that stands before its lines.
const NAME: usize = 12;

fn name_width(model: &Model) -> usize {
    let on = model.logs.sources.iter().filter(|source| source.is_on);
    on.map(|source| source.name.chars().count()).max().unwrap_or(0).min(NAME)
}

fn prefix_width(model: &Model) -> u16 {
    if !model.logs.shows_prefix() {
        return 0;
    }
    // `13:53:55.400 name `
    u16::try_from(13 + name_width(model) + 1).unwrap_or(0)
}

/// What stands before a line: its time, and its source where there are several.
pub fn prefix(model: &Model, line: &LogLine) -> String {
    let time = line.at.map_or_else(
        || " ".repeat(12),
        |at| format!("{}.{:03}", at.hms().trim_end_matches('Z'), at.0.rem_euclid(1000)),
    );
    let name = model.logs.sources.get(usize::from(line.source)).map_or("", |s| s.name.as_str());
    let width = name_width(model);
    let name: String = name.chars().take(width).collect();
    format!("{time} {name:<width$} ")
}

/// `8,012`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `41s`, `4m 52s`, `3h 05m`: how long nothing was written.
pub fn silence(millis: i64) -> String {
    crate::domain::Age(millis).long()
}

/// How many lines a source has, as far as is known.
pub fn count_words(source: &SourceLine) -> String {
    let more = if source.is_counted { "" } else { "+" };
    format!("{}{more}", grouped(source.lines))
}

/// What the first line above the text says of the sources.
pub fn sources_words(model: &Model) -> String {
    let named = model.logs.sources.iter().map(|source| {
        let mark = if source.is_on { "[x]" } else { "[ ]" };
        let dropped = match source.dropped {
            0 => String::new(),
            count => format!(" (oldest {} lines dropped)", grouped(count)),
        };
        format!("{mark} {}{dropped}", source.name)
    });
    named.collect::<Vec<_>>().join("  ")
}

/// What filters are in force, and what they leave out.
pub fn keep_words(model: &Model) -> String {
    let logs = &model.logs;
    let mut words = Vec::new();
    if !logs.keep.is_empty() {
        words.push(format!("'{}'", logs.keep.text));
    }
    if !logs.hide.is_empty() {
        words.push(format!("not '{}'", logs.hide.text));
    }
    if logs.only_problems {
        words.push("warnings and worse".to_owned());
    }
    if words.is_empty() {
        return "(everything)".to_owned();
    }
    let words = words.join(", ");
    let kept = &logs.kept;
    match (logs.window.total, kept.is_done) {
        (Some(total), true) => {
            let there = total.saturating_sub(logs.window.dropped);
            format!(
                "{words}: {} of {} lines, {} hidden",
                grouped(kept.count),
                grouped(there),
                grouped(there.saturating_sub(kept.count))
            )
        }
        _ => format!("{words}: {} lines so far", grouped(kept.count)),
    }
}

/// What is looked for, and how often it was found.
pub fn find_words(model: &Model) -> String {
    let logs = &model.logs;
    if logs.find.is_empty() {
        return String::new();
    }
    let kind = if logs.find.is_regex { "find regular expression" } else { "find" };
    format!("{kind} '{}' {}", logs.find.text, tally_words(&logs.found))
}

fn tally_words(tally: &Tally) -> String {
    let more = if tally.is_done { "" } else { " so far" };
    match tally.count {
        count if tally.here.is_some() => {
            format!("line {} of {} with it", grouped(tally.here.unwrap_or(0)), grouped(count))
        }
        0 if tally.is_done => "in no line".to_owned(),
        1 => format!("in 1 line{more}"),
        n => format!("in {} lines{more}", grouped(n)),
    }
}

/// Which lines are shown, for the edge below them.
pub fn place_words(model: &Model) -> String {
    if model.logs.sources.is_empty() {
        return String::new();
    }
    let window = &model.logs.window;
    let number = model.logs.cursor_line().and_then(|line| line.number);
    let several = model.logs.sources.iter().filter(|source| source.is_on).count() > 1;
    match (number, window.total) {
        (Some(number), Some(total)) if !several => {
            format!("line {} of {}", grouped(number), grouped(total.max(number)))
        }
        (_, Some(total)) if several => format!("{} lines", grouped(total)),
        (Some(number), None) => format!("line {}, counting", grouped(number)),
        _ => format!("{}% from the beginning, counting", window.before / 10),
    }
}

/// What is behind the window, for the edge below it.
pub fn below_words(model: &Model) -> String {
    let logs = &model.logs;
    if logs.sources.is_empty() {
        return String::new();
    }
    if logs.is_following {
        return "following".to_owned();
    }
    let lines = |count: u64| {
        if count == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(count)) }
    };
    match (logs.newer(), logs.window.below) {
        _ if logs.window.is_end => "the end".to_owned(),
        (0, None | Some(0)) => "F follows".to_owned(),
        (0, Some(below)) => format!("{} below, F follows", lines(below)),
        (1, _) => "1 newer line below, F follows".to_owned(),
        (newer, _) => format!("{} newer lines below, F follows", grouped(newer)),
    }
}

/// The line of the cursor in words: source, level, time, distance to the last mark.
pub fn line_words(model: &Model) -> Vec<(&'static str, String)> {
    let Some(line) = model.logs.cursor_line() else { return Vec::new() };
    let mut words = Vec::new();
    let source = model.logs.sources.get(usize::from(line.source));
    if let Some(at) = line.at {
        let since = model.logs.since_mark().map_or_else(String::new, |(number, millis)| {
            let sign = if millis < 0 { "-" } else { "+" };
            format!("  {sign}{} from mark {number}", silence(millis.abs()))
        });
        words.push(("time", format!("{}{since}", at.rfc3339())));
    }
    let level = match line.level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Plain => "",
    };
    if !level.is_empty() {
        words.push(("level", level.to_owned()));
    }
    words.push(("source", source.map_or_else(String::new, |source| source.name.clone())));
    if let Some(number) = line.number {
        words.push(("line", grouped(number)));
    }
    if line.width > u32::from(model.logs.shape.columns) {
        words.push(("width", format!("{} columns", grouped(u64::from(line.width)))));
    }
    words
}

/// The words before a field.
pub fn field_words(field: &Field) -> String {
    let what = match field.kind {
        FieldKind::Find => "find",
        FieldKind::Keep => "keep only",
        FieldKind::Hide => "hide",
        FieldKind::Go => return "go to".to_owned(),
    };
    let kind = if field.pattern.is_regex { "regular expression" } else { "text" };
    format!("{what} {kind}")
}

/// What can be done with a field: keys and what they do.
pub fn field_keys(field: &Field) -> Vec<(&'static str, &'static str)> {
    let other = if field.pattern.is_regex { "plain text" } else { "regular expression" };
    match field.kind {
        FieldKind::Go => vec![("Enter", "goes there"), ("Esc", "stays")],
        FieldKind::Find => {
            vec![("Enter", "keeps it; then n N"), ("Esc", "as before"), ("Tab", other)]
        }
        _ => vec![("Enter", "keeps it"), ("Esc", "as before"), ("Tab", other)],
    }
}

/// What the filter or search that is being typed does, while it is typed.
pub fn field_counts(model: &Model, kind: FieldKind) -> String {
    let logs = &model.logs;
    match kind {
        FieldKind::Go => {
            let task = if log_outline::is_there(model) { ", words of a task" } else { "" };
            format!("a line, time or share: 8112, 13:54, 50%{task}")
        }
        FieldKind::Find if !logs.find.is_empty() => tally_words(&logs.found),
        FieldKind::Keep | FieldKind::Hide if logs.is_filtered() => {
            let total = logs
                .window
                .total
                .map(|total| total.saturating_sub(logs.window.dropped))
                .map_or_else(String::new, |total| format!(" of {} lines", grouped(total)));
            let more = if logs.kept.is_done { "" } else { " so far" };
            format!("keeps {}{total}{more}", grouped(logs.kept.count))
        }
        _ => String::new(),
    }
}

fn status(model: &Model) -> String {
    let logs = &model.logs;
    let note = logs.sources.iter().find_map(|source| source.note.as_deref());
    if logs.sources.is_empty() {
        let words = if logs.is_opening {
            "Opening"
        } else {
            "No log is open: `:log PATH` opens a file, l on a host follows its journal"
        };
        return words.to_owned();
    }
    if let Some(note) = note {
        return note.to_owned();
    }
    if let Some(words) = log_outline::selected_words(model) {
        return words;
    }
    if logs.window.rows.is_empty() && logs.is_filtered() {
        return "No line is kept; & and h change the filters".to_owned();
    }
    if logs.window.rows.is_empty() {
        return "There is no line yet".to_owned();
    }
    if logs.is_following {
        return "Following: new lines move this view; scroll to hold it".to_owned();
    }
    if !logs.find.is_empty() {
        return format!("Held. n and N go to lines with '{}'; F follows", logs.find.text);
    }
    "Held. New lines do not move this view; F follows".to_owned()
}
