//! The runner: one task that owns a run. It alone writes the journal, touches
//! the child and decides whose word counts; everything else sends it news.

mod consoles;
mod keys;
mod people;
mod prompting;
mod remote;
mod restoring;
mod stopping;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use crate::install::journal::{Ending, Event, Person, StepAct, StepEvent};

use super::child::{self, Launch};
use super::consoles::Hosted;
use super::handoff::{self, Handoff};
use super::index::Index;
use super::journal_file::Journal;
use super::oom::KillCount;
use super::order::{self, Order, Started};
use super::output::{Keeper, Progress, WhenFull};
use super::pen::{Pen, WatcherId};
use super::prompts::Prompts;
use super::remote::sweep::remote_mark;
use super::server::{self, News, Shown};
use super::store::Runs;
use super::survivors::{self, Marks};
use super::{environment, guard, machine};

use consoles::ConsoleStands;
use keys::Keys;
use people::Watcher;
use remote::{RemoteNews, RemoteRun};
use stopping::StopDone;

/// News that may wait.
const QUEUE: usize = 256;
/// How often the run looks after itself.
const TICK: Duration = Duration::from_millis(250);
/// How often output is put on stable storage and marked in the journal, while some comes.
const MARK: Duration = Duration::from_secs(10);
/// After the command ended nothing must come for so long until the run is over.
const QUIET: Duration = Duration::from_millis(300);
/// How long a full disk that has room now and then is told again.
const TOLD: Duration = Duration::from_secs(5);
/// How long output may wait for room on a full disk after the command ended.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long watchers may take to read the end.
const GOODBYE: Duration = Duration::from_secs(10);

/// What the conductor hears.
enum Heard {
    Server(News),
    Exited(io::Result<ExitStatus>),
    Stopped(StopDone),
    Console(ConsoleStands),
    Remote(RemoteNews),
    GuardianGone,
    Told,
    Tick,
}

/// Runs the runner: what the guardian handed over comes on standard input.
///
/// # Errors
/// What stood in the way of the run, one sentence.
pub async fn run(runs: &Runs, site: &Path) -> Result<(), String> {
    let handoff = handoff::receive().map_err(|error| format!("no guardian's order: {error}"))?;
    let trouble = |error: io::Error| {
        let sentence = format!("the run could not begin: {error}");
        guard::tell(&Started::Trouble(sentence.clone()));
        sentence
    };
    // A hang-up, Ctrl-C or Ctrl-\ is nobody's word here. They are heard and not
    // ignored, so that the command has them as a login shell would.
    let mut hangup = signal(SignalKind::hangup()).map_err(trouble)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(trouble)?;
    let mut quit = signal(SignalKind::quit()).map_err(trouble)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(trouble)?;
    let (told, heard) = mpsc::channel(QUEUE);
    let to = told.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = hangup.recv() => {}
                _ = interrupt.recv() => {}
                _ = quit.recv() => {}
                _ = terminate.recv() => if to.send(Heard::Told).await.is_err() { return },
            }
        }
    });
    let mut conductor = Conductor::begin(runs, site, handoff, told).map_err(trouble)?;
    conductor.conduct(heard).await;
    conductor.journal.close();
    Ok(())
}

/// Everything about a run while it runs.
struct Conductor {
    runs: Runs,
    run: u64,
    order: Order,
    attempt: String,
    /// Until only consoles are left of the run.
    lease: Option<OwnedFd>,
    /// To tell the guardian that the lease is given back.
    guardian: std::os::unix::net::UnixStream,
    hosted: Hosted,
    /// When it was looked last whether the lease can be given back.
    looked: Option<Instant>,
    journal: Journal,
    journal_length: watch::Sender<u64>,
    keeper: std::sync::Arc<Keeper>,
    output: watch::Receiver<Progress>,
    end: watch::Sender<Option<u64>>,
    told: mpsc::Sender<Heard>,
    prompts: Prompts,
    prompted: prompting::Prompted,
    terminal: Option<Keys>,
    remote: Option<RemoteRun>,
    size: (u16, u16),
    watchers: BTreeMap<WatcherId, Watcher>,
    pen: Pen,
    is_stopping: bool,
    kills: Option<KillCount>,
    exited: Option<(Ending, Instant)>,
    over: Option<Instant>,
    marked: (u64, Instant),
    told_behind: Option<Instant>,
    /// What watchers were told of a journal that cannot be written.
    unwritten: Option<String>,
    began: Instant,
    index: Option<Index>,
}

