//! A run on the whole terminal: its screen as our emulator sees it, so that
//! nothing of what it writes acts on the operator's terminal, and a bar that
//! says where keys go.

use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::install::journal::{Person, StopLevel};
use crate::runner::client::Client;
use crate::runner::protocol::{Frame, Request};
use crate::runner::watching::{Heard, Watching, farewell};
use crate::runner::{Known, Runs};
use crate::runtime::run_line;
use crate::runtime::signals::Endings;
use crate::runtime::terminal::{self, TerminalGuard};

use super::attach_bar::Bar;
use super::attach_grid::Grid;
use super::attach_keys::{self, PATIENCE, Press, RELEASE};
use super::{exit, print};

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
    let size = (columns, rows.saturating_sub(1).max(1));
    let client = run_line::connect(runs, known, &person.name, size).await?;
    let size = client.welcome.size;
    let mut watching = Watching::new(known, client.welcome.you.clone());
    watching.note = client.difference();
    let mut attached = Attached {
        run,
        watching,
        client,
        grid: Grid::new(size),
        size: (columns, rows),
        mode: Mode::Through,
        partial: Zeroizing::new(Vec::new()),
        partial_until: None,
        is_wrong: false,
        is_live: false,
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
            let known = run_line::hung_up(runs, run).await?;
            print::text(&format!("{}\n", farewell(&known)))?;
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
    client: Client,
    watching: Watching,
    grid: Grid,
    size: (u16, u16),
    mode: Mode,
    /// The beginning of a key for the bar, until its rest comes.
    partial: Zeroizing<Vec<u8>>,
    partial_until: Option<Instant>,
    /// The last key for the bar was none of its keys.
    is_wrong: bool,
    /// Whether the output that is worked off came while we are here.
    is_live: bool,
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
        if self.watching.has_pen && self.is_live && !replies.is_empty() {
            self.send(Frame::Input(Zeroizing::new(replies))).await?;
        }
        Ok(())
    }

    async fn send(&mut self, frame: Frame) -> Result<(), String> {
        let gone = |_| format!("the runner of run {} hung up", self.run);
        self.client.send(&frame).await.map_err(gone)
    }

    async fn take(&mut self, frame: Frame) -> Result<(), String> {
        match self.watching.take(frame)? {
            Heard::Output(bytes, is_live) => {
                self.is_live = is_live;
                self.grid.give(bytes);
            }
            Heard::News { is_wanted, is_complete } => {
                if is_wanted {
                    print::ring();
                }
                if is_complete && self.watching.is_pen_free() {
                    self.send(Frame::Request(Request::TakePen)).await?;
                }
            }
            Heard::Size(columns, rows) => self.grid.resize((columns, rows)),
            Heard::Nothing | Heard::Over => {}
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
        self.grid.interrupt(bytes);
        let frame = self.watching.keys(Zeroizing::new(bytes.to_vec()));
        self.send(frame).await
    }

    /// A key for the bar; `true` when the person leaves.
    async fn pressed(&mut self, key: Press) -> Result<bool, String> {
        let asks = self.watching.asks().is_some();
        self.is_wrong = false;
        match (self.mode, key) {
            (Mode::Bar, Press::Release) => {
                self.mode = Mode::Through;
                self.through(&[RELEASE]).await?;
            }
            (Mode::Bar, Press::Char('d' | 'q')) => return Ok(true),
            (Mode::Bar, Press::Char('s')) => self.mode = Mode::Stop(self.watching.next_level()),
            (Mode::Bar, Press::Char('p')) => {
                self.mode = Mode::Through;
                let frame = self.watching.turn_pen();
                self.send(frame).await?;
            }
            (Mode::Bar, Press::Char(answer @ ('y' | 'n'))) if asks => {
                self.mode = Mode::Through;
                let frame = self.watching.give_pen(answer == 'y');
                self.send(frame).await?;
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
        let run = &self.watching.following.run;
        let columns = usize::from(self.size.0);
        let title = run.title.as_str();
        let asking = self.watching.asks().map(ToString::to_string);
        let bar = match self.mode {
            Mode::Bar => Bar::Menu { has_pen: self.watching.has_pen, asking },
            Mode::Stop(level) => Bar::Stop { run: self.run, level, title },
            Mode::Through => {
                if let Some(by) = asking {
                    return format!(
                        "{by} asks for the pen: Ctrl-\\ y gives it, Ctrl-\\ n keeps it"
                    );
                }
                if let Some(note) = &self.watching.note {
                    return note.clone();
                }
                let (state, line) = (self.watching.state_words(), self.watching.line_words());
                let whose = self.watching.pen_words();
                Bar::Through { run: format!("run {} {state}{line}", self.run), whose, title }
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
