//! A command on another host: the runner holds the line to it, keeps what it
//! prints, and lets the host forget it when all of that is on stable storage.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use zeroize::Zeroizing;

use crate::install::journal::{Ending, Event, StopLevel};
use crate::inventory::Settings;
use crate::transport::secrets::SecretStore;
use crate::transport::ssh::SshPool;

use super::super::child::UNWATCHED;
use super::super::journal_file::Journal;
use super::super::order::RemoteOrder;
use super::super::output::WhenFull;
use super::super::remote::sweep::{self, Swept};
use super::super::remote::{
    AttemptId, Detached, End, Followed, Follower, From, News, Patience, RemoteCommand,
    TerminalState, follow, ssh_settings,
};
use super::super::store::Runs;
use super::super::{machine, stop};
use super::keys::Keys;
use super::stopping::StopDone;
use super::{Conductor, Heard};

/// How long a host may be silent before its command can have begun there. Afterwards it may be for ever.
const BEFORE: Duration = Duration::from_secs(60);
/// How long either part of tidying up on the host may take.
const TIDYING: Duration = Duration::from_secs(5);
/// Keys that may wait for the line.
const TYPED: usize = 64;

/// The command on the other host.
pub(super) struct RemoteRun {
    detached: Detached,
    following: AbortHandle,
    /// Whether what it prints goes to the keeper, which then sees its end.
    pub(super) gives: bool,
    pub(super) is_tidying: bool,
}

/// What the line says.
pub(super) enum RemoteNews {
    /// What happens besides output.
    Line(News),
    /// It came to its end.
    Over(Followed),
    /// Keys that may not have arrived: one sentence.
    NotTyped(String),
    /// What became of things that the host kept.
    Swept(Vec<Swept>),
    /// Tidying up is done.
    Tidy,
}

/// What goes to the terminal there.
pub(super) enum Typed {
    /// Keys; they are kept nowhere.
    Bytes(Zeroizing<Vec<u8>>),
    /// Its size: columns and rows.
    Size(u16, u16),
}

/// Opens the journal of a run that is gone on with; the name of its attempt.
/// After a power failure the end of the output may not be what was written: it
/// is fetched again from the last place that was on stable storage.
///
/// # Errors
/// When there is nothing to go on with, or what the disk says.
pub(super) fn go_on(runs: &Runs, run: u64) -> io::Result<(Journal, String)> {
    let journal = Journal::go_on(runs, run)?;
    let state = journal.state();
    let attempt = state.attempts.last().filter(|_| state.goes_on_at().is_some());
    let attempt = attempt
        .map(|attempt| attempt.id.clone())
        .ok_or_else(|| io::Error::other(format!("run {run} is over; nothing of it goes on")))?;
    if state.boot != machine::boot_id() {
        let output = runs.open_to_append(&runs.directory(run).join("output"))?;
        if output.metadata()?.len() > state.output {
            output.set_len(state.output)?;
        }
    }
    Ok((journal, attempt))
}

impl Conductor {
    /// Begins the command on its host, or goes on with it.
    pub(super) fn start_remote(&mut self, on: RemoteOrder) {
        let host = on.endpoint.name.clone();
        if on.resumes.is_none() && !self.note_attempt(Some(host)) {
            return;
        }
        match self.follow_remote(on) {
            Ok(remote) => self.remote = Some(remote),
            Err(why) => {
                self.exited = Some((Ending::NotStarted { why, code: 126 }, Instant::now()));
            }
        }
    }