impl Conductor {
    fn begin(
        runs: &Runs,
        site: &Path,
        handoff: Handoff,
        told: mpsc::Sender<Heard>,
    ) -> io::Result<Conductor> {
        let Handoff { order, run, lease, guardian } = handoff;
        let (mut journal, attempt) = match order.resumes() {
            Some(_) => remote::go_on(runs, run)?,
            None => (Journal::create(runs, run)?, attempt_id(runs, run, order.on.is_some())?),
        };
        let keeper = Keeper::create(runs, run)?;
        if order.resumes().is_none() {
            journal.append(Event::RunCreated {
                run,
                title: order::text_without_secrets(&order.title),
                argv: order::without_secrets(&order.argv),
                directory: order.directory.clone(),
                by: order.by.clone(),
                host: machine::host_name(),
                boot: machine::boot_id(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            })?;
        }
        for event in &order.step {
            journal.append(Event::Step(event.clone()))?;
        }
        journal.append(Event::RunnerStarted {
            pid: own_pid(),
            guardian: i32::try_from(std::os::unix::process::parent_id()).unwrap_or(0),
            scope: order.scope.clone(),
            note: order.note.clone(),
        })?;
        let (prompts, mistake) = Prompts::load(site);
        if let Some(mistake) = mistake {
            tracing::warn!("{mistake}");
        }
        let journal_length = watch::Sender::new(journal.length());
        let end = watch::Sender::new(None);
        let (to_us, mut from_server) = mpsc::channel(QUEUE);
        let shown = Shown {
            output: keeper.progress(),
            journal: journal_length.subscribe(),
            end: end.subscribe(),
        };
        server::serve(runs, run, shown, to_us)?;
        let to = told.clone();
        tokio::spawn(async move {
            while let Some(news) = from_server.recv().await {
                if to.send(Heard::Server(news)).await.is_err() {
                    return;
                }
            }
        });
        let to_guardian = guardian.try_clone()?;
        follow_guardian(guardian, told.clone())?;
        let index = Index::open(runs).ok();
        Ok(Conductor {
            attempt,
            runs: runs.clone(),
            run,
            lease: Some(lease),
            guardian: to_guardian,
            hosted: Hosted::new(site),
            looked: None,
            journal,
            journal_length,
            output: keeper.progress(),
            keeper,
            end,
            told,
            prompts,
            prompted: prompting::Prompted::default(),
            terminal: None,
            remote: None,
            size: child::UNWATCHED,
            watchers: BTreeMap::new(),
            pen: Pen::default(),
            is_stopping: false,
            kills: None,
            exited: None,
            over: None,
            marked: (0, Instant::now()),
            told_behind: None,
            unwritten: None,
            began: Instant::now(),
            index,
            order,
        })
    }

    async fn conduct(&mut self, mut heard: mpsc::Receiver<Heard>) {
        self.note_in_index();
        guard::tell(&Started::Run(self.run));
        match self.order.on.clone() {
            Some(on) => self.start_remote(on),
            None => self.start_child(),
        }
        let to = self.told.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
            loop {
                ticks.tick().await;
                if to.send(Heard::Tick).await.is_err() {
                    return;
                }
            }
        });
        while let Some(news) = heard.recv().await {
            match news {
                Heard::Server(news) => self.server(news),
                Heard::Exited(status) => self.child_exited(status),
                Heard::Stopped(done) => self.stop_done(done),
                Heard::Console(stands) => self.console_stands(stands),
                Heard::GuardianGone => {
                    self.note(Event::GuardianLost);
                    // What is left behind now comes to us instead.
                    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
                }
                Heard::Remote(news) => self.remote_news(news),
                // The command on the other host needs nobody here; a later runner goes on with it.
                Heard::Told if self.remote.is_some() && self.over.is_none() => {
                    self.close_consoles("the runner was told to end", None);
                    return;
                }
                Heard::Told => {
                    self.close_consoles("the runner was told to end", None);
                    let by =
                        Person { name: "the system".into(), account: machine::account_name(0) };
                    self.stop(crate::install::journal::StopLevel::Term, by, None);
                }
                Heard::Tick => self.tick(),
            }
            self.end_when_quiet();
            if self.may_leave() {
                return;
            }
        }
    }

    /// Writes something down; a full disk is said in the log and tried again.
    fn note(&mut self, event: Event) -> bool {
        let result = self.journal.append(event);
        if let Err(error) = &result {
            tracing::error!("the journal cannot be written: {error}");
        }
        self.journal_length.send_if_modified(|length| {
            let is_new = *length != self.journal.length();
            *length = self.journal.length();
            is_new
        });
        result.is_ok()
    }

    /// On stable storage before the command can do anything; `false` where that cannot be.
    fn note_attempt(&mut self, on: Option<String>) -> bool {
        let attempt = self.attempt.clone();
        let is_noted = self.note(Event::AttemptStarted { attempt, number: 1, on });
        if !is_noted {
            let why = "the journal cannot be written; nothing was started".to_owned();
            self.exited = Some((Ending::NotStarted { why, code: 126 }, Instant::now()));
        }
        is_noted
    }

    fn start_child(&mut self) {
        if !self.note_attempt(None) {
            return;
        }
        let ours = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let launch = Launch {
            argv: self.order.argv.clone(),
            directory: PathBuf::from(&self.order.directory),
            stdin: self.order.stdin.take(),
            environment: environment::of_child(
                ours,
                &self.order.variables,
                self.run,
                &self.attempt,
            ),
        };
        self.kills = KillCount::start(&machine::control_groups(own_pid()));
        let Some(lease) = &self.lease else { return };
        match child::start(&launch, lease) {
            Err(ending) => self.exited = Some((ending, Instant::now())),
            Ok((mut child, terminal, reader)) => {
                let pid = i32::try_from(child.id()).unwrap_or(0);
                let (columns, rows) = self.size;
                self.note(Event::ChildStarted { pid, columns, rows });
                self.terminal = Some(Keys::Local(terminal));
                let to = self.told.clone();
                let waiting = std::thread::Builder::new().name("child".into()).spawn(move || {
                    // The conductor is gone when this fails; nobody is left to tell.
                    let _ = to.blocking_send(Heard::Exited(child.wait()));
                });
                let reading = waiting.and_then(|_| self.keeper.start(reader, WhenFull::Drop));
                if let Err(error) = reading {
                    tracing::error!("no thread for the output: {error}");
                }
            }
        }
    }

    fn child_exited(&mut self, status: io::Result<ExitStatus>) {
        let was_oom = self.kills.as_ref().is_some_and(KillCount::rose)
            && self.journal.state().stop != Some(crate::install::journal::StopLevel::Kill);
        let ending = match status {
            Ok(status) => child::ending(status, was_oom),
            Err(error) => Ending::Unknown { why: format!("the system does not say: {error}") },
        };
        self.exited = Some((ending, Instant::now()));
    }

    /// The run is over when the command ended and what it wrote has come.
    fn end_when_quiet(&mut self) {
        if self.over.is_some() || self.is_stopping {
            return;
        }
        let Some((ending, at)) = &self.exited else { return };
        let progress = *self.output.borrow();
        let last = self.keeper.tail().at.max(*at);
        let is_quiet = last.elapsed() >= QUIET;
        // On a full disk some of it may still find room.
        let may_come = progress.is_behind && at.elapsed() < PATIENCE;
        // What another host printed is given to its end, however long a full disk takes.
        let must_come = self.remote.as_ref().is_some_and(|remote| remote.gives);
        let is_open = self.terminal.is_some() && (!is_quiet || may_come);
        if !progress.is_over && (must_come || is_open) {
            return;
        }
        let (ending, how) = (ending.clone(), ending.to_string());
        self.note_gaps();
        // A full disk keeps what it has.
        let synced = self.keeper.sync();
        let is_safe = synced.is_ok();
        let offset = synced.unwrap_or(progress.written);
        self.note(Event::AttemptEnded { attempt: self.attempt.clone(), ending, offset });
        if let Some(step) = self.journal.state().step.clone() {
            let exit = self.journal.state().exit();
            self.note(Event::Step(StepEvent { act: StepAct::Ended { exit }, ..step }));
        }
        let left = survivors::describe(&survivors::find(&self.marks()));
        if !left.is_empty() {
            self.note(Event::LeftBehind { left });
        }
        if !self.note(Event::RunEnded { offset }) {
            self.say_unwritten_end(&how);
        }
        self.note_in_index();
        self.end.send_replace(Some(offset));
        self.tidy_remote(is_safe);
        self.over = Some(Instant::now());
        self.consoles_over();
    }

    /// Whether nothing is left to do: no output can come, and watchers have read the end.
    fn may_leave(&self) -> bool {
        let Some(over) = self.over else { return false };
        let is_silent = self.terminal.is_none() || self.output.borrow().is_over;
        let may_wait = over.elapsed() < GOODBYE;
        is_silent
            && self.hosted.open_numbers().is_empty()
            && !self.is_stopping
            && !self.remote.as_ref().is_some_and(|remote| remote.is_tidying)
            && (self.watchers.is_empty() || !may_wait)
            && (self.journal.waiting() == 0 || !may_wait)
    }

    fn tick(&mut self) {
        self.retry_journal();
        self.note_gaps();
        self.look_for_prompt();
        self.pen_tick();
        self.consoles_tick();
        let (marked, at) = self.marked;
        if at.elapsed() >= MARK {
            self.restore_directory();
            if self.output.borrow().written > marked
                && let Ok(offset) = self.keeper.sync()
            {
                self.note(Event::OutputMark { offset });
                self.marked.0 = offset;
            }
            self.marked.1 = Instant::now();
        } else if !self.journal.is_in_place() {
            self.restore_directory();
        }
    }

    fn note_gaps(&mut self) {
        for gap in self.keeper.take_gaps() {
            self.note(Event::OutputLost { offset: gap.offset, bytes: gap.bytes, why: gap.why });
        }
        let progress = *self.output.borrow();
        let (offset, is_told) = (progress.written, self.journal.state().behind.is_some());
        let may_tell = self.told_behind.is_none_or(|at| at.elapsed() >= TOLD);
        if progress.is_behind && !is_told && may_tell {
            // Told when it begins: whoever looks after a crash must know that some may be missing.
            self.told_behind = Some(Instant::now());
            self.note(Event::OutputBehind { offset, why: self.keeper.refusal() });
        } else if !progress.is_behind && is_told {
            self.note(Event::OutputCaughtUp { offset });
        }
    }

    /// What gives the run's processes away, without us and the guardian.
    fn marks(&self) -> Marks {
        let marks = Marks::of(self.journal.state(), &self.runs.mark(), self.runs.lease_path());
        Marks { except_below: self.hosted.processes(), ..marks }
    }

    fn note_in_index(&mut self) {
        // The index can be made again from the journals; nothing depends on it.
        if let Some(index) = &mut self.index
            && let Err(error) = index.note(self.journal.state(), true)
        {
            tracing::warn!("the index of runs was not written: {error}");
        }
    }

    /// Milliseconds since the run began, which no clock can set back.
    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn own_pid() -> i32 {
    i32::try_from(std::process::id()).unwrap_or(0)
}

/// An id that no other attempt of any site has: site, run, number, chance. One
/// on another host begins differently: that host may be this machine under another name.
fn attempt_id(runs: &Runs, run: u64, is_elsewhere: bool) -> io::Result<String> {
    let mut chance = [0; 4];
    rustix::rand::getrandom(&mut chance, rustix::rand::GetRandomFlags::empty())?;
    let site = if is_elsewhere { remote_mark(runs) } else { runs.mark() };
    Ok(format!("{site}-{run}-1-{:08x}", u32::from_be_bytes(chance)))
}

fn follow_guardian(
    line: std::os::unix::net::UnixStream,
    told: mpsc::Sender<Heard>,
) -> io::Result<()> {
    line.set_nonblocking(true)?;
    let mut line = tokio::net::UnixStream::from_std(line)?;
    tokio::spawn(async move {
        // It sends nothing more; the line ends with it.
        let _ = line.read(&mut [0]).await;
        let _ = told.send(Heard::GuardianGone).await;
    });
    Ok(())
}
