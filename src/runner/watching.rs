//! What a screen knows of a run that it watches: what its frames mean, who has
//! the pen, who asks for it.

use zeroize::Zeroizing;

use crate::install::journal::{Event, Person, RunWord, StopLevel};

use super::client::Following;
use super::protocol::{Frame, Request, Standing};
use super::store::Known;

/// A run as it is watched.
pub struct Watching {
    /// Its state, as far as its journal came.
    pub following: Following,
    /// Whether keys typed here go to the command.
    pub has_pen: bool,
    /// Who asks us for the pen.
    pub asking: Option<Person>,
    /// What became of the last request.
    pub note: Option<String>,
    you: Person,
    /// Output before this is history: its questions to the terminal were answered then.
    live_from: u64,
    first_seq: u64,
    has_asked: bool,
}

/// What a frame means for whoever shows the run.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that has to be done.
    Nothing,
    /// The command's terminal shows this; `true` when we answer what it asks.
    Output(Vec<u8>, bool),
    /// The command's terminal has this size.
    Size(u16, u16),
    /// The journal went on.
    News {
        /// Whether somebody is wanted here: it asks for something, or another one for the pen.
        is_wanted: bool,
        /// Whether it is there now as it was when we came; once.
        is_complete: bool,
    },
    /// The run is over.
    Over,
}

impl Watching {
    /// Nothing came yet; `known` is the run as it was when we came.
    pub fn new(known: &Known, you: Person) -> Watching {
        Watching {
            following: Following::default(),
            has_pen: false,
            asking: None,
            note: None,
            you,
            live_from: known.output,
            first_seq: known.run.seq,
            has_asked: false,
        }
    }

    /// Takes in a frame.
    ///
    /// # Errors
    /// What is wrong with the journal.
    pub fn take(&mut self, frame: Frame) -> Result<Heard, String> {
        Ok(match frame {
            // Only one screen may answer for the child's terminal.
            Frame::Output(offset, bytes) => {
                let bytes = match &self.following.run.remote {
                    // Without a terminal nobody made whole line ends of them.
                    Some(remote) if !remote.has_terminal => with_line_ends(&bytes),
                    _ => bytes,
                };
                Heard::Output(bytes, self.has_pen && offset >= self.live_from)
            }
            Frame::Journal(bytes) => self.journal(&bytes)?,
            Frame::Pen(has_pen) => {
                self.has_pen = has_pen;
                Heard::Nothing
            }
            Frame::Size(columns, rows) => Heard::Size(columns, rows),
            Frame::Reply(reply) => {
                let is_done = reply.standing == Standing::Done;
                self.note = (!is_done).then_some(reply.sentence);
                Heard::Nothing
            }
            Frame::End => Heard::Over,
            _ => Heard::Nothing,
        })
    }

    fn journal(&mut self, bytes: &[u8]) -> Result<Heard, String> {
        let entries = self.following.take(bytes).map_err(|trouble| trouble.to_string())?;
        let mut is_wanted = false;
        for entry in &entries {
            let is_news = entry.seq > self.first_seq;
            match &entry.event {
                Event::PromptSeen { .. } => is_wanted |= is_news,
                Event::PenAsked { by, of } if is_news && *of == self.you => {
                    is_wanted = true;
                    self.asking = Some(by.clone());
                }
                Event::PenTaken { .. } | Event::PenRefused { .. } | Event::PenReleased { .. } => {
                    self.asking = None;
                }
                Event::WatcherLeft { by } if self.asking.as_ref() == Some(by) => {
                    self.asking = None;
                }
                _ => {}
            }
        }
        let is_complete = !self.has_asked && self.following.run.seq >= self.first_seq;
        self.has_asked |= is_complete;
        Ok(Heard::News { is_wanted, is_complete })
    }

    /// Whether the pen is nobody's, or our own at a screen that was left behind.
    pub fn is_pen_free(&self) -> bool {
        self.following.run.pen.as_ref().is_none_or(|holder| *holder == self.you)
    }

    /// What keys become on their way to the command.
    pub fn keys(&mut self, bytes: Zeroizing<Vec<u8>>) -> Frame {
        self.note = None;
        Frame::Input(bytes)
    }

    /// Asks for the pen, or gives it back.
    pub fn turn_pen(&self) -> Frame {
        Frame::Request(if self.has_pen { Request::ReleasePen } else { Request::TakePen })
    }

    /// Answers whoever asks for the pen.
    pub fn give_pen(&mut self, yes: bool) -> Frame {
        (self.note, self.asking) = (None, None);
        Frame::Request(Request::GivePen { yes })
    }

    /// One harder than what was tried already.
    pub fn next_level(&self) -> StopLevel {
        match self.following.run.stop {
            None => StopLevel::Int,
            Some(level) => level.next().unwrap_or(level),
        }
    }

    /// Who asks for the pen that we have.
    pub fn asks(&self) -> Option<&Person> {
        self.asking.as_ref().filter(|_| self.has_pen)
    }

    /// Whose keys go to the command.
    pub fn pen_words(&self) -> String {
        match (&self.following.run.pen, self.has_pen) {
            (_, true) => "keys go to it".to_owned(),
            (Some(own), _) if *own == self.you => "you have the pen at another screen".to_owned(),
            (Some(other), _) => format!("{other} has the pen"),
            (None, _) => "nobody has the pen".to_owned(),
        }
    }

    /// Where it runs, if that is another host, and whether its line holds.
    pub fn line_words(&self) -> String {
        match &self.following.run.remote {
            Some(remote) if remote.cut.is_some() => format!("   LINE TO {} CUT", remote.host),
            Some(remote) => format!(" on {}", remote.host),
            None => String::new(),
        }
    }

    /// The run's state, in the words of the screen.
    pub fn state_words(&self) -> &'static str {
        words(self.following.run.word(true))
    }
}

/// The words for a state in a sentence.
pub fn words(known: RunWord) -> &'static str {
    if known == RunWord::Waiting { "WAITS FOR YOU" } else { known.word() }
}

/// How a run ended, or that it goes on without us.
pub fn farewell(known: &Known) -> String {
    let (run, word) = (known.run.id, words(known.word()));
    match known.run.ending().map(ToString::to_string).or_else(|| known.why_unknown()) {
        Some(how) => format!("run {run} is {word}: {how}"),
        None => format!(
            "the runner hung up; run {run} is {word}; come back with `shopfloor attach {run}`"
        ),
    }
}

/// Every line end as a terminal wants it.
fn with_line_ends(bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => whole.extend_from_slice(&[text, b"\r\n"].concat()),
            None => whole.extend_from_slice(line),
        }
    }
    whole
}
