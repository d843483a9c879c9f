//! A run on the whole terminal: its screen as our emulator sees it, so that
//! nothing of what it writes acts on the operator's terminal, and a bar that
//! says where keys go.

use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::install::journal::{Event, Person, StopLevel};
use crate::runner::client::{Client, Following};
use crate::runner::protocol::{Frame, Hello, Request, Standing, VERSION};
use crate::runner::{Known, Runs};
use crate::runtime::signals::Endings;
use crate::runtime::terminal::{self, TerminalGuard};

use super::attach_bar::Bar;
use super::attach_grid::Grid;
use super::attach_keys::{self, PATIENCE, Press, RELEASE};
use super::{attach, exit, print};

/// How much of earlier output is played to have the screen as it is.
const REPLAYED: u64 = 2 << 20;
/// The screen is drawn at most this often.
const FRAME: Duration = Duration::from_millis(33);
/// What the next key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// It goes to the command.
    Through,
    /// It is for the bar.
    Bar,
    /// `y` stops the run at this level.
    Stop(StopLevel),
}

/// Shows a run until the person leaves it or it is over.
///
/// # Errors
/// A sentence when the terminal or the runner refuses.
pub async fn run(runs: &Runs, run: u64, known: &Known, person: &Person) -> Result<u8, String> {
    let (columns, rows) = terminal::size();
    let from = known.output.saturating_sub(REPLAYED);
    let hello = Hello {
        version: VERSION,
        name: person.name.clone(),
        output_from: Some(from),
        journal_from: 0,
        size: Some((columns, rows.saturating_sub(1).max(1))),
        is_watcher: true,
    };
    let client = Client::connect(runs, run, hello).await?;
    let size = client.welcome.size;
    let difference = client.difference();
    let mut attached = Attached {
        run,
        you: client.welcome.you.clone(),
        client,
        following: Following::default(),
        grid: Grid::new(size),
        size: (columns, rows),
        live_from: known.output,
        first_seq: known.run.seq,
        has_asked: false,
        has_pen: false,
        asking: None,
        mode: Mode::Through,
        partial: Zeroizing::new(Vec::new()),
        partial_until: None,
        is_wrong: false,
        is_live: false,
        note: difference,
    };
    let mut endings = Endings::listen().map_err(|error| error.to_string())?;
    let guard =
        TerminalGuard::take(true).map_err(|error| format!("the terminal refuses: {error}"))?;
    let end = attached.follow(&mut endings).await;
    drop(guard);
    match end? {
        Leaving::Left => {
            print::text(&format!("run {run} goes on; come back with `shopfloor attach {run}`\n"))?;
            Ok(exit::DONE)
        }
        Leaving::Over => {
            let known = attach::hung_up(runs, run).await?;
            print::text(&format!("{}\n", attach::farewell(&known)))?;
            Ok(exit::DONE)
        }
        Leaving::Told(status) => Ok(status),
    }
}

enum Leaving {
    Left,
    Over,
    Told(u8),
}

struct Attached {
    run: u64,
    you: Person,
    client: Client,
    following: Following,
    grid: Grid,
    size: (u16, u16),
    /// Output before this is history: its questions to the terminal were answered then.
    live_from: u64,
    first_seq: u64,
    has_asked: bool,
    /// Whether keys typed here go to the command.
    has_pen: bool,
    /// Who asks us for the pen.
    asking: Option<Person>,
    mode: Mode,
    /// The beginning of a key for the bar, until its rest comes.
    partial: Zeroizing<Vec<u8>>,
    partial_until: Option<Instant>,
    /// The last key for the bar was none of its keys.
    is_wrong: bool,
    /// Whether the output that is worked off came while we are here.
    is_live: bool,
    note: Option<String>,
}

