//! From a journal to the state of a run.

use serde::{Deserialize, Serialize};

use crate::domain::Stamp;

use super::event::{Ending, Event, Person, Process, StopLevel};
use super::line::Entry;
use super::step_event::{StepAct, StepEvent};

/// The state of a run, in closed words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunWord {
    /// It runs.
    Running,
    /// It runs and asks for something that a person must type.
    Waiting,
    /// It stands at a gate and nothing runs.
    Parked,
    /// It ended well.
    Done,
    /// It ended, and not well.
    Failed,
    /// It ended because somebody stopped it.
    Stopped,
    /// Nobody saw how it ended.
    #[default]
    Unknown,
}

impl RunWord {
    /// All words.
    pub const ALL: [RunWord; 7] = [
        RunWord::Running,
        RunWord::Waiting,
        RunWord::Parked,
        RunWord::Done,
        RunWord::Failed,
        RunWord::Stopped,
        RunWord::Unknown,
    ];

    /// The word in JSON and on screen.
    pub const fn word(self) -> &'static str {
        match self {
            RunWord::Running => "running",
            RunWord::Waiting => "waiting",
            RunWord::Parked => "parked",
            RunWord::Done => "done",
            RunWord::Failed => "failed",
            RunWord::Stopped => "stopped",
            RunWord::Unknown => "unknown",
        }
    }

    /// Whether its end was seen.
    pub const fn is_over(self) -> bool {
        !self.is_open() && !matches!(self, RunWord::Unknown)
    }

    /// Whether something may still happen in it.
    pub const fn is_open(self) -> bool {
        matches!(self, RunWord::Running | RunWord::Waiting | RunWord::Parked)
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id.
    pub id: String,
    /// Counts from 1.
    pub number: u32,
    /// The host it runs on, where that is not this machine.
    pub on: Option<String>,
    /// The command's process, once it was started.
    pub pid: Option<i32>,
    /// When it began.
    pub started: Stamp,
    /// When it ended; never before it began, whatever the clock did.
    pub ended: Option<Stamp>,
    /// How it ended.
    pub ending: Option<Ending>,
}

/// The other host that a run's command is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// Its name in the inventory.
    pub host: String,
    /// Where it keeps output and exit status; `None` until it has said so.
    pub directory: Option<String>,
    /// Whether the command has a terminal there.
    pub has_terminal: bool,
    /// Whether it can keep nothing: the command is on the line itself.
    pub is_unkept: bool,
    /// Whether it has forgotten the attempt, after everything was fetched.
    pub is_cleared: bool,
    /// Since when the line is cut, and why.
    pub cut: Option<(Stamp, String)>,
    /// How often it was cut.
    pub cuts: u32,
}

/// Output that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Where in the output file it would have stood.
    pub offset: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Why.
    pub why: String,
}

/// Output that the disk refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// Bytes of the output file by then.
    pub offset: u64,
    /// Since when.
    pub since: Stamp,
    /// What the disk says.
    pub why: String,
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// The line of the journal that tells of it: an answer names it.
    pub seq: u64,
    /// The prompt's name.
    pub name: String,
    /// The line as it stands on the terminal.
    pub text: String,
    /// Whether the terminal hides what is typed.
    pub hides: bool,
    /// Since when.
    pub since: Stamp,
}

/// A console of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunConsole {
    /// Counts from 1 in the run.
    pub number: u64,
    /// What it is called.
    pub name: String,
    /// How it goes there, a few words.
    pub way: String,
    /// Who opened it.
    pub by: Person,
    /// Who typed in it last.
    pub keys: Option<Person>,
    /// When it was opened.
    pub opened: Stamp,
    /// When its line ended; `None` while it is open.
    pub ended: Option<Stamp>,
    /// How it ended.
    pub why: Option<String>,
    /// Whether it was closed: its text is in the recording only.
    pub is_closed: bool,
}

/// A run, as its journal tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Run {
    /// Its number in the site.
    pub id: u64,
    /// What people call it.
    pub title: String,
    /// The argument vector, secrets replaced by their names.
    pub argv: Vec<String>,
    /// The directory it runs in.
    pub directory: String,
    /// Who wanted it.
    pub by: Person,
    /// The machine it runs on.
    pub host: String,
    /// The machine's boot id when it began.
    pub boot: String,
    /// The runner's process.
    pub runner: Option<i32>,
    /// The guardian's process.
    pub guardian: Option<i32>,
    /// The systemd scope it lives in.
    pub scope: Option<String>,
    /// What is worth knowing about how it lives.
    pub note: Option<String>,
    /// When it was wanted.
    pub started: Stamp,
    /// When it was over.
    pub ended: Option<Stamp>,
    /// Its attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The step of a plan that it is, as it was begun.
    pub step: Option<StepEvent>,
    /// Bytes of output, as last written down.
    pub output: u64,
    /// The other host that its command is on.
    pub remote: Option<Remote>,
    /// Output that is missing.
    pub lost: Vec<Lost>,
    /// Where the disk refuses output now, since when and why: what came after it may be lost.
    pub behind: Option<Behind>,
    /// What it waits for.
    pub prompt: Option<Prompt>,
    /// The hardest stop that was asked for.
    pub stop: Option<StopLevel>,
    /// Who asked for it.
    pub stopped_by: Option<Person>,
    /// Who may act.
    pub pen: Option<Person>,
    /// Who watches, in the order they came.
    pub watchers: Vec<Person>,
    /// Processes that outlived the command or a stop, as last seen.
    pub left: Vec<Process>,
    /// Its consoles, in the order they were opened.
    pub consoles: Vec<RunConsole>,
    /// Whether others may begin although its runner lives: nothing but consoles is left of it.
    pub has_returned_lease: bool,
    /// Things worth knowing, one sentence each.
    pub notes: Vec<String>,
    /// The number of the last line.
    pub seq: u64,
    /// When the last line was written, by the latest time seen.
    pub latest: Stamp,
    is_over: bool,
    last: Stamp,
}

