//! The outline as rows of a panel: what matters first, every row with its line.
//! A bounded excerpt, so that a screen can hold it whatever the log's size.

use serde::{Deserialize, Serialize};

use super::outline::{Counts, HostResult, NoteKind, Outline, Place, Play, State, Task};
use crate::domain::Age;

/// Rows of plays and tasks at most; older ones are counted.
const TASK_ROWS: usize = 400;
/// Hosts listed of one task at most.
const HOST_ROWS: usize = 100;
/// Rows of each kind in the first part.
const FEW: usize = 5;

/// How a row stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowTone {
    /// A heading.
    Head,
    /// Went wrong.
    Bad,
    /// Went wrong and was mended, or may go wrong.
    Warned,
    /// Waits or runs.
    Active,
    /// To be typed again.
    Command,
    /// Anything else.
    Plain,
    /// Of less weight.
    Quiet,
}

/// A row of the panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelRow {
    /// How far it is moved to the right, in steps.
    pub depth: u8,
    /// How it stands out.
    pub tone: RowTone,
    /// What it says.
    pub text: String,
    /// What stands at its right edge.
    pub right: String,
    /// The line it leads to.
    pub place: Option<Place>,
    /// The task it is about: it can be unfolded.
    pub task: Option<u32>,
}

/// What a screen holds of an outline.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OutlinePanel {
    /// Number of the source it is of.
    pub source: u16,
    /// Its rows; none when the log is not one of Ansible.
    pub rows: Vec<PanelRow>,
    /// While a task runs: when the last line came, in milliseconds since 1970, where a clock is known.
    pub silent_since: Option<i64>,
}

/// The panel of an outline, with all hosts of task `unfolded`.
pub fn panel(outline: &Outline, source: u16, unfolded: Option<u32>) -> OutlinePanel {
    if !outline.is_ansible() && outline.notes.is_empty() && outline.prompt.is_none() {
        return OutlinePanel { source, ..OutlinePanel::default() };
    }
    let mut rows = Rows(Vec::new());
    rows.state(outline);
    rows.trouble(outline);
    rows.notes(outline);
    rows.slowest(outline);
    rows.plays(outline, unfolded);
    let silent_since = outline.current().and(outline.last_ms);
    OutlinePanel { source, rows: rows.0, silent_since }
}

struct Rows(Vec<PanelRow>);

impl Rows {
    fn add(&mut self, depth: u8, tone: RowTone, text: impl Into<String>, place: Option<Place>) {
        self.with(depth, tone, text, place, String::new());
    }

    /// A row with something at its right edge.
    fn with(
        &mut self,
        depth: u8,
        tone: RowTone,
        text: impl Into<String>,
        place: Option<Place>,
        right: String,
    ) {
        self.0.push(PanelRow { depth, tone, text: text.into(), right, place, task: None });
    }

    /// What is going on now, or how it ended.
    fn state(&mut self, outline: &Outline) {
        if let Some(prompt) = &outline.prompt {
            self.add(
                0,
                RowTone::Active,
                format!("waits for you: {}", prompt.text),
                Some(prompt.place),
            );
        }
        if let Some(task) = outline.current() {
            let text = format!("now: {}", named(task));
            self.with(0, RowTone::Active, text, Some(task.place), counts(&task.counts));
            if let Some(left) = task.retries_left() {
                let lasts = task
                    .tries_last_ms()
                    .map_or_else(String::new, |span| format!(", about {}", words(span)));
                let tries = if left == 1 { "try" } else { "tries" };
                self.add(
                    1,
                    RowTone::Active,
                    format!("waits: {left} {tries} left{lasts}"),
                    Some(task.place),
                );
            }
            if let Some(seconds) = task.pause_s.filter(|_| task.counts.total() == 0) {
                self.add(
                    1,
                    RowTone::Active,
                    format!("waits: a pause of {seconds}s"),
                    Some(task.place),
                );
            }
            return;
        }
        if let Some(place) = outline.interrupted {
            self.add(0, RowTone::Bad, "interrupted by the operator", Some(place));
            return;
        }
        let Some(recap) = outline.recaps.last() else { return };
        let count = |pick: fn(&super::RecapRow) -> u32| {
            recap.rows.iter().filter(|row| pick(row) > 0).count()
        };
        let (failed, lost) = (count(|row| row.failed), count(|row| row.unreachable));
        let all = recap.rows.len();
        let (tone, text) = match (failed, lost) {
            (0, 0) => (RowTone::Plain, format!("done: {all} hosts, none failed")),
            (_, 0) => (RowTone::Bad, format!("done: {failed} of {all} hosts failed")),
            (0, _) => (RowTone::Bad, format!("done: {lost} of {all} hosts unreachable")),
            _ => {
                (RowTone::Bad, format!("done: of {all} hosts {failed} failed, {lost} unreachable"))
            }
        };
        let took = outline.took_ms.map_or_else(String::new, words);
        self.with(0, tone, text, Some(recap.place), took);
    }

