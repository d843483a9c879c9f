//! The log view at work: a thread of its own that keeps the sources, does what
//! is ordered, and counts in the time between. Orders never wait for it.

mod going;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::app::Msg;
use crate::app::logs::{LogNews, LogOrder, Shape, Tally};
use crate::console::recording::Playback;
use crate::domain::untrusted::printable;
use crate::logs::ansible::OutlinePanel;
use crate::logs::count::Counter;
use crate::logs::level::Level;
use crate::logs::matcher::Pattern;
use crate::logs::outliner::Outliner;
use crate::logs::source::Source;
use crate::logs::view::{Sought, Spot, View};

use super::log_marks::{MarkBook, MarkKeeper};

/// How often sources are looked at for new lines.
const LOOK: Duration = Duration::from_millis(100);

/// What the thread is told.
enum Order {
    /// By the screen; the number tells whether something newer makes it unwanted.
    Screen(LogOrder, u64),
    /// A source that was opened elsewhere.
    Source(Box<Source>),
}

/// The way to the log view's thread.
#[derive(Clone)]
pub struct LogDesk {
    to: Sender<Order>,
    newest: Arc<AtomicU64>,
    /// Marks that are to be written yet.
    unkept: Arc<AtomicUsize>,
}

impl LogDesk {
    /// Starts the thread; it ends with the last handle. `runs` is where runs keep
    /// their output, `book` where marks are kept.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(
        runs: Option<PathBuf>,
        book: Option<MarkBook>,
        news: mpsc::Sender<Msg>,
    ) -> std::io::Result<LogDesk> {
        let (to, orders) = channel();
        let newest = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&newest);
        let unkept = Arc::new(AtomicUsize::new(0));
        let kept = Arc::clone(&unkept);
        std::thread::Builder::new()
            .name("logs".into())
            .spawn(move || Desk::new(runs, book, news, seen).run(&orders, &kept))?;
        Ok(LogDesk { to, newest, unkept })
    }

    /// Hands an order over.
    pub fn order(&self, order: LogOrder) {
        // What goes elsewhere makes a search that is under way unwanted; what moves on from here does not.
        let is_turn = !matches!(
            order,
            LogOrder::Scroll(_)
                | LogOrder::Shape(_)
                | LogOrder::Copy(..)
                | LogOrder::Toggle(_)
                | LogOrder::Unfold(_)
                | LogOrder::Mark(..)
        );
        let number = if is_turn {
            self.newest.fetch_add(1, Ordering::AcqRel) + 1
        } else {
            self.newest.load(Ordering::Acquire)
        };
        if matches!(order, LogOrder::Mark(..)) {
            self.unkept.fetch_add(1, Ordering::AcqRel);
        }
        // The thread is gone only when the program ends.
        let _ = self.to.send(Order::Screen(order, number));
    }

    /// Waits until the marks that were made are written, but no longer than this.
    /// A search that is under way is unwanted.
    pub fn keep_marks(&self, patience: Duration) {
        self.newest.fetch_add(1, Ordering::AcqRel);
        let begun = Instant::now();
        while self.unkept.load(Ordering::Acquire) > 0 && begun.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Adds a source that was opened elsewhere.
    pub fn add(&self, source: Source) {
        let _ = self.to.send(Order::Source(Box::new(source)));
    }
}

/// Whether a file is the recording of a console, which is played rather than read.
pub fn is_recording(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "cast") && Playback::open(path).is_ok()
}

/// Opens what a word names: a file, `-`, or the number of a run.
///
/// # Errors
/// One sentence.
pub fn open_named(name: &str, runs: Option<&Path>) -> Result<Source, String> {
    if name == "-" {
        return Source::stdin().map_err(|trouble| trouble.0);
    }
    let path = Path::new(name);
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && !path.exists() {
        let output = runs.map(|runs| runs.join(name).join("output"));
        let Some(output) = output.filter(|output| output.exists()) else {
            return Err(format!("there is no file and no run {name}; `run list` lists runs"));
        };
        let mut source = Source::open(&output).map_err(|trouble| trouble.0)?;
        source.name = format!("run {name}");
        return Ok(source);
    }
    if is_recording(path) {
        let name = printable(name);
        return Err(format!(
            "{name} is the recording of a console, no log to merge; `shopfloor log {name}` alone plays it"
        ));
    }
    let mut source = Source::open(path).map_err(|trouble| trouble.0)?;
    source.name = printable(&source.name);
    Ok(source)
}

struct Desk {
    runs: Option<PathBuf>,
    marks: MarkKeeper,
    news: mpsc::Sender<Msg>,
    newest: Arc<AtomicU64>,
    view: View,
    find: Pattern,
    keep: Pattern,
    hide: Pattern,
    only_problems: bool,
    counter: Counter,
    /// The line with what is looked for that was gone to last.
    hit: Option<Spot>,
    outliner: Outliner,
    /// The outline that was last told.
    outline: OutlinePanel,
    told: u32,
    /// Whether the window is older than its log, and when it may be made anew.
    is_stale: bool,
    due: Instant,
}

