//! What a journal can say.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who did something: the name a person gave at login, and the account it came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    /// What the person is called (`eve`); people share accounts.
    pub name: String,
    /// The account of this machine (`ops`), or its number where it has no name.
    pub account: String,
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.account.is_empty() || self.account == self.name {
            f.write_str(&self.name)
        } else {
            write!(f, "{} ({})", self.name, self.account)
        }
    }
}

/// A process of this machine, as people look for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// Its command line, made safe to show.
    pub command: String,
    /// When it was started, in milliseconds since 1970; `None` where that is not known.
    pub since: Option<i64>,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.pid, self.command)
    }
}

/// How hard a run is asked to stop. Each level is confirmed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopLevel {
    /// SIGINT: as Ctrl-C does.
    Int,
    /// SIGTERM.
    Term,
    /// SIGKILL: nothing can be tidied up.
    Kill,
}

impl StopLevel {
    /// All levels, mildest first.
    pub const ALL: [StopLevel; 3] = [StopLevel::Int, StopLevel::Term, StopLevel::Kill];

    /// Its word on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            StopLevel::Int => "int",
            StopLevel::Term => "term",
            StopLevel::Kill => "kill",
        }
    }

    /// The next harder one.
    pub const fn next(self) -> Option<StopLevel> {
        match self {
            StopLevel::Int => Some(StopLevel::Term),
            StopLevel::Term => Some(StopLevel::Kill),
            StopLevel::Kill => None,
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "end")]
pub enum Ending {
    /// The command ended by itself.
    Exit {
        /// Its exit status.
        code: i32,
    },
    /// A signal ended it.
    Signal {
        /// The signal's number.
        number: i32,
        /// Whether it left a core dump.
        core: bool,
    },
    /// The kernel killed it because memory had run out.
    OutOfMemory,
    /// It could not be started: one sentence.
    NotStarted {
        /// Why.
        why: String,
        /// What a shell would have said: 127 for no such command, 126 for one that cannot be run.
        code: i32,
    },
    /// Nobody saw how it ended.
    Unknown {
        /// Why nobody saw it.
        why: String,
    },
}

impl Ending {
    /// The exit status as a shell counts it; `None` when nobody knows.
    pub fn status(&self) -> Option<i32> {
        match self {
            Ending::Exit { code } | Ending::NotStarted { code, .. } => Some(*code),
            Ending::Signal { number, .. } => Some(128 + number),
            Ending::OutOfMemory => Some(128 + 9),
            Ending::Unknown { .. } => None,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Exit { code } => write!(f, "exit {code}"),
            Ending::Signal { number, core } => {
                let core = if *core { ", core dumped" } else { "" };
                write!(f, "ended by {}{core}", signal_name(*number))
            }
            Ending::OutOfMemory => f.write_str("killed by the kernel: out of memory"),
            Ending::NotStarted { why, .. } => write!(f, "not started: {why}"),
            Ending::Unknown { why } => write!(f, "unknown: {why}"),
        }
    }
}