    /// The failing task first: which hosts, why, and how to try again.
    fn trouble(&mut self, outline: &Outline) {
        let failing = outline.failing();
        if let Some((play, task)) = failing {
            self.add(0, RowTone::Head, format!("Failed: {}", named(task)), Some(task.place));
            if !play.name.is_empty() {
                self.add(1, RowTone::Quiet, format!("in {}", play.name), Some(play.place));
            }
            let bad: Vec<&HostResult> =
                task.hosts.iter().filter(|host| host.state.is_bad()).collect();
            self.hosts(outline, &bad, 8);
            if let Some(again) = outline.rerun() {
                self.add(
                    1,
                    RowTone::Command,
                    format!("again: {}", again.arguments),
                    Some(task.place),
                );
                if let Some(caution) = again.caution {
                    self.add(1, RowTone::Quiet, caution, Some(task.place));
                }
            }
        }
        let run = outline.plays.last().map_or(0, |play| play.run);
        let failing = failing.map_or(0, |(_, task)| task.number);
        let others: Vec<&Task> = outline
            .tasks()
            .filter(|(play, task)| play.run == run && task.number != failing)
            .filter(|(_, task)| task.counts.failed + task.counts.unreachable > 0)
            .map(|(_, task)| task)
            .filter(|task| task.hosts.iter().any(|host| host.state.is_bad() && !host.went_on))
            .collect();
        for task in others.iter().take(FEW) {
            self.add(0, RowTone::Head, format!("Also: {}", named(task)), Some(task.place));
            let bad: Vec<&HostResult> =
                task.hosts.iter().filter(|host| host.state.is_bad()).collect();
            self.hosts(outline, &bad, FEW);
        }
        if others.len() > FEW {
            self.add(
                0,
                RowTone::Bad,
                format!("and {} more tasks failed", others.len() - FEW),
                None,
            );
        }
    }

    fn hosts(&mut self, outline: &Outline, hosts: &[&HostResult], limit: usize) {
        for result in hosts.iter().take(limit) {
            let name = outline.host(result.host);
            let by = result
                .delegated
                .map_or_else(String::new, |other| format!(" on {}", outline.host(other)));
            let (tone, word) = match result.state {
                State::Failed => (RowTone::Bad, "failed"),
                State::Unreachable => (RowTone::Bad, "unreachable"),
                State::Ignored => (RowTone::Warned, "ignored"),
                State::Rescued => (RowTone::Warned, "rescued"),
                State::Retrying => (RowTone::Active, "tries again"),
                State::Polling => (RowTone::Active, "in the background"),
                State::Ok => (RowTone::Plain, "ok"),
                State::Changed => (RowTone::Plain, "changed"),
                State::Included => (RowTone::Plain, "took in a file"),
                State::Skipped => (RowTone::Quiet, "skipped"),
            };
            let mut text = format!("{name}{by}: {word}");
            if let Some(failure) = &result.failure {
                let item =
                    failure.item.as_ref().map_or_else(String::new, |item| format!(" ({item})"));
                text = format!("{name}{by}{item}: {}", failure.sentence());
            }
            let right = match (result.items, result.failed_items) {
                (0, _) => {
                    result.retries_left.map_or_else(String::new, |left| format!("{left} left"))
                }
                (items, 0) => format!("{items} items"),
                (items, failed) => format!("{failed} of {items} items"),
            };
            self.with(1, tone, text, Some(result.place), right);
        }
        if hosts.len() > limit {
            self.add(1, RowTone::Quiet, format!("and {} more hosts", hosts.len() - limit), None);
        }
    }

    fn notes(&mut self, outline: &Outline) {
        for (kind, one, many, tone) in [
            (NoteKind::Error, "error", "errors", RowTone::Bad),
            (NoteKind::Warning, "warning", "warnings", RowTone::Warned),
            (NoteKind::Deprecation, "deprecation", "deprecations", RowTone::Quiet),
        ] {
            let count = outline.notes_of(kind).count();
            if count == 0 {
                continue;
            }
            let first = outline.notes_of(kind).next().map(|note| note.place);
            self.add(
                0,
                RowTone::Head,
                format!("{count} {}", if count == 1 { one } else { many }),
                first,
            );
            for note in outline.notes_of(kind).take(FEW) {
                let times =
                    if note.times > 1 { format!("{} times", note.times) } else { String::new() };
                self.with(1, tone, note.text.clone(), Some(note.place), times);
            }
        }
    }

