//! A run on the whole terminal: its screen as our emulator sees it, so that
//! nothing of what it writes acts on the operator's terminal, and a bar that
//! says where keys go.

use std::io::{self, Read as _, Write as _};
use std::time::Duration;

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

use super::attach_grid::Grid;
use super::{exit, print};

/// The screen is drawn at most this often.
const FRAME: Duration = Duration::from_millis(33);
/// The key that shows the bar which owns the next key.
const RELEASE: u8 = 0x1c;
const ESC: u8 = 0x1b;

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
    let mut attached = Attached {
        run,
        watching: Watching::new(known, client.welcome.you.clone()),
        client,
        grid: Grid::new(size),
        size: (columns, rows),
        mode: Mode::Through,
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
}

impl Attached {
    async fn follow(&mut self, endings: &mut Endings) -> Result<Leaving, String> {
        let mut keys = keys()?;
        let mut frames = tokio::time::interval(FRAME);
        frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_dirty = true;
        loop {
            tokio::select! {
                ending = endings.next() => return Ok(Leaving::Told(ending.exit_status())),
                frame = self.client.next() => match frame {
                    None | Some(Frame::End) => return Ok(Leaving::Over),
                    Some(frame) => {
                        self.take(frame).await?;
                        is_dirty = true;
                    }
                },
                typed = keys.recv() => match typed {
                    None => return Ok(Leaving::Left),
                    Some(bytes) => {
                        is_dirty = true;
                        if self.typed(&bytes).await? {
                            return Ok(Leaving::Left);
                        }
                    }
                },
                _ = frames.tick() => {
                    self.follow_size().await?;
                    if is_dirty && !self.grid.is_held() {
                        is_dirty = false;
                        self.draw().map_err(|error| format!("the terminal refuses: {error}"))?;
                    }
                }
            }
        }
    }

    async fn send(&mut self, frame: Frame) -> Result<(), String> {
        let gone = |_| format!("the runner of run {} hung up", self.run);
        self.client.send(&frame).await.map_err(gone)
    }

    async fn take(&mut self, frame: Frame) -> Result<(), String> {
        match self.watching.take(frame)? {
            Heard::Output(bytes, is_ours) => {
                let replies = self.grid.take(&bytes);
                if is_ours && !replies.is_empty() {
                    self.send(Frame::Input(Zeroizing::new(replies))).await?;
                }
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
    async fn typed(&mut self, bytes: &Zeroizing<Vec<u8>>) -> Result<bool, String> {
        let mut through = Zeroizing::new(Vec::with_capacity(bytes.len()));
        for byte in bytes.iter().copied() {
            match self.mode {
                Mode::Through if byte == RELEASE => self.mode = Mode::Bar,
                Mode::Through => through.push(byte),
                Mode::Bar => {
                    self.mode = Mode::Through;
                    match byte {
                        RELEASE => through.push(RELEASE),
                        b'd' | b'q' => return Ok(true),
                        b's' => self.mode = Mode::Stop(self.watching.next_level()),
                        b'p' => {
                            let frame = self.watching.turn_pen();
                            self.send(frame).await?;
                        }
                        b'y' | b'n' => {
                            let frame = self.watching.give_pen(byte == b'y');
                            self.send(frame).await?;
                        }
                        ESC => {}
                        _ => self.mode = Mode::Bar,
                    }
                }
                Mode::Stop(level) => {
                    self.mode = Mode::Through;
                    if byte == b'y' {
                        self.send(Frame::Request(Request::Stop { level })).await?;
                    }
                }
            }
        }
        if !through.is_empty() {
            let frame = self.watching.keys(through);
            self.send(frame).await?;
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
        match self.mode {
            Mode::Bar => {
                let pen =
                    if self.watching.has_pen { "p give the pen back" } else { "p ask for the pen" };
                return format!(
                    "d leave, the run goes on   s stop   {pen}   Ctrl-\\ send it through   Esc back"
                );
            }
            Mode::Stop(level) => {
                let signal = level.word().to_uppercase();
                return format!(
                    "Send {signal} to run {} ({})? y sends it, any other key does not",
                    self.run, run.title
                );
            }
            Mode::Through => {}
        }
        if let Some(by) = self.watching.asks() {
            return format!("{by} asks for the pen: Ctrl-\\ y gives it, Ctrl-\\ n keeps it");
        }
        if let Some(note) = &self.watching.note {
            return note.clone();
        }
        let (state, keys) = (self.watching.state_words(), self.watching.pen_words());
        let line = self.watching.line_words();
        format!("run {} {state}{line}   {keys}   Ctrl-\\ shows more   {}", self.run, run.title)
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
