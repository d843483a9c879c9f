//! The outline of a log: plays, tasks, hosts, and what stood between them.

use serde::{Deserialize, Serialize};

use super::failure::Failure;

/// Where something stands in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Number of the line, as the feeder counts them.
    pub line: u64,
    /// Byte at which the line begins.
    pub offset: u64,
}

/// What became of a host in a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Done, nothing changed.
    Ok,
    /// Done, something changed.
    Changed,
    /// Not done, because a condition said so.
    Skipped,
    /// Took in another file of tasks.
    Included,
    /// Another try is due.
    Retrying,
    /// A job in the background is asked again and again.
    Polling,
    /// Failed. Ansible prints the same for a failure that a `rescue` mends; the recap tells.
    Failed,
    /// Failed, and the play goes on as if it had not.
    Ignored,
    /// Failed, and a `rescue` mended it: known from the recap.
    Rescued,
    /// Could not be reached.
    Unreachable,
}

impl State {
    /// Whether the task came to an end on the host.
    pub fn is_final(self) -> bool {
        !matches!(self, State::Retrying | State::Polling)
    }

    /// Whether the host is out of the play.
    pub fn is_bad(self) -> bool {
        matches!(self, State::Failed | State::Unreachable)
    }

    /// Whether something went wrong, mended or not.
    pub fn went_wrong(self) -> bool {
        matches!(self, State::Failed | State::Unreachable | State::Ignored | State::Rescued)
    }
}

/// How many hosts are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// [`State::Ok`].
    pub ok: u32,
    /// [`State::Changed`].
    pub changed: u32,
    /// [`State::Skipped`].
    pub skipped: u32,
    /// [`State::Included`].
    pub included: u32,
    /// [`State::Retrying`].
    pub retrying: u32,
    /// [`State::Polling`].
    pub polling: u32,
    /// [`State::Failed`].
    pub failed: u32,
    /// [`State::Ignored`].
    pub ignored: u32,
    /// [`State::Rescued`].
    pub rescued: u32,
    /// [`State::Unreachable`].
    pub unreachable: u32,
}

impl Counts {
    /// The number of hosts in that state.
    pub fn of(&self, state: State) -> u32 {
        match state {
            State::Ok => self.ok,
            State::Changed => self.changed,
            State::Skipped => self.skipped,
            State::Included => self.included,
            State::Retrying => self.retrying,
            State::Polling => self.polling,
            State::Failed => self.failed,
            State::Ignored => self.ignored,
            State::Rescued => self.rescued,
            State::Unreachable => self.unreachable,
        }
    }

    fn slot(&mut self, state: State) -> &mut u32 {
        match state {
            State::Ok => &mut self.ok,
            State::Changed => &mut self.changed,
            State::Skipped => &mut self.skipped,
            State::Included => &mut self.included,
            State::Retrying => &mut self.retrying,
            State::Polling => &mut self.polling,
            State::Failed => &mut self.failed,
            State::Ignored => &mut self.ignored,
            State::Rescued => &mut self.rescued,
            State::Unreachable => &mut self.unreachable,
        }
    }

    /// A host more in that state.
    pub fn add(&mut self, state: State) {
        let slot = self.slot(state);
        *slot = slot.saturating_add(1);
    }

    /// A host less in that state.
    pub fn remove(&mut self, state: State) {
        let slot = self.slot(state);
        *slot = slot.saturating_sub(1);
    }

    /// All hosts.
    pub fn total(&self) -> u32 {
        let quiet = self.ok + self.changed + self.skipped + self.included;
        quiet
            + self.retrying
            + self.polling
            + self.failed
            + self.ignored
            + self.rescued
            + self.unreachable
    }
}

/// What a banner announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `TASK`.
    Task,
    /// `RUNNING HANDLER`.
    Handler,
    /// A task that took in another file of tasks.
    Include,
}