/// The name of a signal on Linux; its number where it has no name of its own.
pub fn signal_name(number: i32) -> String {
    const NAMES: [&str; 16] = [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
        "USR2", "PIPE", "ALRM", "TERM",
    ];
    match usize::try_from(number).ok().and_then(|n| NAMES.get(n)).filter(|name| !name.is_empty()) {
        Some(name) => format!("SIG{name}"),
        None => format!("signal {number}"),
    }
}

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Event {
    /// A run was wanted.
    RunCreated {
        /// Its number in the site.
        run: u64,
        /// What people call it.
        title: String,
        /// The argument vector, secrets replaced by their names.
        argv: Vec<String>,
        /// The directory it runs in.
        directory: String,
        /// Who wanted it.
        by: Person,
        /// The machine it runs on.
        host: String,
        /// The machine's boot id: after a reboot it is another one.
        boot: String,
        /// The version of the program that wrote this.
        version: String,
    },
    /// The runner is ready.
    RunnerStarted {
        /// The runner's process.
        pid: i32,
        /// The guardian's process.
        guardian: i32,
        /// The systemd scope it lives in, where there is one.
        scope: Option<String>,
        /// What is worth knowing about how it lives.
        note: Option<String>,
    },
    /// An attempt begins; written before the command is started.
    AttemptStarted {
        /// Its id, also in the child's environment.
        attempt: String,
        /// Counts from 1 in the run.
        number: u32,
        /// The host it runs on, where that is not this machine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<String>,
    },
    /// The other host says that the command was begun there.
    RemoteBegun {
        /// Where it keeps output and exit status until they are fetched.
        directory: String,
        /// Whether the command has a terminal there.
        #[serde(default)]
        terminal: bool,
    },
    /// The other host can keep no files: the command runs on the line itself.
    RemoteUnkept,
    /// The line to the other host is cut; the command goes on there.
    LineCut {
        /// One sentence.
        why: String,
    },
    /// The other host answers again.
    LineBack,
    /// The other host has forgotten the attempt: everything was fetched and is on stable storage.
    RemoteCleared {
        /// The attempt.
        attempt: String,
    },
    /// The other host still keeps something of an attempt.
    RemoteLeft {
        /// One sentence: what, where and why.
        why: String,
    },
    /// The command was started.
    ChildStarted {
        /// Its process, which leads a session of its own.
        pid: i32,
        /// Columns of its terminal.
        columns: u16,
        /// Rows of its terminal.
        rows: u16,
    },
    /// So much output is on stable storage.
    OutputMark {
        /// Bytes of the output file.
        offset: u64,
    },
    /// The disk refuses output: from here on it waits in memory, and what finds no room there is lost.
    OutputBehind {
        /// Bytes of the output file by then.
        offset: u64,
        /// What the disk says.
        why: String,
    },
    /// The disk took all that waited.
    OutputCaughtUp {
        /// Bytes of the output file by then.
        offset: u64,
    },
    /// Output could not be kept.
    OutputLost {
        /// Where in the output file it would have stood.
        offset: u64,
        /// How many bytes are missing there.
        bytes: u64,
        /// Why.
        why: String,
    },
    /// The command asks for something.
    PromptSeen {
        /// The prompt's name in `assets/prompts.yml`.
        name: String,
        /// The line as it stands on the terminal.
        text: String,
        /// Whether the terminal hides what is typed. Taken to be so where an older journal does not say.
        #[serde(default = "yes")]
        hides: bool,
    },
    /// Somebody answered; what was typed is kept nowhere.
    PromptAnswered {
        /// The prompt's name.
        name: String,
        /// Who.
        by: Person,
    },
    /// The command asks no more, and nobody answered here.
    PromptGone {
        /// The prompt's name.
        name: String,
    },
    /// Somebody wants the run to stop; written before any signal.
    StopAsked {
        /// How hard.
        level: StopLevel,
        /// Who.
        by: Person,
    },
    /// A signal was sent.
    SignalSent {
        /// Which.
        level: StopLevel,
        /// To how many processes.
        processes: u32,
        /// What container engines were told, one line each.
        containers: Vec<String>,
    },
    /// These still run after a stop.
    NotStopped {
        /// Which level left them.
        level: StopLevel,
        /// Who they are.
        left: Vec<Process>,
    },
    /// Somebody may act now.
    PenTaken {
        /// Who.
        by: Person,
        /// Who had it before.
        from: Option<Person>,
        /// Whether the one before said nothing for as long as is waited.
        silent: bool,
    },
    /// Somebody wants to act while another one may.
    PenAsked {
        /// Who asks.
        by: Person,
        /// Who is asked.
        of: Person,
    },
    /// The one who may act said no.
    PenRefused {
        /// Who said no.
        by: Person,
        /// Who had asked.
        to: Person,
    },
    /// Nobody may act now.
    PenReleased {
        /// Who had it.
        by: Person,
    },
    /// Somebody watches.
    WatcherCame {
        /// Who.
        by: Person,
    },
    /// Somebody watches no more.
    WatcherLeft {
        /// Who.
        by: Person,
    },
    /// A console is opened in the run; written before it is.
    ConsoleOpened {
        /// Its number in the run, from 1.
        console: u64,
        /// What it is called, secrets replaced by their names.
        name: String,
        /// How it goes there, a few words.
        way: String,
        /// Who opened it.
        by: Person,
    },
    /// What ended is connected again.
    ConsoleAgain {
        /// Its number.
        console: u64,
        /// Who wanted it.
        by: Person,
    },
    /// Somebody may type in a console now; what is typed is kept nowhere.
    ConsoleKeys {
        /// Its number.
        console: u64,
        /// Who.
        by: Person,
    },
    /// The line of a console ended; its text stays.
    ConsoleEnded {
        /// Its number.
        console: u64,
        /// How, one sentence.
        why: String,
    },
    /// A console was closed; its recording stays.
    ConsoleClosed {
        /// Its number.
        console: u64,
        /// Why, one sentence.
        why: String,
        /// Who closed it; `None` when the runner did.
        by: Option<Person>,
    },
    /// The run is over and nothing of it is left but consoles: others may begin.
    LeaseReturned,
    /// The guardian is gone; the runner goes on alone.
    GuardianLost,
    /// The run's directory was removed while it ran, and was made again.
    DirectoryRestored,
    /// An attempt ended.
    AttemptEnded {
        /// Its id.
        attempt: String,
        /// How.
        ending: Ending,
        /// Bytes of output by then.
        offset: u64,
    },
    /// Processes of the attempt that outlived the command.
    LeftBehind {
        /// Who they are.
        left: Vec<Process>,
    },
    /// Something happened to a step of a plan.
    Step(super::step_event::StepEvent),
    /// The run is over.
    RunEnded {
        /// Bytes of output by then.
        offset: u64,
    },
    /// Something that a later program of the same version writes.
    #[serde(other)]
    Other,
}

fn yes() -> bool {
    true
}
