//! From lines to the outline.

use super::body;
use super::grammar::{self, Line, classify};
use super::limits::{Held, Limits, enforce};
use super::note::{Open as OpenNote, Seen};
use super::outline::{Kind, NoteKind, Outline, Place, Play, Prompt, Recap, RecapRow, State, Task};
use super::plain::plain;
use super::recap;
use super::timing::{self, Mark};
use crate::domain::untrusted::printable;

mod hosts;

use hosts::Hosts;

/// What the next lines may belong to.
#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    /// The body of a result, up to a `}` in column 0.
    Json,
    /// The body of a result, as long as lines are indented.
    Yaml,
    /// A warning or an error.
    Note(Box<OpenNote>),
    Recap,
    /// A file's difference, up to a blank line.
    Diff,
    /// The longest tasks of `profile_tasks`: told by their marks already.
    Profile,
}

/// The failed result whose body is being read.
#[derive(Debug)]
struct Failing {
    host: u32,
    item: Option<String>,
    changed: bool,
}

/// Reads a log line by line and keeps its [`Outline`], in bounded memory.
#[derive(Debug, Default)]
pub struct Reader {
    outline: Outline,
    limits: Limits,
    held: Held,
    hosts: Hosts,
    open: Open,
    failing: Option<Failing>,
    /// The body of the failed result, as far as it came.
    body: String,
    /// An `[ERROR]` of 2.19 that the next failed result explains itself with.
    explained: Option<Box<OpenNote>>,
    seen: Seen,
    /// Room for a line without its escape sequences.
    buffer: String,
    /// The clock, where the feeder has one.
    now: Option<i64>,
    /// Whether the clock gives the durations, or `profile_tasks` does.
    profiled: bool,
    /// The task whose duration `profile_tasks` tells next.
    due: Option<u32>,
    after_banner: bool,
    /// Columns of the last banner: warnings are wrapped there too.
    width: usize,
    tasks: u32,
    plays: u32,
    run: u32,
    run_over: bool,
    /// Hosts that failed in the current task and may yet be ignored, last one last.
    fresh: Vec<u32>,
    /// The host of the last line about one.
    last_host: Option<u32>,
    /// Failures of this run that the recap may call rescued: host and task.
    unsettled: Vec<(u32, u32)>,
}

impl Reader {
    /// A reader at the beginning of a log.
    pub fn new() -> Reader {
        Reader::default()
    }

    #[cfg(test)]
    pub(super) fn with_limits(limits: Limits) -> Reader {
        Reader { limits, ..Reader::default() }
    }

    /// What was understood so far.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// The clock for the lines that come next, in milliseconds since 1970.
    pub fn clock(&mut self, unix_ms: i64) {
        self.now = Some(unix_ms);
    }