/// One host in one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostResult {
    /// Index in [`Outline::hosts`].
    pub host: u32,
    /// What became of it.
    pub state: State,
    /// Loop items with a result so far; 0 without a loop. A file taken in with a loop counts once per item.
    pub items: u32,
    /// Of these, failed.
    pub failed_items: u32,
    /// Tries left, as the last retry said.
    pub retries_left: Option<u32>,
    /// How many tries were left at the last one, also after it ended well or not.
    pub left_at_last_try: Option<u32>,
    /// Index in [`Outline::hosts`] of the host that did the work.
    pub delegated: Option<u32>,
    /// The line that decided the state.
    pub place: Place,
    /// What went wrong; absent for a failure beyond the limits.
    pub failure: Option<Box<Failure>>,
    /// Of a failed host: it was seen in a later task, so a `rescue` or an `always` is at work.
    pub went_on: bool,
}

/// One banner and what followed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Banners are numbered through the whole log, from 1: names repeat.
    pub number: u32,
    /// The role, where the banner names one.
    pub role: Option<String>,
    /// The name without the role.
    pub name: String,
    /// What kind of banner.
    pub kind: Kind,
    /// Where the banner stands.
    pub place: Place,
    /// Where the task is written (`file:line`): with `-vv` and more.
    pub path: Option<String>,
    /// When it began, in milliseconds since 1970, where a clock is known.
    pub started_ms: Option<i64>,
    /// How long it took, where a clock or `profile_tasks` tells.
    pub took_ms: Option<u64>,
    /// Hosts by state.
    pub counts: Counts,
    /// The hosts, in the order of their first result.
    pub hosts: Vec<HostResult>,
    /// Hosts whose results are counted and no longer held.
    pub hosts_dropped: u32,
    /// Milliseconds between two tries of one host, measured on the clock.
    pub retry_every_ms: Option<u64>,
    /// `Pausing for N seconds`.
    pub pause_s: Option<u64>,
    /// Lines of other programs while the task ran.
    pub other_lines: u64,
}

impl Task {
    /// Role and name as the banner prints them, and as `--start-at-task` wants them.
    pub fn title(&self) -> String {
        match &self.role {
            Some(role) => format!("{role} : {}", self.name),
            None => self.name.clone(),
        }
    }

    /// The most tries that a waiting host has left.
    pub fn retries_left(&self) -> Option<u32> {
        let waiting = self.hosts.iter().filter(|host| host.state == State::Retrying);
        waiting.filter_map(|host| host.retries_left).max()
    }

    /// Milliseconds until the tries run out, if every try takes as long as the last one.
    pub fn tries_last_ms(&self) -> Option<u64> {
        Some(u64::from(self.retries_left()?) * self.retry_every_ms?)
    }
}

/// One play. A play with `serial` is printed once per batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Play {
    /// Plays are numbered through the whole log, from 1.
    pub number: u32,
    /// Which run of ansible-playbook in this log, from 0.
    pub run: u32,
    /// Its name; may be empty.
    pub name: String,
    /// Where the banner stands.
    pub place: Place,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Tasks that are counted and no longer held.
    pub tasks_dropped: u32,
    /// `skipping: no hosts matched`.
    pub no_hosts_matched: bool,
    /// `NO MORE HOSTS LEFT`, and where. Version 2.19 no longer prints it.
    pub no_more_hosts: Option<Place>,
}

/// What a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// `[WARNING]`.
    Warning,
    /// `[DEPRECATION WARNING]`.
    Deprecation,
    /// An error of ansible itself: `ERROR!`, or `[ERROR]` that belongs to no host.
    Error,
}

/// A warning, a deprecation or an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is.
    pub kind: NoteKind,
    /// Its text on one line, cut at 400 characters.
    pub text: String,
    /// Where it first stood.
    pub place: Place,
    /// Number of the task during which it came; 0 before the first.
    pub task: u32,
    /// How often it was printed.
    pub times: u32,
}

/// One host's line of a recap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecapRow {
    /// Index in [`Outline::hosts`].
    pub host: u32,
    /// `ok`, which counts changed, ignored and included ones too.
    pub ok: u32,
    /// `changed`.
    pub changed: u32,
    /// `unreachable`.
    pub unreachable: u32,
    /// `failed`.
    pub failed: u32,
    /// `skipped`.
    pub skipped: u32,
    /// `rescued`.
    pub rescued: u32,
    /// `ignored`.
    pub ignored: u32,
}

/// A `PLAY RECAP`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recap {
    /// The run it ends, as in [`Play::run`].
    pub run: u32,
    /// Where it stands.
    pub place: Place,
    /// Its lines.
    pub rows: Vec<RecapRow>,
}

