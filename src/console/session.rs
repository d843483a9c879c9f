//! A console that is open: one task with its line, its emulator and its
//! recording.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use zeroize::Zeroizing;

use super::child::{self, ChildProgram};
use super::grid::{Grid, SCROLLBACK};
use super::keys::{self, MouseAct};
use super::line::{Elsewhere, Line, LineNews};
use super::order::{Find, Order, Scroll};
use super::recording::Recording;
use super::slices::Slices;
use super::view::{ScreenText, State, View};
use super::{Place, PromptKind, script, sol};
use crate::transport::secrets::SecretStore;
use crate::transport::ssh::SshPool;

mod opening;
mod taps;

use opening::{Opening, opened};
pub use taps::Tapped;
use taps::Taps;

/// Views are shown at most this often.
const FRAME: Duration = Duration::from_millis(33);
/// Orders that may wait.
const ORDERS: usize = 256;
/// Lines that `ScreenText` has before the screen.
const BEFORE: usize = 200;

/// The ways to other machines, and the secrets of this session.
#[derive(Clone)]
pub struct Ways {
    /// Connections to hosts.
    pub ssh: Arc<SshPool>,
    /// Secrets.
    pub secrets: Arc<SecretStore>,
}

/// How a console is opened.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Columns and rows.
    pub size: (u16, u16),
    /// The file to record into; nothing is recorded without.
    pub recording: Option<PathBuf>,
    /// Why nothing is recorded, when that was not wanted.
    pub unrecorded: String,
    /// Where programs of this machine run; where this process does when `None`.
    pub directory: Option<PathBuf>,
}

/// An open console. Dropping it ends it.
pub struct Session {
    orders: mpsc::Sender<Order>,
    views: watch::Receiver<Arc<View>>,
    standing: watch::Receiver<Standing>,
}

/// How a console stands, for whoever holds it without looking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// How its line stands.
    pub state: State,
    /// The process of this machine in it, where there is one.
    pub process: Option<i32>,
}

impl Session {
    /// Opens a console; how that goes is in its views. Must be called inside a tokio runtime.
    pub fn open(place: Place, ways: Ways, options: SessionOptions) -> Session {
        Session::begin(place, ways, options, None)
    }

    /// Shows a console that is held elsewhere. Must be called inside a tokio runtime.
    pub fn elsewhere(
        place: Place,
        ways: Ways,
        options: SessionOptions,
        elsewhere: Arc<dyn Elsewhere>,
    ) -> Session {
        Session::begin(place, ways, options, Some(elsewhere))
    }

    fn begin(
        place: Place,
        ways: Ways,
        options: SessionOptions,
        elsewhere: Option<Arc<dyn Elsewhere>>,
    ) -> Session {
        let (orders, from_them) = mpsc::channel(ORDERS);
        let (to_them, views) = watch::channel(Arc::new(View::default()));
        let (stands, standing) = watch::channel(Standing::default());
        // Whoever holds the console answers, and says so when it does not.
        let is_answered = elsewhere.is_none();
        let work =
            Work { elsewhere, is_answered, ..Work::new(place, ways, options, to_them, stands) };
        tokio::spawn(work.run(from_them));
        Session { orders, views, standing }
    }

    /// How it stands, as that changes.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Tells the console something; `false` when it takes nothing at the moment.
    pub fn tell(&self, order: Order) -> bool {
        self.orders.try_send(order).is_ok()
    }

    /// The views as they come; the newest is always there.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.views.clone()
    }

    /// What is shown as text; `None` when the console is gone.
    pub async fn text(&self) -> Option<ScreenText> {
        let (to, from) = oneshot::channel();
        self.orders.send(Order::Text(to)).await.ok()?;
        from.await.ok()
    }

    /// What the view shows, to be copied; `None` when the console is gone.
    pub async fn copy(&self) -> Option<String> {
        let (to, from) = oneshot::channel();
        self.orders.send(Order::Copy(to)).await.ok()?;
        from.await.ok()
    }
}

