//! Playing a recording: the same messages into the same core, on a screen of
//! its own. Effects are dropped: a replay asks nobody and changes nothing.

use std::io::BufWriter;
use std::time::Duration;

use crossterm::event::EventStream;
use futures_util::StreamExt as _;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::{Input, KeyName, Model, Msg, update};
use crate::ui::look::{Look, StyleRole};

use super::painter::Painter;
use super::recorder::Recording;
use super::signals::Endings;
use super::terminal::{self, TerminalGuard};
use super::{crash, terminal_input};

/// Messages per second while playing at speed 1.
const USUAL_PACE: f64 = 20.0;

/// A recording and how far it was played.
pub struct Player {
    recording: Recording<Model, Msg>,
    model: Model,
    at: usize,
}

impl Player {
    /// At the start of the recording.
    pub fn new(recording: Recording<Model, Msg>) -> Player {
        let model = recording.start.clone();
        Player { recording, model, at: 0 }
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.recording.messages.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.recording.messages.is_empty()
    }

    /// The model after the messages played so far.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// How many messages were played.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Plays until so many messages were played; earlier ones start anew.
    pub fn go_to(&mut self, to: usize) {
        if to < self.at {
            self.model = self.recording.start.clone();
            self.at = 0;
        }
        while self.at < to {
            let Some(msg) = self.recording.messages.get(self.at) else { return };
            let _effects = update(&mut self.model, msg.clone());
            self.at += 1;
        }
    }

    /// Plays to the next message that the operator caused.
    pub fn next_input(&mut self) {
        let next = self
            .recording
            .messages
            .iter()
            .skip(self.at)
            .position(|msg| matches!(msg, Msg::Input(_)))
            .map_or(self.len(), |ahead| self.at + ahead + 1);
        self.go_to(next);
    }

    fn line(&self, is_playing: bool) -> String {
        let torn = if self.recording.is_torn { ", end is torn off" } else { "" };
        format!(
            " REPLAY {} of {}{torn}  {}   Space play/stop  Right/Left step  n next key  g/G ends  q leave",
            self.at,
            self.len(),
            if is_playing { "playing" } else { "stopped" },
        )
    }
}

/// Draws the model at a size.
pub fn picture_of(model: &Model, look: &Look, columns: u16, rows: u16) -> Buffer {
    let area = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(area);
    crate::ui::draw(model, look, area, &mut buffer);
    buffer
}

/// Opens the player on the terminal.
///
/// # Errors
/// When there is no terminal, or it goes away.
pub async fn play(mut player: Player, look: &Look) -> std::io::Result<u8> {
    let mut endings = Endings::listen()?;
    crash::this_thread_draws();
    let _guard = TerminalGuard::take(true)?;
    let mut painter = Painter::new(BufWriter::with_capacity(64 << 10, std::io::stdout()), false);
    let mut events = EventStream::new();
    let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / USUAL_PACE));
    let mut is_playing = false;
    let (mut columns, mut rows) = terminal::size();
    loop {
        painter.paint(frame(&player, look, columns, rows, is_playing))?;
        tokio::select! {
            biased;
            ending = endings.next() => return Ok(ending.exit_status()),
            event = events.next() => {
                let Some(Ok(event)) = event else { return Ok(super::signals::Ending::Hangup.exit_status()) };
                match terminal_input::read(event) {
                    Some(Input::Resize(c, r)) => (columns, rows) = (c, r),
                    Some(Input::Key(key)) => match key.name {
                        KeyName::Char('q') | KeyName::Esc => return Ok(0),
                        KeyName::Char('c') if key.ctrl => return Ok(0),
                        KeyName::Char(' ') => is_playing = !is_playing,
                        KeyName::Right | KeyName::Char('l') => player.go_to(player.at() + 1),
                        KeyName::Left | KeyName::Char('h') => player.go_to(player.at().saturating_sub(1)),
                        KeyName::Char('n') => player.next_input(),
                        KeyName::Char('g') | KeyName::Home => player.go_to(0),
                        KeyName::Char('G') | KeyName::End => player.go_to(player.len()),
                        _ => {}
                    },
                    _ => {}
                }
            }
            _ = pace.tick(), if is_playing => {
                player.go_to(player.at() + 1);
                is_playing = player.at() < player.len();
            }
        }
    }
}

fn frame(player: &Player, look: &Look, columns: u16, rows: u16, is_playing: bool) -> Buffer {
    let mut buffer = picture_of(player.model(), look, columns, rows.saturating_sub(1));
    let area = Rect::new(0, 0, columns, rows);
    buffer.resize(area);
    if rows > 0 {
        buffer.set_stringn(
            0,
            rows - 1,
            player.line(is_playing),
            columns.into(),
            look.style(StyleRole::Header),
        );
    }
    buffer
}