/// A program that waits for somebody to type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// What it asks.
    pub text: String,
    /// Where it asks.
    pub place: Place,
}

/// Lines that are not Ansible's: wrappers, container pulls, shells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// How many.
    pub lines: u64,
    /// The last one, cut at 400 characters.
    pub last: String,
    /// Where the last one stands.
    pub place: Place,
}

/// What is counted and no longer held, because a log has no upper size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Plays.
    pub plays: u64,
    /// Tasks.
    pub tasks: u64,
    /// Results of hosts.
    pub results: u64,
    /// Results of hosts whose names are not held.
    pub hosts: u64,
    /// Messages of failures.
    pub messages: u64,
    /// Warnings, deprecations and errors.
    pub notes: u64,
    /// Lines of recaps.
    pub recaps: u64,
}

impl Dropped {
    /// Whether anything is missing.
    pub fn is_any(&self) -> bool {
        *self != Dropped::default()
    }
}

/// Everything that was understood.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The plays, in the order of the log.
    pub plays: Vec<Play>,
    /// Names of hosts; everything else refers to them by index.
    pub hosts: Vec<String>,
    /// Warnings, deprecations and errors, each once.
    pub notes: Vec<Note>,
    /// The recaps.
    pub recaps: Vec<Recap>,
    /// Lines of other programs.
    pub other: Other,
    /// Lines of `-v` to `-vvvv` that tell nothing about a result.
    pub verbose_lines: u64,
    /// What waits for somebody to type, at the end of the log.
    pub prompt: Option<Prompt>,
    /// `User interrupted execution`, and where.
    pub interrupted: Option<Place>,
    /// How long the last finished run took, where `timer` told.
    pub took_ms: Option<u64>,
    /// When the last line came, in milliseconds since 1970, where a clock is known.
    pub last_ms: Option<i64>,
    /// Lines read.
    pub lines: u64,
    /// The log is at its end.
    pub ended: bool,
    /// The log ends in the middle of a line.
    pub cut: bool,
    /// What is counted and no longer held.
    pub dropped: Dropped,
}

impl Outline {
    /// Whether this is a log of Ansible at all.
    pub fn is_ansible(&self) -> bool {
        !self.plays.is_empty() || self.dropped.plays > 0 || !self.recaps.is_empty()
    }

    /// The name of a host.
    pub fn host(&self, index: u32) -> &str {
        self.hosts.get(index as usize).map_or("", String::as_str)
    }

    /// The task that runs now: the last banner, unless the run has its recap or was interrupted.
    pub fn current(&self) -> Option<&Task> {
        let play = self.plays.last()?;
        let over = self.recaps.last().is_some_and(|recap| recap.run >= play.run);
        if over || self.ended || self.interrupted.is_some() { None } else { play.tasks.last() }
    }

    /// Every task with its play.
    pub fn tasks(&self) -> impl DoubleEndedIterator<Item = (&Play, &Task)> {
        self.plays.iter().flat_map(|play| play.tasks.iter().map(move |task| (play, task)))
    }

    /// The task of that number, while it is held.
    pub fn task(&self, number: u32) -> Option<&Task> {
        let play = self.plays.get(self.play_of(number)?)?;
        let at = play.tasks.binary_search_by_key(&number, |task| task.number).ok()?;
        play.tasks.get(at)
    }

    pub(super) fn task_mut(&mut self, number: u32) -> Option<&mut Task> {
        let play = self.play_of(number)?;
        let play = self.plays.get_mut(play)?;
        let at = play.tasks.binary_search_by_key(&number, |task| task.number).ok()?;
        play.tasks.get_mut(at)
    }

    /// The play that holds task `number`: the last one whose first task is not later.
    fn play_of(&self, number: u32) -> Option<usize> {
        // Plays without tasks stand between others: they go by the task before them.
        let holds = |play: &Play| play.tasks.last().is_some_and(|task| task.number >= number);
        let from = self
            .plays
            .iter()
            .rposition(|play| play.tasks.first().is_some_and(|task| task.number <= number))?;
        self.plays.get(from).is_some_and(holds).then_some(from)
    }

    /// Notes of one kind.
    pub fn notes_of(&self, kind: NoteKind) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |note| note.kind == kind)
    }
}