    /// The next line: its number, the byte at which it begins, its text as it
    /// stands in the log. A very long line may be cut.
    pub fn line(&mut self, number: u64, offset: u64, text: &str) {
        let place = Place { line: number, offset };
        self.outline.lines += 1;
        self.outline.prompt = None;
        if self.now.is_some() {
            self.outline.last_ms = self.now;
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let line = plain(text, &mut buffer);
        if !self.continues(line.text, place) {
            self.take(line.text, line.colour, place);
        }
        self.buffer = buffer;
    }

    /// The line that has no end yet, after a moment of silence: it may ask for
    /// something to be typed. It is given again with [`Reader::line`] when its end comes.
    pub fn unfinished(&mut self, number: u64, offset: u64, text: &str) {
        let mut buffer = String::new();
        let text = plain(text, &mut buffer).text;
        let asks = grammar::is_prompt(text) && classify(text) == Line::Other;
        let place = Place { line: number, offset };
        self.outline.prompt = asks.then(|| Prompt { text: printable(text), place });
    }

    /// The log is at its end; `cut` when it ends in the middle of something.
    pub fn end(&mut self, cut: bool) {
        self.close();
        self.give_up_explanation();
        self.outline.ended = true;
        self.outline.cut = cut;
        if !self.profiled {
            self.finish_task();
        }
    }

    /// Whether the line belongs to a body or a recap that is open; takes it in if so.
    fn continues(&mut self, text: &str, place: Place) -> bool {
        match self.open {
            Open::Json if text.starts_with(' ') || text.starts_with('}') => {
                self.keep_body(text);
                if text.starts_with('}') {
                    self.close();
                }
                true
            }
            Open::Yaml
                if (text.is_empty() || text.starts_with(' '))
                    && !text.starts_with(" [ERROR]: ") =>
            {
                self.keep_body(text);
                true
            }
            Open::Recap => {
                let Some(row) = recap::row(text) else {
                    self.open = Open::Nothing;
                    return text.is_empty();
                };
                self.recap_row(&row, place);
                true
            }
            Open::Json | Open::Yaml => {
                self.close();
                false
            }
            _ => false,
        }
    }

    fn keep_body(&mut self, text: &str) {
        if self.failing.is_some() && self.body.len() < self.limits.body {
            let room = self.limits.body - self.body.len();
            let end = text.floor_char_boundary(room.min(text.len()));
            self.body.push_str(text.get(..end).unwrap_or(text));
            self.body.push('\n');
        }
    }

    /// Ends whatever is open.
    fn close(&mut self) {
        match std::mem::take(&mut self.open) {
            Open::Json | Open::Yaml => {
                if let Some(failing) = self.failing.take() {
                    let text = std::mem::take(&mut self.body);
                    self.explain(&failing, &body::fields(&text));
                    self.body = text;
                    self.body.clear();
                }
            }
            Open::Note(note) => self.note(*note),
            _ => {}
        }
    }

    fn note(&mut self, note: OpenNote) {
        // In a task the error explains the failed result that follows it.
        if note.kind == NoteKind::Error && self.tasks > 0 && !self.run_over {
            self.give_up_explanation();
            self.explained = Some(Box::new(note));
        } else {
            self.seen.keep(note, &mut self.outline, self.limits.notes);
        }
    }

    fn give_up_explanation(&mut self) {
        if let Some(note) = self.explained.take() {
            self.seen.keep(*note, &mut self.outline, self.limits.notes);
        }
    }

    fn take(&mut self, text: &str, colour: &str, place: Place) {
        let line = classify(text);
        if matches!(line, Line::Other | Line::Blank) {
            self.unknown(text, colour, place, line == Line::Blank);
            return;
        }
        self.close();
        match line {
            Line::Play(name) => self.play(name, text, place),
            Line::Task { kind, title } => self.task(kind, title, text, place),
            Line::Result(outcome) => self.result(&outcome, place),
            Line::Included { hosts, item } => self.included(hosts, item, place),
            Line::Ignoring => self.ignore(),
            Line::Retry { host, left, opens } => {
                if let Some(host) = host.and_then(|host| self.host(host)) {
                    self.retry(host, left, place);
                }
                if opens {
                    self.open = Open::Json;
                }
            }
            Line::Async { host, polling } => {
                if polling && let Some(host) = self.host(host) {
                    self.settle(host, State::Polling, None, place);
                }
            }
            Line::TaskPath(path) => {
                if let Some(task) = self.current() {
                    task.path.get_or_insert_with(|| printable(path));
                }
            }
            Line::Pause(seconds) => {
                if let Some(task) = self.current() {
                    task.pause_s = Some(seconds);
                }
            }
            Line::Playbook => self.begin_run(),
            Line::NoHostsMatched => {
                if let Some(play) = self.outline.plays.last_mut() {
                    play.no_hosts_matched = true;
                }
            }
            Line::NoMoreHosts => {
                if let Some(play) = self.outline.plays.last_mut() {
                    play.no_more_hosts = Some(place);
                }
            }
            Line::RecapHead => self.recap_head(place),
            Line::Warning(text) => self.open_note(NoteKind::Warning, text, place, colour),
            Line::Deprecation(text) => self.open_note(NoteKind::Deprecation, text, place, colour),
            Line::Error(text) => self.open_note(NoteKind::Error, text, place, colour),
            Line::Fatal(text) => {
                // Of ansible itself: no result follows, and no recap.
                self.give_up_explanation();
                self.finish_task();
                self.run_over = true;
                self.open_note(NoteKind::Error, text, place, colour);
            }
            Line::Interrupted => {
                self.finish_task();
                self.outline.interrupted = Some(place);
                self.run_over = true;
            }
            Line::Took(milliseconds) => self.outline.took_ms = Some(milliseconds),
            Line::DiffHead => self.open = Open::Diff,
            Line::ProfileHead => self.open = Open::Profile,
            Line::Decoration | Line::Blank | Line::Other => {}
        }
    }

    fn open_note(&mut self, kind: NoteKind, text: &str, place: Place, colour: &str) {
        let width = if self.width == 0 { 79 } else { self.width };
        let note = OpenNote::new(kind, text, place, self.tasks, colour, width);
        self.open = Open::Note(Box::new(note));
    }

    /// A line that is nothing by itself.
    fn unknown(&mut self, text: &str, colour: &str, place: Place, blank: bool) {
        let belongs = match &mut self.open {
            Open::Note(note) => note.takes(text, colour),
            Open::Diff => text.starts_with([' ', '+', '-', '@', '\\']),
            Open::Profile => text.contains(" --") && text.trim_end().ends_with('s'),
            _ => false,
        };
        if belongs {
            return;
        }
        self.close();
        if blank {
            return;
        }
        if let Some(mark) = timing::mark(text) {
            self.mark(mark);
        } else if colour == "0;34" {
            self.outline.verbose_lines += 1;
        } else {
            self.other(text, place);
        }
    }

    fn other(&mut self, text: &str, place: Place) {
        if let Some(task) = self.current() {
            task.other_lines += 1;
        }
        let other = &mut self.outline.other;
        other.lines += 1;
        other.place = place;
        // Most lines are plain; only the others need a closer look.
        if text.len() <= 400 && text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
            other.last.clear();
            other.last.push_str(text.trim());
        } else {
            other.last = printable(text.get(..text.floor_char_boundary(4096)).unwrap_or(text));
        }
    }

