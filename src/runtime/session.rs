//! The loop: keys, answers and time become messages; messages change the
//! model; effects are done; the model is drawn.

use std::io::{BufWriter, Stdout, Write as _};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::app::consoles::{ConsoleNews, Place, farewells};
use crate::app::model::{Size, Start};
use crate::app::msg::Outcome;
use crate::app::{Input, Model, Msg, update};
use crate::domain::faults::FaultLab;
use crate::domain::untrusted::without_controls;
use crate::logs::source::Source;
use crate::ui::look::{Look, LookEnv};

use super::asker::Asker;
use super::chosen::{choose_keymap, choose_look, look_choices, look_env};
use super::consoles::{Consoles, Taken};
use super::executor::Executor;
use super::history::History;
use super::load::{LoadOptions, Loaded};
use super::painter::Painter;
use super::preferences::Preferences;
use super::recorder::Recorder;
use super::scrub::Scrub;
use super::secret_field::{SecretField, Typed};
use super::signals::Endings;
use super::state_dir::StateDir;
use super::terminal::{self, TerminalGuard};
use super::{clock, crash, log, run_store, terminal_input};

mod answers;
mod wishes;

/// Everything but keys is drawn at most this often.
const FRAME: Duration = Duration::from_millis(33);

/// The same while nobody typed for [`WATCHED`]: answers of hundreds of hosts
/// come all the time, and drawing each of them would be most of what an idle
/// console costs.
const QUIET_FRAME: Duration = Duration::from_secs(1);

/// For so long after a key its consequences are drawn as they come.
const WATCHED: Duration = Duration::from_secs(3);

/// Messages that may wait. Probes wait when it is full: a flood slows the
/// askers, never the keys.
const QUEUE: usize = 4096;

/// How long the last rows of the history may take to be written when the screen is left.
const GOODBYE: Duration = Duration::from_secs(2);

/// Messages applied between two looks at the keyboard.
const BATCH: usize = 256;

/// How to open the full screen.
pub struct SessionOptions {
    /// How the site is read.
    pub load: LoadOptions,
    /// Words of `--look`.
    pub look: Option<String>,
    /// The demo site's faults, if it is one.
    pub faults: Option<Arc<dyn FaultLab>>,
    /// The screen to open first.
    pub screen: Option<String>,
    /// The one console to open; nothing else is looked at then.
    pub console: Option<Place>,
    /// Logs that are open from the start.
    pub logs: Vec<Source>,
    /// Fail on purpose after the first frame, for the tests of the panic hook.
    pub force_panic: bool,
}

/// Opens the full screen and returns the exit status when it is left.
///
/// # Errors
/// When there is no terminal, or the system has no room for our handlers.
pub async fn run(options: SessionOptions) -> std::io::Result<u8> {
    let mut endings = Endings::listen()?;
    crash::this_thread_draws();
    let term = std::env::var("TERM").unwrap_or_default();
    let is_plain = matches!(term.as_str(), "" | "dumb" | "linux" | "vt100" | "vt102" | "vt220");
    let preferences = Preferences::read();
    let force_panic = options.force_panic;
    let mut session = Session::new(options, preferences, is_plain)?;
    if force_panic {
        session.draw().await?;
        crash::fail_on_purpose();
    }
    let status = session.run(&mut endings).await;
    let farewells = farewells(&session.model);
    let refusals = session.close().await;
    for farewell in farewells.into_iter().chain(refusals) {
        // A terminal that is gone needs no word.
        let _ = writeln!(std::io::stdout(), "{}", without_controls(&farewell));
    }
    status
}