/// The state after these lines. Any prefix of a journal folds.
pub fn fold(entries: &[Entry]) -> Run {
    let mut run = Run::default();
    for entry in entries {
        run.take(entry);
    }
    run
}

impl Run {
    /// The state in one word. Only the machine can say whether the runner
    /// lives; of a run that is not over and has no runner, nobody saw the end.
    pub fn word(&self, has_runner: bool) -> RunWord {
        if !self.is_over && has_runner {
            return if self.prompt.is_some() { RunWord::Waiting } else { RunWord::Running };
        }
        match self.ending() {
            None | Some(Ending::Unknown { .. }) => RunWord::Unknown,
            Some(Ending::NotStarted { .. }) => RunWord::Failed,
            Some(_) if self.stop.is_some() => RunWord::Stopped,
            Some(Ending::Exit { code: 0 }) => RunWord::Done,
            Some(_) => RunWord::Failed,
        }
    }

    /// How the last attempt ended.
    pub fn ending(&self) -> Option<&Ending> {
        self.attempts.last()?.ending.as_ref()
    }

    /// The exit status as a shell counts it.
    pub fn exit(&self) -> Option<i32> {
        self.ending()?.status()
    }

    /// Whether the run was written down as over.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// The console of that number.
    pub fn console(&self, number: u64) -> Option<&RunConsole> {
        self.consoles.iter().find(|console| console.number == number)
    }

    fn console_mut(&mut self, number: u64) -> Option<&mut RunConsole> {
        self.consoles.iter_mut().find(|console| console.number == number)
    }

    /// What happened to a console.
    fn take_console(&mut self, at: Stamp, event: &Event) {
        match event {
            Event::ConsoleOpened { console, name, way, by } => self.consoles.push(RunConsole {
                number: *console,
                name: name.clone(),
                way: way.clone(),
                by: by.clone(),
                keys: None,
                opened: at,
                ended: None,
                why: None,
                is_closed: false,
            }),
            Event::ConsoleAgain { console, .. } => {
                if let Some(known) = self.console_mut(*console) {
                    (known.ended, known.why) = (None, None);
                }
            }
            Event::ConsoleKeys { console, by } => {
                if let Some(known) = self.console_mut(*console) {
                    known.keys = Some(by.clone());
                }
            }
            Event::ConsoleEnded { console, why } => {
                if let Some(known) = self.console_mut(*console) {
                    known.ended = Some(at.max(known.opened));
                    known.why = Some(why.clone());
                }
            }
            Event::ConsoleClosed { console, why, .. } => {
                if let Some(known) = self.console_mut(*console) {
                    known.is_closed = true;
                    known.ended.get_or_insert(at.max(known.opened));
                    known.why.get_or_insert_with(|| why.clone());
                }
            }
            _ => {}
        }
    }

    /// The other host on which its command may still be, as far as this journal
    /// knows: it keeps what was printed, so that a later runner can go on.
    pub fn goes_on_at(&self) -> Option<&str> {
        let remote = self.remote.as_ref().filter(|remote| !remote.is_unkept)?;
        (!self.is_over && self.ending().is_none()).then_some(remote.host.as_str())
    }