struct Work {
    place: Place,
    ways: Ways,
    grid: Grid,
    recording: Option<Recording>,
    recorded: String,
    line: Option<Line>,
    opening: Option<Opening>,
    /// Output that was read and not all fed yet.
    slices: Slices,
    state: State,
    said: String,
    wanted: String,
    newer: usize,
    /// Cipher suites of a controller that were not tried yet.
    others: Vec<ChildProgram>,
    /// The first output of a line, for what it says about itself.
    early: Vec<u8>,
    /// The last output of a line, for what its script says about its end.
    late: Vec<u8>,
    /// Whether the line ended because somebody else holds it.
    is_held: bool,
    is_shown: bool,
    is_stale: bool,
    drawn: Option<Instant>,
    views: watch::Sender<Arc<View>>,
    stands: watch::Sender<Standing>,
    /// Who else is shown everything.
    taps: Taps,
    /// Who holds the console, if we only show it.
    elsewhere: Option<Arc<dyn Elsewhere>>,
    /// Whether somebody else types there.
    watches: bool,
    /// Whether what is shown is answered from here, where it asks something.
    is_answered: bool,
    /// What the other side says of itself.
    of_itself: String,
    /// How often the other side wanted somebody.
    wanted_us: u32,
    /// The size of our window; the grid's own, where we hold the console.
    window: (u16, u16),
    /// Where programs of this machine run.
    directory: Option<PathBuf>,
    /// Keys that came before the line was open.
    ahead: Zeroizing<Vec<u8>>,
}

/// How many bytes of keys are kept for a line that is being opened.
const AHEAD: usize = 4096;

/// How much of the first output is kept, and of the last.
const EARLY: usize = 2048;