    fn follow_remote(&mut self, on: RemoteOrder) -> Result<RemoteRun, String> {
        let attempt = AttemptId::new(&self.attempt).ok_or("the attempt has no name")?;
        let given = self.order.stdin.take().map(|given| given.0).unwrap_or_default();
        let mut command =
            RemoteCommand::new(self.remote_words(), given).map_err(|error| error.to_string())?;
        if on.has_terminal {
            command = command.on_terminal(UNWATCHED.0, UNWATCHED.1);
        }
        let settings = ssh_settings(&Settings::load(Path::new(&on.endpoint.directory)));
        let pool = SshPool::new(settings, std::sync::Arc::new(SecretStore::default()));
        let detached = Detached::new(pool, on.endpoint, attempt);
        let trouble = |error: io::Error| format!("no pipe for the output: {error}");
        let (to, from) = pipe::pipe().map_err(trouble)?;
        let from = from.into_nonblocking_fd().map_err(trouble)?;
        let offset = self.output.borrow().written;
        self.keeper.start(from, WhenFull::Wait).map_err(trouble)?;
        let (told, current) = (self.told.clone(), detached.clone());
        let resumes = on.resumes.is_some();
        let following = tokio::spawn(async move {
            let mut giving = Giving { to, told: told.clone() };
            let from = if resumes { From::Offset(offset) } else { From::Start(&command) };
            let patience = Patience { before: BEFORE, after: None };
            let followed = follow(&current, from, patience, &mut giving).await;
            // Ends what the keeper reads.
            drop(giving);
            let _ = told.send(Heard::Remote(RemoteNews::Over(followed))).await;
        });
        let following = following.abort_handle();
        Ok(RemoteRun { detached, following, gives: true, is_tidying: false })
    }

    /// The argument vector, with the variables that were given before it.
    fn remote_words(&self) -> Vec<String> {
        let variables = self.order.variables.iter().map(|(name, value)| format!("{name}={value}"));
        let mut words: Vec<String> = variables.collect();
        if !words.is_empty() {
            words.insert(0, "env".to_owned());
        }
        words.extend(self.order.argv.iter().cloned());
        words
    }

    pub(super) fn remote_news(&mut self, news: RemoteNews) {
        match news {
            RemoteNews::Line(news) => self.line_news(news),
            RemoteNews::Over(followed) => {
                if self.exited.is_none() {
                    self.exited = Some((ending(followed), Instant::now()));
                }
            }
            RemoteNews::NotTyped(sentence) => {
                if let Some(holder) = self.pen.holder() {
                    self.reply(holder, super::super::protocol::Standing::Refused, sentence);
                }
            }
            RemoteNews::Swept(swept) => {
                for one in swept {
                    self.note(match one {
                        Swept::Cleared(attempt) => Event::RemoteCleared { attempt },
                        Swept::Left(why) => Event::RemoteLeft { why },
                        Swept::Behind(left) => Event::LeftBehind { left },
                    });
                }
            }
            RemoteNews::Tidy => {
                if let Some(remote) = &mut self.remote {
                    remote.is_tidying = false;
                }
            }
        }
    }

    fn line_news(&mut self, news: News) {
        match news {
            News::Begun(directory) => {
                let known = self.journal.state().remote.as_ref();
                if known.and_then(|remote| remote.directory.as_ref()) != Some(&directory) {
                    let terminal = self.order.on.as_ref().is_some_and(|on| on.has_terminal);
                    self.note(Event::RemoteBegun { directory, terminal });
                }
                // One that was cut when the last runner died is back now.
                self.note_back();
            }
            News::Unkept => {
                self.note(Event::RemoteUnkept);
            }
            News::Cut(why) => {
                self.note(Event::LineCut { why });
            }
            News::Back => self.note_back(),
            News::Terminal(TerminalState::None) => self.terminal = None,
            News::Terminal(now) => {
                match &mut self.terminal {
                    Some(Keys::Remote(state, _)) => *state = now,
                    _ => self.terminal = self.remote_keys(now),
                }
                self.prompted.look_again();
            }
        }
    }

    fn note_back(&mut self) {
        if self.journal.state().remote.as_ref().is_some_and(|remote| remote.cut.is_some()) {
            self.note(Event::LineBack);
        }
    }

    fn remote_keys(&self, state: TerminalState) -> Option<Keys> {
        let detached = self.remote.as_ref()?.detached.clone();
        let (keys, mut typed) = mpsc::channel(TYPED);
        let told = self.told.clone();
        tokio::spawn(async move {
            while let Some(next) = typed.recv().await {
                let done = match &next {
                    Typed::Bytes(bytes) => detached.enter(bytes).await,
                    Typed::Size(columns, rows) => detached.resize(*columns, *rows).await,
                };
                if let (Err(cause), Typed::Bytes(_)) = (done, &next) {
                    let sentence = format!(
                        "{}; what was typed may not have arrived, so look before it is typed again",
                        cause.sentence
                    );
                    let news = Heard::Remote(RemoteNews::NotTyped(sentence));
                    if told.send(news).await.is_err() {
                        return;
                    }
                }
            }
        });
        Some(Keys::Remote(state, keys))
    }