    /// Takes in the next line.
    pub fn take(&mut self, entry: &Entry) {
        if entry.seq > 1 && entry.at.plus_millis(1_000) < self.last {
            let back = (self.last.0.saturating_sub(entry.at.0)) / 1000;
            self.notes
                .push(format!("the clock was set back by {back} s before line {}", entry.seq));
        }
        self.seq = entry.seq;
        self.latest = self.latest.max(entry.at);
        self.last = entry.at;
        let at = entry.at;
        match &entry.event {
            Event::RunCreated { run, title, argv, directory, by, host, boot, version: _ } => {
                self.id = *run;
                self.title.clone_from(title);
                self.argv.clone_from(argv);
                self.directory.clone_from(directory);
                self.by = by.clone();
                self.host.clone_from(host);
                self.boot.clone_from(boot);
                self.started = at;
            }
            Event::RunnerStarted { pid, guardian, scope, note } => {
                self.runner = Some(*pid);
                self.guardian = Some(*guardian);
                self.scope.clone_from(scope);
                self.note.clone_from(note);
                // Whoever was there was there with the runner before this one.
                self.watchers.clear();
                (self.pen, self.prompt) = (None, None);
            }
            Event::AttemptStarted { attempt, number, on } => {
                self.remote = on.as_ref().map(|host| Remote {
                    host: host.clone(),
                    directory: None,
                    has_terminal: false,
                    is_unkept: false,
                    is_cleared: false,
                    cut: None,
                    cuts: 0,
                });
                self.attempts.push(Attempt {
                    id: attempt.clone(),
                    number: *number,
                    on: on.clone(),
                    pid: None,
                    started: at,
                    ended: None,
                    ending: None,
                });
            }
            Event::RemoteBegun { .. }
            | Event::RemoteUnkept
            | Event::LineCut { .. }
            | Event::LineBack
            | Event::RemoteCleared { .. }
            | Event::RemoteLeft { .. } => self.take_remote(entry),
            Event::ChildStarted { pid, .. } => {
                if let Some(attempt) = self.attempts.last_mut() {
                    attempt.pid = Some(*pid);
                }
            }
            Event::OutputMark { offset } => self.output = self.output.max(*offset),
            Event::OutputBehind { offset, why } => {
                self.behind = Some(Behind { offset: *offset, since: at, why: why.clone() });
            }
            Event::OutputCaughtUp { offset } => {
                self.output = self.output.max(*offset);
                self.behind = None;
            }
            Event::OutputLost { offset, bytes, why } => {
                self.behind = None;
                self.lost.push(Lost { offset: *offset, bytes: *bytes, why: why.clone() });
            }
            Event::PromptSeen { name, text, hides } => {
                self.prompt = Some(Prompt {
                    seq: entry.seq,
                    name: name.clone(),
                    text: text.clone(),
                    hides: *hides,
                    since: at,
                });
            }
            Event::PromptAnswered { .. } | Event::PromptGone { .. } => self.prompt = None,
            Event::StopAsked { level, by } => {
                // A stop of what is over already changes nothing about how it ended.
                if self.attempts.last().is_some_and(|attempt| attempt.ending.is_none()) {
                    self.stop = self.stop.max(Some(*level));
                    self.stopped_by = Some(by.clone());
                }
            }
            Event::SignalSent { .. } | Event::PenAsked { .. } | Event::PenRefused { .. } => {}
            Event::NotStopped { left, .. } | Event::LeftBehind { left } => {
                self.left.clone_from(left);
            }
            Event::PenTaken { by, .. } => self.pen = Some(by.clone()),
            Event::PenReleased { .. } => self.pen = None,
            Event::WatcherCame { by } => self.watchers.push(by.clone()),
            Event::WatcherLeft { by } => {
                if let Some(index) = self.watchers.iter().position(|watcher| watcher == by) {
                    self.watchers.remove(index);
                }
            }
            Event::ConsoleOpened { .. }
            | Event::ConsoleAgain { .. }
            | Event::ConsoleKeys { .. }
            | Event::ConsoleEnded { .. }
            | Event::ConsoleClosed { .. } => self.take_console(at, &entry.event),
            Event::LeaseReturned => self.has_returned_lease = true,
            Event::GuardianLost => self.notes.push("the guardian was killed".into()),
            Event::DirectoryRestored => {
                self.notes
                    .push("the run's directory was removed while it ran and made again".into());
            }
            Event::AttemptEnded { attempt, ending, offset } => {
                self.output = self.output.max(*offset);
                self.prompt = None;
                if let Some(known) =
                    self.attempts.iter_mut().rev().find(|known| known.id == *attempt)
                {
                    known.ended = Some(at.max(known.started));
                    known.ending = Some(ending.clone());
                }
            }
            Event::RunEnded { offset } => {
                self.output = self.output.max(*offset);
                self.ended = Some(at.max(self.started));
                self.is_over = true;
            }
            Event::Step(event) => {
                // The state of a plan is a fold of its own.
                if matches!(event.act, StepAct::Started { .. }) {
                    self.step = Some(event.clone());
                }
            }
            Event::Other => {}
        }
    }

    fn take_remote(&mut self, entry: &Entry) {
        if let Event::RemoteLeft { why } = &entry.event {
            self.notes.push(why.clone());
        }
        let last = self.attempts.last().map(|attempt| attempt.id.as_str());
        let Some(remote) = &mut self.remote else { return };
        match &entry.event {
            Event::RemoteBegun { directory, terminal } => {
                remote.directory = Some(directory.clone());
                remote.has_terminal = *terminal;
            }
            Event::RemoteUnkept => remote.is_unkept = true,
            Event::LineCut { why } => {
                remote.cut = Some((entry.at, why.clone()));
                remote.cuts += 1;
            }
            Event::LineBack => remote.cut = None,
            // Of another run otherwise, which is tidied up by the way.
            Event::RemoteCleared { attempt } if last == Some(attempt) => remote.is_cleared = true,
            _ => {}
        }
    }
}