impl Work {
    fn new(
        place: Place,
        ways: Ways,
        options: SessionOptions,
        views: watch::Sender<Arc<View>>,
        stands: watch::Sender<Standing>,
    ) -> Work {
        let (mut recording, mut recorded) = (None, "not recorded".to_owned());
        if let Some(path) = &options.recording {
            match Recording::start(path, &place.name(), options.size) {
                Ok(started) => (recording, recorded) = (Some(started), "recorded".to_owned()),
                Err(error) => recorded = format!("not recorded: {error}"),
            }
        } else if !options.unrecorded.is_empty() {
            recorded = format!("not recorded: {}", options.unrecorded);
        }
        Work {
            place,
            ways,
            grid: Grid::new(options.size.0, options.size.1, SCROLLBACK),
            recording,
            recorded,
            line: None,
            opening: None,
            slices: Slices::default(),
            state: State::Opening,
            said: String::new(),
            wanted: String::new(),
            newer: 0,
            others: Vec::new(),
            early: Vec::new(),
            late: Vec::new(),
            is_held: false,
            is_shown: true,
            is_stale: true,
            drawn: None,
            views,
            stands,
            taps: Taps::default(),
            elsewhere: None,
            watches: false,
            is_answered: true,
            of_itself: String::new(),
            wanted_us: 0,
            window: options.size,
            directory: options.directory,
            ahead: Zeroizing::default(),
        }
    }

    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        self.connect(None);
        loop {
            self.feed_pending();
            self.answer();
            let frame_at = self.frame_at();
            if frame_at.is_some_and(|at| at <= Instant::now()) {
                self.show();
            }
            let has_pending = self.slices.is_behind();
            self.serve_taps();
            let taps_at = self.taps.due();
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(order) => self.take(order),
                    None => return,
                },
                opened = opened(&mut self.opening) => self.opened(opened),
                () = tokio::task::yield_now(), if has_pending => {}
                news = news_of(&mut self.line), if !has_pending => self.news(news),
                () = sleep_until(frame_at), if !has_pending => {}
                () = sleep_until(taps_at), if !has_pending => {}
            }
        }
    }

    /// When the next view is due; `None` when nothing changed or nobody looks.
    fn frame_at(&self) -> Option<Instant> {
        if !(self.is_stale && self.is_shown) {
            return None;
        }
        let due = self.drawn.map_or_else(Instant::now, |drawn| drawn + FRAME);
        // A program in the middle of an update has the time it asked for.
        Some(self.grid.held_until().map_or(due, |held| due.max(held)))
    }

    fn news(&mut self, news: LineNews) {
        match news {
            LineNews::Bytes(bytes) => {
                if self.early.len() < EARLY {
                    let room = EARLY - self.early.len();
                    self.early.extend(bytes.iter().take(room));
                }
                let new = bytes.get(bytes.len().saturating_sub(EARLY)..).unwrap_or_default();
                self.late.drain(
                    ..(self.late.len() + new.len()).saturating_sub(EARLY).min(self.late.len()),
                );
                self.late.extend_from_slice(new);
                if let Some(recording) = &mut self.recording
                    && !recording.output(&bytes)
                {
                    self.recorded = "no longer recorded: the recording is full".to_owned();
                    self.recording = None;
                }
                self.slices.give(bytes);
            }
            LineNews::Resize(columns, rows) => {
                self.grid.resize(columns, rows);
                self.is_stale = true;
            }
            LineNews::Anew(columns, rows) => {
                self.grid = Grid::new(columns, rows, SCROLLBACK);
                self.newer = 0;
                self.is_stale = true;
            }
            LineNews::Recorded(words) => {
                self.recorded = words;
                self.is_stale = true;
            }
            LineNews::Keys(are_ours) => {
                self.watches = !are_ours;
                self.is_stale = true;
            }
            LineNews::Said(sentence) => {
                self.said = sentence;
                self.is_stale = true;
            }
            LineNews::Stands(sentence) => {
                self.of_itself = sentence;
                self.is_stale = true;
            }
            LineNews::Answers(is_answered) => self.is_answered = is_answered,
            LineNews::Ring => {
                self.wanted_us += 1;
                self.is_stale = true;
            }
            LineNews::Ended(why) => {
                self.line = None;
                let early = String::from_utf8_lossy(&self.early).into_owned();
                if sol::wants_other_suite(&early)
                    && let Some(next) = self.others.pop()
                {
                    let size = (u16_of(self.grid.columns()), u16_of(self.grid.rows()));
                    self.early.clear();
                    self.opening = Some(tokio::spawn(async move { child::start(&next, size) }));
                    return;
                }
                let end = script::end(&self.place, why, &String::from_utf8_lossy(&self.late));
                self.is_held = end.is_held;
                self.grid.settle();
                self.ended(end.why);
            }
        }
    }

    fn ended(&mut self, why: String) {
        if let Some(recording) = &self.recording {
            recording.remark(&why);
        }
        self.taps.tell(|| Tapped::Ended(why.clone()));
        self.state = State::Ended(why);
        self.ahead = Zeroizing::default();
        self.said.clear();
        self.is_stale = true;
        self.stand();
    }

    /// Tells whoever holds the console how it stands.
    fn stand(&self) {
        let process = self.line.as_ref().and_then(|line| line.process);
        let now = Standing { state: self.state.clone(), process };
        self.stands.send_if_modified(|stands| {
            let is_new = *stands != now;
            *stands = now;
            is_new
        });
    }

    /// Feeds what was read, for a slice of time.
    fn feed_pending(&mut self) {
        let has_hits = self.grid.found().is_some();
        let was_above = self.grid.above();
        let fed = self.slices.feed(&mut self.grid);
        if !fed.is_empty() {
            self.taps.tell(|| Tapped::Bytes(fed.to_vec()));
            self.is_stale = true;
            if was_above > 0 {
                self.newer += self.grid.above().saturating_sub(was_above);
            }
            if has_hits {
                let wanted = self.wanted.clone();
                self.grid.find_again(&wanted);
            }
        }
    }

    /// Sends the emulator's answers to the program's questions.
    fn answer(&mut self) {
        let answers = self.slices.answers(&mut self.grid);
        if !self.is_answered {
            return;
        }
        if let (false, Some(line)) = (answers.is_empty(), &self.line) {
            // Whoever asks and does not read gets no more answers.
            let _ = line.send(answers);
        }
    }

    fn send(&mut self, bytes: Vec<u8>) {
        if bytes.is_empty() || matches!(self.state, State::Ended(_)) {
            return;
        }
        let is_taken = match &self.line {
            Some(line) => line.send(bytes),
            // The border says that keys go here: they do, once there is somebody to read them.
            None if self.ahead.len() + bytes.len() <= AHEAD => {
                self.ahead.extend_from_slice(&bytes);
                true
            }
            None => false,
        };
        let said = if is_taken { "" } else { "the program takes no keys at the moment" };
        if self.said != said {
            said.clone_into(&mut self.said);
            self.is_stale = true;
        }
        if self.grid.above() > 0 {
            self.scroll(Scroll::End);
        }
    }

    fn interrupt(&mut self, keys: &[u8]) {
        let has_more = self.line.as_ref().is_some_and(|line| !line.news.is_empty());
        self.slices.interrupt(keys, has_more);
    }

    fn take(&mut self, order: Order) {
        let modes = self.grid.modes();
        match order {
            Order::Key(stroke) => {
                let bytes = keys::bytes_of(stroke, modes);
                self.interrupt(&bytes);
                self.send(bytes);
            }
            Order::Bytes(bytes) => {
                self.interrupt(&bytes);
                self.send(bytes.to_vec());
            }
            Order::Tap(to) => self.taps.add(to),
            Order::Paste(text) => self.send(keys::bytes_of_paste(&text, modes)),
            Order::Type(text) => self.type_line(&text),
            Order::Mouse(act, at) => {
                let bytes = keys::bytes_of_mouse(act, at, modes);
                match act {
                    // A wheel that the program does not want moves the view.
                    MouseAct::Wheel(by) if bytes.is_empty() => {
                        self.scroll(Scroll::Lines(-3 * i32::from(by)));
                    }
                    _ => self.send(bytes),
                }
            }
            Order::Focus(has_focus) if modes.focus => {
                let bytes: &[u8] = if has_focus { b"\x1b[I" } else { b"\x1b[O" };
                self.send(bytes.to_vec());
            }
            Order::Focus(_) => {}
            // A recording keeps the size it was made in.
            Order::Resize(..) if matches!(self.place, Place::Replay(_)) => {}
            // The grid is as large as the one there; who types says how large that is.
            Order::Resize(columns, rows) if self.elsewhere.is_some() => {
                self.window = (columns, rows);
                if let Some(line) = &self.line {
                    line.resize(columns, rows);
                }
            }
            Order::Resize(columns, rows) => {
                let before = (self.grid.columns(), self.grid.rows());
                self.grid.resize(columns, rows);
                let now = (self.grid.columns(), self.grid.rows());
                if now != before {
                    let (columns, rows) = (u16_of(now.0), u16_of(now.1));
                    if let Some(line) = &self.line {
                        line.resize(columns, rows);
                    }
                    if let Some(recording) = &self.recording {
                        recording.resize(columns, rows);
                    }
                    self.window = (columns, rows);
                    self.taps.tell(|| Tapped::Resize(columns, rows));
                    self.is_stale = true;
                }
            }
            Order::Scroll(scroll) => self.scroll(scroll),
            Order::Find(find) => self.find(find),
            Order::Show(is_shown) => {
                self.is_shown = is_shown;
                self.is_stale = true;
            }
            Order::Pen(act) => {
                if let Some(line) = &self.line {
                    line.act(act);
                }
            }
            Order::Connect { force } => {
                if matches!(self.state, State::Ended(_)) {
                    self.connect(Some(force));
                }
            }
            // Whoever asked may be gone.
            Order::Text(to) => drop(to.send(self.grid.text(BEFORE))),
            Order::Copy(to) => drop(to.send(self.grid.visible_text())),
        }
    }

    /// Types a prepared line. A command is no name and no password: where one is asked for, nothing
    /// is typed, and it would not even be seen.
    fn type_line(&mut self, text: &str) {
        let waits = self.grid.text(0).waits().map(|prompt| prompt.kind);
        match waits {
            Some(PromptKind::Login | PromptKind::Password) => {
                self.said =
                    "nothing was typed: log in first, a prepared line is a command".to_owned();
                self.is_stale = true;
            }
            _ => self.send(keys::bytes_of_line(text)),
        }
    }

    fn scroll(&mut self, scroll: Scroll) {
        let page = i32::try_from(self.grid.rows().saturating_sub(1).max(1)).unwrap_or(1);
        match scroll {
            Scroll::Lines(up) => self.grid.scroll(up),
            Scroll::Pages(up) => self.grid.scroll(up.saturating_mul(page)),
            Scroll::Top => self.grid.scroll_to(usize::MAX),
            Scroll::End => self.grid.scroll_to(0),
        }
        if self.grid.above() == 0 {
            self.newer = 0;
        }
        self.is_stale = true;
    }

    fn find(&mut self, find: Find) {
        self.said.clear();
        match find {
            Find::Text(wanted) => {
                match self.grid.find(&wanted) {
                    Ok(0) if !wanted.is_empty() => self.said = format!("{wanted} is nowhere here"),
                    Ok(_) => {}
                    Err(why) => self.said = why,
                }
                self.wanted = wanted;
            }
            Find::Above => self.grid.next_hit(true),
            Find::Below => self.grid.next_hit(false),
        }
        self.is_stale = true;
    }

    fn show(&mut self) {
        self.grid.release();
        let grid = &self.grid;
        let view = View {
            columns: u16_of(grid.columns()),
            rows: u16_of(grid.rows()),
            screen: grid.screen(),
            cursor: grid.cursor().filter(|_| self.state.is_open()),
            above: grid.above(),
            history: grid.history(),
            newer: self.newer,
            state: self.state.clone(),
            title: grid.title().to_owned(),
            wants_mouse: grid.modes().wants_mouse() && self.state.is_open(),
            clipboard: grid.clipboard(),
            bells: grid.bells() + self.wanted_us,
            found: grid.found(),
            recorded: self.recorded.clone(),
            watches: self.watches,
            said: if self.said.is_empty() { self.of_itself.clone() } else { self.said.clone() },
        };
        self.views.send_replace(Arc::new(view));
        self.is_stale = false;
        self.drawn = Some(Instant::now());
    }
}

fn u16_of(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

async fn news_of(line: &mut Option<Line>) -> LineNews {
    match line {
        Some(line) => match line.news.recv().await {
            Some(news) => news,
            None => LineNews::Ended("the line is gone".to_owned()),
        },
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
