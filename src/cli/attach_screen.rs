//! A run on the whole terminal: its screen as our emulator sees it, so that
//! nothing of what it writes acts on the operator's terminal, and a bar that
//! says where keys go.

use std::io::{self, Read as _, Write as _};
use std::time::Duration;

use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::install::journal::{Event, Person, StopLevel};
use crate::runner::client::{Client, Following};
use crate::runner::protocol::{Frame, Hello, Request, Standing, VERSION};
use crate::runner::{Known, Runs};
use crate::runtime::signals::Endings;
use crate::runtime::terminal::{self, TerminalGuard};

use super::attach_grid::Grid;
use super::{attach, exit, print};

/// How much of earlier output is played to have the screen as it is.
const REPLAYED: u64 = 2 << 20;
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
    note: Option<String>,
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
        match frame {
            Frame::Output(offset, bytes) => {
                let replies = self.grid.take(&bytes);
                // Only one screen may answer for the child's terminal.
                if self.has_pen && offset >= self.live_from && !replies.is_empty() {
                    self.send(Frame::Input(Zeroizing::new(replies))).await?;
                }
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
                        b's' => self.mode = Mode::Stop(self.next_level()),
                        b'p' if self.has_pen => {
                            self.send(Frame::Request(Request::ReleasePen)).await?
                        }
                        b'p' => self.send(Frame::Request(Request::TakePen)).await?,
                        b'y' | b'n' => {
                            (self.note, self.asking) = (None, None);
                            self.send(Frame::Request(Request::GivePen { yes: byte == b'y' }))
                                .await?;
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
            self.note = None;
            self.send(Frame::Input(through)).await?;
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
        let state = attach::word(run.word(true));
        match self.mode {
            Mode::Bar => {
                let pen = if self.has_pen { "p give the pen back" } else { "p ask for the pen" };
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
        if let Some(by) = self.asking.as_ref().filter(|_| self.has_pen) {
            return format!("{by} asks for the pen: Ctrl-\\ y gives it, Ctrl-\\ n keeps it");
        }
        if let Some(note) = &self.note {
            return note.clone();
        }
        let keys = match (&run.pen, self.has_pen) {
            (_, true) => "keys go to it".to_owned(),
            (Some(own), _) if *own == self.you => "you have the pen at another screen".to_owned(),
            (Some(other), _) => format!("{other} has the pen"),
            (None, _) => "nobody has the pen".to_owned(),
        };
        format!("run {} {state}   {keys}   Ctrl-\\ shows more   {}", self.run, run.title)
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