    fn begin_run(&mut self) {
        let has_plays = self.outline.plays.last().is_some_and(|play| play.run == self.run);
        if self.run_over || has_plays {
            self.run += 1;
        }
        self.run_over = false;
        self.outline.interrupted = None;
        self.unsettled.clear();
        self.hosts.forget_failures();
        self.due = None;
    }

    fn play(&mut self, name: &str, text: &str, place: Place) {
        self.finish_task();
        self.give_up_explanation();
        if self.run_over {
            self.begin_run();
        }
        self.width = text.chars().count();
        self.plays += 1;
        self.outline.plays.push(Play {
            number: self.plays,
            run: self.run,
            name: printable(name),
            place,
            tasks: Vec::new(),
            tasks_dropped: 0,
            no_hosts_matched: false,
            no_more_hosts: None,
        });
        enforce(&mut self.outline, &mut self.held, &self.limits);
    }

    fn task(&mut self, kind: Kind, title: &str, text: &str, place: Place) {
        self.finish_task();
        self.give_up_explanation();
        self.width = text.chars().count();
        self.begin_task(kind, title, place);
        self.after_banner = true;
    }

    fn begin_task(&mut self, kind: Kind, title: &str, place: Place) {
        if self.outline.plays.is_empty() || self.run_over {
            // The log begins in the middle of a play.
            self.play("", "", place);
        }
        let (role, name) = match title.split_once(" : ") {
            Some((role, name)) => (Some(printable(role)), name),
            None => (None, title),
        };
        self.tasks += 1;
        self.fresh.clear();
        self.held.tasks += 1;
        let task = Task {
            number: self.tasks,
            role,
            name: printable(name),
            kind,
            place,
            path: None,
            started_ms: self.now,
            took_ms: None,
            counts: Default::default(),
            hosts: Vec::new(),
            hosts_dropped: 0,
            retry_every_ms: None,
            pause_s: None,
            other_lines: 0,
        };
        if let Some(play) = self.outline.plays.last_mut() {
            play.tasks.push(task);
        }
        enforce(&mut self.outline, &mut self.held, &self.limits);
    }

    /// The task of the last banner, in a run that is not over.
    fn current(&mut self) -> Option<&mut Task> {
        if self.run_over { None } else { self.outline.plays.last_mut()?.tasks.last_mut() }
    }

    /// The clock at the end of the current task.
    fn finish_task(&mut self) {
        let (now, profiled) = (self.now, self.profiled);
        if let Some(task) = self.current()
            && !profiled
            && let (Some(now), Some(start)) = (now, task.started_ms)
        {
            task.took_ms.get_or_insert(u64::try_from(now - start).unwrap_or(0));
        }
    }

    fn mark(&mut self, mark: Mark) {
        if !self.profiled {
            self.profiled = true;
        }
        let number = self.tasks;
        if let Some(task) = self.due.and_then(|due| self.outline.task_mut(due)) {
            task.took_ms = Some(mark.previous_ms);
        }
        self.due = None;
        if std::mem::take(&mut self.after_banner) && !self.run_over {
            self.due = Some(number);
            if let Some(task) = self.current()
                && task.started_ms.is_none()
            {
                task.started_ms = mark.at_ms;
            }
        }
    }

    fn recap_head(&mut self, place: Place) {
        self.finish_task();
        self.give_up_explanation();
        self.run_over = true;
        self.outline.recaps.push(Recap { run: self.run, place, rows: Vec::new() });
        self.open = Open::Recap;
    }

    fn recap_row(&mut self, row: &recap::Row<'_>, place: Place) {
        let Some(host) = self.host(row.host) else { return };
        self.held.recap_rows += 1;
        let entry = RecapRow {
            host,
            ok: row.ok,
            changed: row.changed,
            unreachable: row.unreachable,
            failed: row.failed,
            skipped: row.skipped,
            rescued: row.rescued,
            ignored: row.ignored,
        };
        if let Some(recap) = self.outline.recaps.last_mut() {
            recap.rows.push(entry);
        } else {
            self.outline.recaps.push(Recap { run: self.run, place, rows: vec![entry] });
        }
        self.rescue(host, row.failed, row.rescued);
    }

    /// The recap tells which failures were mended: all but the last `failed` ones.
    fn rescue(&mut self, host: u32, failed: u32, rescued: u32) {
        let mine: Vec<u32> =
            self.unsettled.iter().filter(|(of, _)| *of == host).map(|(_, task)| *task).collect();
        let mended = mine.len().saturating_sub(failed as usize).min(rescued as usize);
        for number in mine.iter().take(mended) {
            let Some(task) = self.outline.task_mut(*number) else { continue };
            let Some(result) = task.hosts.iter_mut().find(|result| result.host == host) else {
                continue;
            };
            task.counts.remove(result.state);
            result.state = State::Rescued;
            task.counts.add(State::Rescued);
        }
        self.unsettled.retain(|(of, _)| *of != host);
    }

    /// The index of a host, new or known; none beyond the limit.
    fn host(&mut self, name: &str) -> Option<u32> {
        let host = self.hosts.index(name, &mut self.outline.hosts, self.limits.hosts);
        if host.is_none() {
            self.outline.dropped.hosts += 1;
        }
        host
    }
}