    fn slowest(&mut self, outline: &Outline) {
        let mut timed: Vec<(u64, &Task)> = outline
            .tasks()
            .filter_map(|(_, task)| Some((task.took_ms?, task)))
            .filter(|(took, _)| *took >= 1000)
            .collect();
        if timed.is_empty() {
            return;
        }
        timed.sort_by_key(|(took, task)| (std::cmp::Reverse(*took), task.number));
        self.add(0, RowTone::Head, "Slowest tasks", None);
        for (took, task) in timed.iter().take(FEW) {
            self.with(1, RowTone::Plain, named(task), Some(task.place), words(*took));
        }
    }

    fn plays(&mut self, outline: &Outline, unfolded: Option<u32>) {
        let current = outline.current().map(|task| task.number);
        // The newest are listed: from the end, as far as there is room.
        let (mut room, mut from) = (TASK_ROWS, outline.plays.len());
        for play in outline.plays.iter().rev() {
            let needed = play.tasks.len() + 1;
            from -= 1;
            if needed > room {
                break;
            }
            room -= needed;
        }
        let before: usize = outline.plays.iter().take(from).map(|play| play.tasks.len()).sum();
        let gone = before as u64 + outline.dropped.tasks;
        if from > 0 || outline.dropped.is_any() {
            let text = format!(
                "{} plays and {gone} tasks before these are not listed",
                from as u64 + outline.dropped.plays
            );
            self.add(0, RowTone::Quiet, text, Some(Place::default()));
        }
        for play in outline.plays.iter().skip(from) {
            self.play(play);
            let skipped = play.tasks.len().saturating_sub(TASK_ROWS);
            for task in play.tasks.iter().skip(skipped) {
                self.task(
                    outline,
                    task,
                    current == Some(task.number),
                    unfolded == Some(task.number),
                );
            }
        }
    }

    fn play(&mut self, play: &Play) {
        let name = if play.name.is_empty() { "(a play without a name)" } else { &play.name };
        let took: u64 = play.tasks.iter().filter_map(|task| task.took_ms).sum();
        let right = match play {
            _ if play.no_hosts_matched => "no hosts".to_owned(),
            _ if took > 0 => words(took),
            _ => String::new(),
        };
        self.with(0, RowTone::Head, name, Some(play.place), right);
        if let Some(place) = play.no_more_hosts {
            self.add(1, RowTone::Bad, "no host was left", Some(place));
        }
    }

    fn task(&mut self, outline: &Outline, task: &Task, is_current: bool, is_unfolded: bool) {
        let bad = task.counts.failed + task.counts.unreachable;
        let tone = match () {
            () if bad > 0 => RowTone::Bad,
            () if is_current => RowTone::Active,
            () if task.counts.ignored + task.counts.rescued > 0 => RowTone::Warned,
            () if task.counts.total() == task.counts.skipped => RowTone::Quiet,
            () => RowTone::Plain,
        };
        let took = task
            .took_ms
            .filter(|took| *took >= 1000)
            .map_or_else(String::new, |took| format!("  {}", words(took)));
        self.with(
            1,
            tone,
            named(task),
            Some(task.place),
            format!("{}{took}", counts(&task.counts)),
        );
        if let Some(row) = self.0.last_mut() {
            row.task = Some(task.number);
        }
        if is_unfolded {
            let from = self.0.len();
            let hosts: Vec<&HostResult> = task.hosts.iter().collect();
            self.hosts(outline, &hosts, HOST_ROWS);
            if task.hosts_dropped > 0 {
                self.add(
                    1,
                    RowTone::Quiet,
                    format!("{} results are not held", task.hosts_dropped),
                    None,
                );
            }
            for row in self.0.iter_mut().skip(from) {
                row.depth = 2;
                row.task = Some(task.number);
            }
        }
    }
}

/// A task as it is called, or what stands for its name.
fn named(task: &Task) -> String {
    match task.title() {
        title if title.is_empty() => "(before the first banner)".to_owned(),
        title => title,
    }
}

/// `1 failed 3 ok`: what went wrong first, nothing that is not there.
fn counts(counts: &Counts) -> String {
    let parts = [
        (State::Failed, "failed"),
        (State::Unreachable, "lost"),
        (State::Retrying, "waiting"),
        (State::Polling, "running"),
        (State::Ignored, "ignored"),
        (State::Rescued, "rescued"),
        (State::Changed, "changed"),
        (State::Ok, "ok"),
        (State::Included, "in"),
        (State::Skipped, "skipped"),
    ];
    let words = parts
        .iter()
        .filter(|(state, _)| counts.of(*state) > 0)
        .map(|(state, word)| format!("{} {word}", counts.of(*state)));
    words.collect::<Vec<_>>().join(" ")
}

fn words(milliseconds: u64) -> String {
    Age(i64::try_from(milliseconds).unwrap_or(i64::MAX)).long()
}