impl Attached {
    async fn follow(&mut self, endings: &mut Endings) -> Result<Leaving, String> {
        let mut keys = keys()?;
        let mut frames = tokio::time::interval(FRAME);
        frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_dirty = true;
        loop {
            if self.grid.work() {
                is_dirty = true;
            }
            self.answer().await?;
            let is_behind = self.grid.is_behind();
            // Keys come first: a flood of output never makes them wait.
            tokio::select! {
                biased;
                ending = endings.next() => return Ok(Leaving::Told(ending.exit_status())),
                typed = keys.recv() => match typed {
                    None => return Ok(Leaving::Left),
                    Some(bytes) => {
                        is_dirty = true;
                        if self.typed(&bytes).await? {
                            return Ok(Leaving::Left);
                        }
                    }
                },
                () = passed(self.partial_until) => {
                    is_dirty = true;
                    if self.is_all_of_a_key().await? {
                        return Ok(Leaving::Left);
                    }
                }
                _ = frames.tick() => {
                    self.follow_size().await?;
                    if is_dirty && !self.grid.is_held() {
                        is_dirty = false;
                        self.draw().map_err(|error| format!("the terminal refuses: {error}"))?;
                    }
                }
                frame = self.client.next(), if !is_behind => match frame {
                    None | Some(Frame::End) => return Ok(Leaving::Over),
                    Some(frame) => {
                        self.take(frame).await?;
                        is_dirty = true;
                    }
                },
                () = tokio::task::yield_now(), if is_behind => {}
            }
        }
    }

    /// Sends what the child's terminal answers to its questions.
    async fn answer(&mut self) -> Result<(), String> {
        let replies = self.grid.answers();
        // Only one screen may answer for the child's terminal.
        if self.has_pen && self.is_live && !replies.is_empty() {
            self.send(Frame::Input(Zeroizing::new(replies))).await?;
        }
        Ok(())
    }

    async fn send(&mut self, frame: Frame) -> Result<(), String> {
        let gone = |_| format!("the runner of run {} hung up", self.run);
        self.client.send(&frame).await.map_err(gone)
    }

    async fn take(&mut self, frame: Frame) -> Result<(), String> {
        match frame {
            Frame::Output(offset, bytes) => {
                self.is_live = offset >= self.live_from;
                self.grid.give(bytes);
            }
            Frame::Journal(bytes) => {
                let entries = self.following.take(&bytes).map_err(|trouble| trouble.to_string())?;
                for entry in &entries {
                    let is_news = entry.seq > self.first_seq;
                    match &entry.event {
                        Event::PromptSeen { .. } if is_news => print::ring(),
                        Event::PenAsked { by, of } if is_news && *of == self.you => {
                            print::ring();
                            self.asking = Some(by.clone());
                        }
                        Event::PenTaken { .. }
                        | Event::PenRefused { .. }
                        | Event::PenReleased { .. } => self.asking = None,
                        Event::WatcherLeft { by } if self.asking.as_ref() == Some(by) => {
                            self.asking = None;
                        }
                        _ => {}
                    }
                }
                if !self.has_asked && self.following.run.seq >= self.first_seq {
                    self.has_asked = true;
                    // Who comes back takes it from a screen of their own that was left behind.
                    if self.following.run.pen.as_ref().is_none_or(|holder| *holder == self.you) {
                        self.send(Frame::Request(Request::TakePen)).await?;
                    }
                }
            }
            Frame::Pen(has_pen) => self.has_pen = has_pen,
            Frame::Size(columns, rows) => self.grid.resize((columns, rows)),
            Frame::Reply(reply)
                if reply.standing == Standing::Done && self.mode == Mode::Through =>
            {
                self.note = None;
            }
            Frame::Reply(reply) => self.note = Some(reply.sentence),
            _ => {}
        }
        Ok(())
    }

    /// `true` when the person leaves.
    async fn typed(&mut self, bytes: &[u8]) -> Result<bool, String> {
        self.partial.extend_from_slice(bytes);
        self.partial_until = None;
        let all = std::mem::take(&mut self.partial);
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            if self.mode == Mode::Through {
                let end = memchr::memchr(RELEASE, rest).unwrap_or(rest.len());
                let (through, after) = rest.split_at(end);
                self.through(through).await?;
                rest = after.get(1..).unwrap_or_default();
                if !after.is_empty() {
                    self.mode = Mode::Bar;
                }
                continue;
            }
            let Some((key, count)) = attach_keys::first(rest) else {
                self.partial = Zeroizing::new(rest.to_vec());
                self.partial_until = Some(Instant::now() + PATIENCE);
                break;
            };
            rest = rest.get(count..).unwrap_or_default();
            if self.pressed(key).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The rest of a key did not come: it is one as it is.
    async fn is_all_of_a_key(&mut self) -> Result<bool, String> {
        self.partial_until = None;
        let partial = std::mem::take(&mut self.partial);
        self.pressed(attach_keys::last(&partial)).await
    }

    async fn through(&mut self, bytes: &[u8]) -> Result<(), String> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.note = None;
        self.grid.interrupt(bytes);
        self.send(Frame::Input(Zeroizing::new(bytes.to_vec()))).await
    }