struct Session {
    model: Model,
    look: Look,
    look_env: LookEnv,
    preferences: Preferences,
    guard: TerminalGuard,
    painter: Painter<BufWriter<Stdout>>,
    recorder: Option<Recorder<Model, Msg>>,
    asker: Option<Asker>,
    executor: Executor,
    secret: Option<SecretField>,
    consoles: Consoles,
    has_mouse: bool,
    is_console_only: bool,
    inbox: mpsc::Receiver<Msg>,
    loaded: mpsc::Receiver<Result<Box<Loaded>, String>>,
    is_dirty: bool,
    drawn: Instant,
    typed: Instant,
    /// A console or a log shows more: people watch those without typing.
    is_moving: bool,
    leaving: Option<u8>,
}

impl Session {
    fn new(
        options: SessionOptions,
        preferences: Preferences,
        is_plain: bool,
    ) -> std::io::Result<Session> {
        let env = look_env(&preferences);
        let chosen = choose_look(&env, options.look.as_deref(), &preferences);
        let mut sentences = chosen.problems;
        sentences.extend(preferences.problems.iter().cloned());
        let (keymap, wrong_keys) = choose_keymap(&preferences);
        sentences.extend(wrong_keys);
        let opened = if options.load.is_demo {
            StateDir::open_demo()
        } else {
            StateDir::open(&options.load.directory)
        };
        let state = match opened {
            Ok(state) => Some(state),
            Err(trouble) => {
                sentences
                    .push(format!("{trouble}; recordings and saved screens are off until then"));
                None
            }
        };
        if let Some(Err(sentence)) = state.as_ref().map(|state| log::start(state.path())) {
            sentences.push(sentence);
        }
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "console opened");
        let scrub = Arc::new(Scrub::new(Arc::clone(&options.load.secrets)));
        let recorder = Recorder::start(Arc::clone(&scrub)).ok();
        if let (Some(state), Some(recorder)) = (&state, &recorder) {
            let recorder = recorder.clone();
            let save = move |path: &std::path::Path, patience| recorder.save(path, patience);
            crash::report_to(state.clone(), scrub, Box::new(save));
        }
        let is_console_only = options.console.is_some();
        let guard = TerminalGuard::take(is_plain)?;
        let (columns, rows) = terminal::size();
        let model = Model::new(Start {
            now: clock::now(),
            size: Size::new(columns, rows),
            look: chosen.names,
            choices: look_choices(&preferences),
            keymap,
            mouse: false,
            screen: options.screen.clone(),
            console: options.console,
        });
        let out = BufWriter::with_capacity(64 << 10, std::io::stdout());
        let (to, inbox) = mpsc::channel(QUEUE);
        let (to_loaded, loaded) = mpsc::channel(1);
        let consoles = Consoles::new(state.clone(), options.load.directory.clone(), to.clone());
        // The embedded demo site is another one at every start: its past goes with it.
        let keeps_in = match options.load.is_demo {
            true => Ok(options.load.directory.clone()),
            // Without a state directory that was said already.
            false => run_store::open(&options.load.directory).map(|runs| runs.state().to_owned()),
        };
        let keeps_in = match keeps_in {
            Ok(directory) => Some(directory),
            Err(sentence) => {
                if state.is_some() {
                    sentences.push(sentence);
                }
                None
            }
        };
        let history = match keeps_in.map(|directory| History::start(&directory, to.clone())) {
            Some(Ok(history)) => Some(history),
            Some(Err(error)) => {
                sentences.push(format!("nothing is kept of what is seen: {error}"));
                None
            }
            None => None,
        };
        let keeps_runs = !options.load.is_demo;
        let mut executor =
            Executor::new(options.load, options.faults, state, to, to_loaded, history);
        executor.read_plans();
        if keeps_runs {
            executor.follow_runs();
            consoles.follow_runs();
        }
        for source in options.logs {
            executor.add_log(source);
        }
        let mut session = Session {
            model,
            look: chosen.look,
            look_env: env,
            preferences,
            guard,
            painter: Painter::new(out, !is_plain),
            recorder,
            asker: None,
            executor,
            secret: None,
            consoles,
            has_mouse: false,
            is_console_only,
            inbox,
            loaded,
            is_dirty: true,
            drawn: Instant::now(),
            typed: Instant::now(),
            is_moving: false,
            leaving: None,
        };
        if let Some(recorder) = &session.recorder {
            // A fault of ours before the first message leaves a recording as well.
            recorder.snapshot(session.model.clone());
        }
        if !sentences.is_empty() {
            session.apply(Msg::Done(Outcome::Failed(sentences.join(" / "))));
        }
        Ok(session)
    }

    async fn run(&mut self, endings: &mut Endings) -> std::io::Result<u8> {
        let mut events = EventStream::new();
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        self.draw().await?;
        self.executor.load();
        loop {
            if let Some(status) = self.leaving {
                return Ok(status);
            }
            let is_quiet = self.typed.elapsed() > WATCHED && !self.is_moving;
            let frame_at = self.drawn + if is_quiet { QUIET_FRAME } else { FRAME };
            let due_in =
                self.asker.as_ref().and_then(Asker::next_due).map(|at| at.since(clock::now()));
            tokio::select! {
                biased;
                ending = endings.next() => {
                    return Ok(ending.exit_status());
                }
                event = events.next() => {
                    // Keys that wait already (one is held down, something was pasted) are
                    // taken together: the screen shows where they led, not every step there.
                    let mut next = Some(event);
                    let mut taken = 0;
                    while let Some(event) = next {
                        let Some(Ok(event)) = event else {
                            // The terminal is gone; there is nobody left to draw for.
                            return Ok(super::signals::Ending::Hangup.exit_status());
                        };
                        self.take_event(event).await?;
                        taken += 1;
                        let goes_on = taken < BATCH && self.leaving.is_none();
                        next = if goes_on { waiting_event(&mut events).await } else { None };
                    }
                    self.draw().await?;
                    // However many keys come, time goes on and answers arrive.
                    if waiting_tick(&mut seconds).await {
                        self.apply(Msg::Clock(clock::now()));
                    }
                    self.take_answers();
                }
                Some(result) = self.loaded.recv() => self.take_site(result),
                Some(msg) = self.inbox.recv() => {
                    self.take_answer(msg);
                    self.take_answers();
                }
                () = tokio::time::sleep_until(frame_at), if self.is_dirty => self.draw().await?,
                _ = seconds.tick() => {
                    self.follow_size();
                    self.apply(Msg::Clock(clock::now()));
                    if let Some(history) = self.executor.history() {
                        history.tell_again(&self.model.verdicts, self.model.now);
                    }
                    // The schedule sees here that the clock was set back.
                    self.start_due();
                }
                () = sleep_for(due_in), if due_in.is_some() => self.start_due(),
            }
        }
    }

    /// The terminal library loses the news of a new size when a key arrives at
    /// the same moment, and serial lines never tell it.
    fn follow_size(&mut self) {
        let (columns, rows) = terminal::size();
        if Size::new(columns, rows) != self.model.size {
            self.apply(Msg::Input(Input::Resize(columns, rows)));
        }
    }

    /// While a console has the keys they go there and nowhere else; the model
    /// and the recording see only that there were some.
    async fn take_event(&mut self, event: Event) -> std::io::Result<()> {
        let is_for_console = self.secret.is_none() && self.model.console_has_keys();
        if let (true, Some(input)) = (is_for_console, terminal_input::read_for_console(&event)) {
            self.follow_size();
            match self.consoles.take(&self.model, input) {
                Taken::Hidden => self.apply(Msg::Input(Input::Hidden)),
                Taken::Bar => self.apply(Msg::Console(ConsoleNews::Bar)),
                Taken::Ours(key) => self.apply(Msg::Input(Input::Key(key))),
            }
            return self.do_wishes().await;
        }
        if let Event::FocusGained | Event::FocusLost = event {
            self.consoles.focus(&self.model, event == Event::FocusGained);
        }
        match terminal_input::read(event) {
            Some(input) => self.take_input(input).await,
            None => Ok(()),
        }
    }

    async fn take_input(&mut self, input: Input) -> std::io::Result<()> {
        self.typed = Instant::now();
        let takes_keys = matches!(input, Input::Key(_) | Input::Paste(_));
        if takes_keys {
            // What a key means depends on the size: below the smallest most are off.
            self.follow_size();
        }
        if let Some(field) = self.secret.as_mut().filter(|_| takes_keys) {
            let typed = field.take(&input);
            self.apply(Msg::Input(Input::Hidden));
            match typed {
                Typed::Open(length) => self.apply(Msg::SecretLength(length)),
                Typed::Dropped => {
                    self.secret = None;
                    self.apply(Msg::SecretClosed(false));
                }
                Typed::Taken(name, secret) => {
                    self.secret = None;
                    self.apply(Msg::SecretClosed(true));
                    // A vault's password opens nothing at a target, and is tried first.
                    if let Some(asker) = self.asker.as_mut().filter(|_| !name.is_vault()) {
                        asker.reach().secrets.put(name.clone(), secret.clone());
                        asker.hurry_all(clock::now());
                    }
                    self.executor.keep_secret(name, secret);
                }
            }
        } else {
            self.apply(Msg::Input(input));
        }
        self.do_wishes().await
    }

    /// The one place where a message changes the model.
    fn apply(&mut self, msg: Msg) {
        if let Some(recorder) = &self.recorder {
            if recorder.wants_snapshot() {
                recorder.snapshot(self.model.clone());
            }
            recorder.message(msg.clone());
        }
        let look_before = self.model.look.clone();
        let effects = update(&mut self.model, msg);
        self.is_dirty = true;
        self.consoles.note(&self.model);
        if self.model.look != look_before {
            self.choose_look();
        }
        for effect in effects {
            self.executor.begin(effect, self.asker.as_mut(), self.recorder.as_ref());
        }
    }

    fn frame(&self) -> Buffer {
        let area = Rect::new(0, 0, self.model.size.columns, self.model.size.rows);
        let mut buffer = Buffer::empty(area);
        crate::ui::draw(&self.model, &self.look, area, &mut buffer);
        buffer
    }

    async fn draw(&mut self) -> std::io::Result<()> {
        self.do_wishes().await?;
        let frame = self.frame();
        self.painter.paint(frame)?;
        self.is_dirty = false;
        self.is_moving = false;
        self.drawn = Instant::now();
        Ok(())
    }

    /// Leaves everything in order; what a run refused meanwhile comes back.
    async fn close(mut self) -> Vec<String> {
        let refusals = self.consoles.close().await;
        if let Some(asker) = &self.asker {
            asker.stop();
            // Hosts see an orderly goodbye; a dead one must not hold us up.
            let _ = tokio::time::timeout(Duration::from_millis(300), asker.reach().ssh.close_all())
                .await;
        }
        self.executor.keep_marks();
        if let Some(history) = self.executor.take_history() {
            let _ = tokio::task::spawn_blocking(move || history.close(GOODBYE)).await;
        }
        refusals
    }
}

/// An event that waits already; `None` when none does. It is polled with this
/// task's own waker: the stream keeps the first waker it is given, and with
/// another one the next key would wait for something else to happen.
async fn waiting_event(events: &mut EventStream) -> Option<Option<std::io::Result<Event>>> {
    std::future::poll_fn(|context| {
        Poll::Ready(match events.poll_next_unpin(context) {
            Poll::Ready(event) => Some(event),
            Poll::Pending => None,
        })
    })
    .await
}

/// Whether a second is over; takes it when it is.
async fn waiting_tick(seconds: &mut tokio::time::Interval) -> bool {
    std::future::poll_fn(|context| Poll::Ready(seconds.poll_tick(context).is_ready())).await
}

async fn sleep_for(age: Option<crate::domain::Age>) {
    let millis = age.map_or(u64::MAX, |age| u64::try_from(age.0).unwrap_or(0));
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