impl Desk {
    fn new(
        runs: Option<PathBuf>,
        book: Option<MarkBook>,
        news: mpsc::Sender<Msg>,
        newest: Arc<AtomicU64>,
    ) -> Desk {
        Desk {
            runs,
            marks: MarkKeeper::new(book),
            news,
            newest,
            view: View::default(),
            find: Pattern::default(),
            keep: Pattern::default(),
            hide: Pattern::default(),
            only_problems: false,
            counter: Counter::default(),
            hit: None,
            outliner: Outliner::default(),
            outline: OutlinePanel::default(),
            told: 0,
            is_stale: false,
            due: Instant::now(),
        }
    }

    fn tell(&self, news: LogNews) {
        // The loop is gone when this fails; nobody is left to tell.
        let _ = self.news.blocking_send(Msg::Log(news));
    }

    fn run(mut self, orders: &Receiver<Order>, unkept: &AtomicUsize) {
        loop {
            // While there is something to count no time is spent waiting.
            let order = if self.is_idle() {
                match orders.recv_timeout(LOOK) {
                    Ok(order) => Some(order),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                match orders.try_recv() {
                    Ok(order) => Some(order),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return,
                }
            };
            match order {
                Some(Order::Screen(LogOrder::Scroll(by), number)) => {
                    self.scroll(by, number, orders, unkept);
                }
                Some(order) => self.do_order(order, unkept),
                None => self.go_on(),
            }
        }
    }

    /// Scrolls that wait are one scroll: the screen shows where they led.
    fn scroll(&mut self, mut by: i64, number: u64, orders: &Receiver<Order>, unkept: &AtomicUsize) {
        let mut next = None;
        while let Ok(order) = orders.try_recv() {
            if let Order::Screen(LogOrder::Scroll(more), _) = order {
                by = by.saturating_add(more);
            } else {
                next = Some(order);
                break;
            }
        }
        self.act(Order::Screen(LogOrder::Scroll(by), number));
        if let Some(next) = next {
            self.do_order(next, unkept);
        }
    }

    fn do_order(&mut self, order: Order, unkept: &AtomicUsize) {
        let is_mark = matches!(order, Order::Screen(LogOrder::Mark(..), _));
        self.act(order);
        if is_mark {
            unkept.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// What is done between orders: look for new lines, count.
    fn go_on(&mut self) {
        let (is_changed, said) = self.view.look();
        for sentence in said {
            self.tell(LogNews::Said(sentence));
        }
        if is_changed {
            self.counter.begin_changed(&self.view);
            self.tell_marks();
        }
        let was_idle = self.is_idle();
        if !self.counter.is_idle(&self.view) {
            self.counter.step(&self.view);
        }
        // Somebody waits for what is looked for, and for nothing else as much.
        let is_found = self.counter.found.is_done || self.counter.is_idle(&self.view);
        if is_found && !self.outliner.is_idle(&self.view) {
            self.outliner.step(&self.view);
        }
        let is_idle = self.is_idle();
        // Counts are told now and then, and when they are complete.
        self.told = (self.told + 1) % 16;
        let is_due = is_changed || (!was_idle && (is_idle || self.told == 0));
        if is_due {
            self.tell_sources();
            self.tell_counts();
            self.tell_outline();
            // With filters a window can take a search through everything.
            self.is_stale |= is_changed || is_idle || self.view.filters.is_empty();
        }
        if self.is_stale && Instant::now() >= self.due {
            let begun = Instant::now();
            self.tell_window(&|| true);
            self.is_stale = false;
            // However slow it is, most of the time is free for what is ordered.
            self.due = Instant::now() + begun.elapsed() * 10;
        }
    }

    /// Whether nothing is left to count or to read.
    fn is_idle(&self) -> bool {
        self.counter.is_idle(&self.view) && self.outliner.is_idle(&self.view)
    }

    /// Marks of sources that were opened or began anew.
    fn tell_marks(&mut self) {
        if let Some(marks) = self.marks.look(&self.view) {
            self.tell(LogNews::Marks(marks));
        }
    }

    fn tell_outline(&mut self) {
        let outline = self.outliner.panel(&self.view);
        if outline != self.outline {
            self.outline = outline.clone();
            self.tell(LogNews::Outline(Box::new(outline)));
        }
    }

    fn tell_sources(&self) {
        self.tell(LogNews::Sources(self.view.source_lines()));
    }

    fn tell_counts(&self) {
        self.tell_found();
        self.tell(LogNews::Kept(self.counter.kept.clone()));
        self.tell(LogNews::Bad(self.counter.bad.clone()));
    }

    fn tell_found(&self) {
        let number = |spot| Some((spot, self.counter.ordinal(&self.view, spot)?));
        let here = self.hit.and_then(number);
        self.tell(LogNews::Found(Tally { here, ..self.counter.found.clone() }));
    }

    fn tell_window(&mut self, wanted: &dyn Fn() -> bool) {
        if self.view.shape == Shape::default() {
            return;
        }
        match self.view.window(&wanted) {
            Ok(window) => {
                let is_following = self.view.is_following;
                self.tell(LogNews::Window(Box::new(window), is_following));
            }
            Err(error) => {
                self.tell(LogNews::Failed(format!("the log cannot be read: {error}")));
            }
        }
    }

    fn act(&mut self, order: Order) {
        let (order, number) = match order {
            Order::Source(source) => {
                self.add(*source);
                self.after_opening();
                return;
            }
            Order::Screen(order, number) => (order, number),
        };
        let newest = Arc::clone(&self.newest);
        // Without filters nothing takes long, and a scroll must not be lost.
        let is_quick = self.view.filters.is_empty() && !matches!(order, LogOrder::Seek(..));
        let wanted = move || is_quick || newest.load(Ordering::Acquire) == number;
        if let Err(sentence) = self.act_on(order, &wanted) {
            self.tell(LogNews::Failed(sentence));
        }
        self.tell_window(&wanted);
    }

    fn add(&mut self, source: Source) {
        let follows = source.is_spooled() || source.times.is_some();
        if self.view.sources.is_empty() {
            self.view.is_following = follows;
        }
        self.view.add(source);
    }

    fn after_opening(&mut self) {
        self.counter.begin_all(&self.view);
        self.tell_sources();
        self.tell_marks();
        self.tell_window(&|| true);
    }

    fn act_on(&mut self, order: LogOrder, wanted: &dyn Fn() -> bool) -> Result<(), String> {
        let unread = |error: std::io::Error| format!("the log cannot be read: {error}");
        match order {
            LogOrder::Open(names) => {
                if let [name] = names.as_slice()
                    && is_recording(Path::new(name))
                {
                    let path = std::path::absolute(name).unwrap_or_else(|_| name.into());
                    self.tell(LogNews::Recording(path));
                    return Ok(());
                }
                let mut troubles = Vec::new();
                for name in &names {
                    match open_named(name, self.runs.as_deref()) {
                        Ok(source) => self.add(source),
                        Err(sentence) => troubles.push(sentence),
                    }
                }
                self.after_opening();
                if !troubles.is_empty() {
                    return Err(printable(&troubles.join(" / ")));
                }
            }
            LogOrder::Run(run) => {
                let source = open_named(&run.to_string(), self.runs.as_deref())?;
                let known =
                    self.view.sources.iter().position(|held| held.source.name == source.name);
                if known.is_none() {
                    self.add(source);
                }
                let shown = known.unwrap_or(self.view.sources.len().saturating_sub(1));
                for (number, held) in self.view.sources.iter_mut().enumerate() {
                    held.is_on = number == shown;
                }
                self.view.is_following = true;
                self.after_opening();
                self.tell_outline();
            }
            // Hosts are reached by the executor, which adds the source.
            LogOrder::Journal(_) => {}
            LogOrder::Shape(shape) => self.view.shape = shape,
            LogOrder::Scroll(by) => self.view.scroll(by, &wanted).map_err(unread)?,
            LogOrder::Start => self.view.to_start(),
            LogOrder::End => self.view.to_end(),
            LogOrder::Follow => self.view.is_following = true,
            LogOrder::Find(pattern) => {
                self.find = pattern;
                self.view.find = self.find.matcher()?;
                self.hit = None;
                self.counter.begin_find(&self.view);
            }
            LogOrder::Keep(pattern) => {
                self.keep = pattern;
                self.filter()?;
            }
            LogOrder::Hide(pattern) => {
                self.hide = pattern;
                self.filter()?;
            }
            LogOrder::OnlyProblems(is_on) => {
                self.only_problems = is_on;
                self.filter()?;
            }
            LogOrder::Seek(from, is_forward, goal) => self.seek(from, is_forward, goal, wanted)?,
            LogOrder::Show(spot) => self.show(spot, wanted)?,
            LogOrder::Go(text, from) => self.go(&text, from, wanted)?,
            LogOrder::Task(words, from) => {
                let found = self.outliner.task_from(&self.view, from, true, Some(&words));
                let shown = printable(&words);
                let none = || format!("no task that was read so far has `{shown}` in its name");
                self.show(found.ok_or_else(none)?, wanted)?;
            }
            LogOrder::Mark(spot, is_marked) => self.marks.set(&self.view, spot, is_marked)?,
            LogOrder::Toggle(number) => {
                if let Some(held) = self.view.sources.get_mut(usize::from(number)) {
                    held.is_on = !held.is_on;
                }
                self.counter.begin_all(&self.view);
                self.tell_sources();
                self.tell_outline();
            }
            LogOrder::Unfold(task) => {
                self.outliner.unfolded = task;
                self.tell_outline();
            }
            LogOrder::Copy(spot, prefix) => {
                let text = self.view.text_of(spot).map_err(unread)?;
                self.tell(LogNews::Copied(format!("{prefix}{text}")));
            }
        }
        Ok(())
    }

    fn filter(&mut self) -> Result<(), String> {
        self.view.filters.keep = self.keep.matcher()?.into_iter().collect();
        self.view.filters.hide = self.hide.matcher()?.into_iter().collect();
        self.view.filters.level =
            if self.only_problems { Sought::level(Level::Warn).level } else { None };
        self.counter.begin_kept(&self.view);
        Ok(())
    }
}