    /// A key for the bar; `true` when the person leaves.
    async fn pressed(&mut self, key: Press) -> Result<bool, String> {
        let asks = self.asking.is_some() && self.has_pen;
        self.is_wrong = false;
        match (self.mode, key) {
            (Mode::Bar, Press::Release) => {
                self.mode = Mode::Through;
                self.through(&[RELEASE]).await?;
            }
            (Mode::Bar, Press::Char('d' | 'q')) => return Ok(true),
            (Mode::Bar, Press::Char('s')) => self.mode = Mode::Stop(self.next_level()),
            (Mode::Bar, Press::Char('p')) => {
                self.mode = Mode::Through;
                let wanted = if self.has_pen { Request::ReleasePen } else { Request::TakePen };
                self.send(Frame::Request(wanted)).await?;
            }
            (Mode::Bar, Press::Char(answer @ ('y' | 'n'))) if asks => {
                self.mode = Mode::Through;
                (self.note, self.asking) = (None, None);
                self.send(Frame::Request(Request::GivePen { yes: answer == 'y' })).await?;
            }
            (Mode::Stop(level), Press::Char('y')) => {
                self.mode = Mode::Through;
                self.send(Frame::Request(Request::Stop { level })).await?;
            }
            (Mode::Stop(_), Press::Char('n')) | (_, Press::Esc) => self.mode = Mode::Through,
            _ => self.is_wrong = true,
        }
        Ok(false)
    }

    /// One harder than what was tried already.
    fn next_level(&self) -> StopLevel {
        match self.following.run.stop {
            None => StopLevel::Int,
            Some(level) => level.next().unwrap_or(level),
        }
    }

    async fn follow_size(&mut self) -> Result<(), String> {
        let size = terminal::size();
        if size == self.size {
            return Ok(());
        }
        self.size = size;
        self.grid.forget();
        let (columns, rows) = (size.0, size.1.saturating_sub(1).max(1));
        self.send(Frame::Request(Request::Resize { columns, rows })).await
    }

    fn draw(&mut self) -> io::Result<()> {
        let bar = self.bar();
        let bytes = self.grid.draw(self.size, &bar);
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    }

    fn bar(&self) -> String {
        let run = &self.following.run;
        let columns = usize::from(self.size.0);
        let title = run.title.as_str();
        let asking = self.asking.as_ref().filter(|_| self.has_pen).map(ToString::to_string);
        let bar = match self.mode {
            Mode::Bar => Bar::Menu { has_pen: self.has_pen, asking },
            Mode::Stop(level) => Bar::Stop { run: self.run, level, title },
            Mode::Through => {
                if let Some(by) = asking {
                    return format!(
                        "{by} asks for the pen: Ctrl-\\ y gives it, Ctrl-\\ n keeps it"
                    );
                }
                if let Some(note) = &self.note {
                    return note.clone();
                }
                let whose = match (&run.pen, self.has_pen) {
                    (_, true) => "keys go to it".to_owned(),
                    (Some(own), _) if *own == self.you => {
                        "you have the pen at another screen".to_owned()
                    }
                    (Some(other), _) => format!("{other} has the pen"),
                    (None, _) => "nobody has the pen".to_owned(),
                };
                let state = attach::word(run.word(true));
                Bar::Through { run: format!("run {} {state}", self.run), whose, title }
            }
        };
        if self.is_wrong { bar.after_wrong_key(columns) } else { bar.words(columns) }
    }
}

async fn passed(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Keys as they come, on a thread that ends with the program.
fn keys() -> Result<mpsc::Receiver<Zeroizing<Vec<u8>>>, String> {
    let (sender, receiver) = mpsc::channel(64);
    let reading = std::thread::Builder::new().name("keys".into()).spawn(move || {
        let mut input = io::stdin().lock();
        let mut buffer = Zeroizing::new([0; 4096]);
        while let Ok(count) = input.read(buffer.as_mut_slice()) {
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { return };
            if sender.blocking_send(Zeroizing::new(bytes.to_vec())).is_err() {
                return;
            }
        }
    });
    reading.map(|_| receiver).map_err(|error| error.to_string())
}