    /// Lets the host forget the attempt, if everything of it is safe here.
    pub(super) fn tidy_remote(&mut self, is_safe: bool) {
        let state = self.journal.state();
        let is_kept = state.remote.as_ref().is_some_and(|remote| remote.directory.is_some());
        let is_known = !matches!(state.ending(), Some(Ending::Unknown { .. }) | None);
        let is_safe = is_safe && self.journal.waiting() == 0;
        let Some(remote) = self.remote.as_mut().filter(|_| is_kept && is_known && is_safe) else {
            return;
        };
        remote.is_tidying = true;
        let (detached, told) = (remote.detached.clone(), self.told.clone());
        let runs = self.runs.clone();
        tokio::spawn(async move {
            let late = || {
                Swept::Left(format!(
                    "{} did not answer in time; what it keeps of this run goes with a later one",
                    detached.host()
                ))
            };
            let cleared = tokio::time::timeout(TIDYING, sweep::clear(&detached)).await;
            let swept = cleared.unwrap_or_else(|_| vec![late()]);
            let _ = told.send(Heard::Remote(RemoteNews::Swept(swept))).await;
            // What earlier runs left there goes by the way.
            let others = tokio::time::timeout(TIDYING, sweep::sweep(&runs, &detached)).await;
            let _ = told.send(Heard::Remote(RemoteNews::Swept(others.unwrap_or_default()))).await;
            let _ = told.send(Heard::Remote(RemoteNews::Tidy)).await;
        });
    }

    /// Stops the command on its host. A kill over a line that is cut gives the command up.
    pub(super) fn stop_remote(
        &mut self,
        level: StopLevel,
        asker: Option<super::super::pen::WatcherId>,
    ) -> bool {
        let Some(remote) = &self.remote else { return false };
        let host = remote.detached.host().to_owned();
        let is_cut = self.journal.state().remote.as_ref().is_some_and(|r| r.cut.is_some());
        let (detached, to) = (remote.detached.clone(), self.told.clone());
        let is_given_up = level == StopLevel::Kill && is_cut && self.exited.is_none();
        if is_given_up {
            remote.following.abort();
            let why = format!(
                "{host} could not be reached when the run was to be killed; its command may still run there"
            );
            self.exited = Some((Ending::Unknown { why }, Instant::now()));
        }
        tokio::spawn(async move {
            let done = match is_given_up {
                true => StopDone::failed(
                    format!(
                        "{host} cannot be reached: the run is given up, its command may still run there"
                    ),
                    asker,
                ),
                false => match stop::stop_on_host(&detached, level).await {
                    Ok(stopped) => StopDone::new(stopped, asker),
                    Err(sentence) => StopDone::failed(sentence, asker),
                },
            };
            // The conductor is gone when this fails; nobody is left to tell.
            let _ = to.send(Heard::Stopped(done)).await;
        });
        true
    }
}

fn ending(followed: Followed) -> Ending {
    match followed {
        Followed::Ended(End::Exit(code)) => Ending::Exit { code },
        Followed::Ended(End::Signal(number)) => Ending::Signal { number, core: false },
        Followed::Unknown(why) => Ending::Unknown { why },
        Followed::NotBegun(why) => Ending::NotStarted { why, code: 126 },
    }
}

/// Gives what comes to the keeper, and news to the conductor.
struct Giving {
    to: pipe::Sender,
    told: mpsc::Sender<Heard>,
}

impl Follower for Giving {
    async fn give(&mut self, bytes: Vec<u8>) {
        // The keeper reads until this end is closed.
        let _ = self.to.write_all(&bytes).await;
    }

    async fn news(&mut self, news: News) {
        let _ = self.told.send(Heard::Remote(RemoteNews::Line(news))).await;
    }
}
