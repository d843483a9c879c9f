//! The terminal of a run's command as a line of a console: what the runner has
//! written comes, keys go to it while we have the pen.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::console::{Elsewhere, Going, Line, LineEnds, LineNews, PenAct};
use crate::runner::client::Client;
use crate::runner::protocol::{Frame, Hello, Request, VERSION};
use crate::runner::watching::{Heard, Watching, farewell};
use crate::runner::{Known, Runs};

use super::run_store;

/// How much of earlier output is played to have the screen as it is.
const REPLAYED: u64 = 2 << 20;

/// How long a killed runner may take to be gone altogether.
const DYING: Duration = Duration::from_secs(2);

/// The way to a run of a site.
pub struct RunWay {
    /// The site's directory.
    pub site: PathBuf,
    /// The run.
    pub run: u64,
    /// What the person is called who comes.
    pub by: String,
}

impl Elsewhere for RunWay {
    fn go(&self, size: (u16, u16), _: Option<bool>) -> Going {
        let (site, run, by) = (self.site.clone(), self.run, self.by.clone());
        Box::pin(async move { open(site, run, by, size).await })
    }
}

/// Connects to a run as somebody who watches it on a terminal of that size.
///
/// # Errors
/// One sentence: nobody is there, or it speaks another version.
pub async fn connect(
    runs: &Runs,
    known: &Known,
    by: &str,
    size: (u16, u16),
) -> Result<Client, String> {
    let hello = Hello {
        version: VERSION,
        name: by.to_owned(),
        output_from: Some(known.output.saturating_sub(REPLAYED)),
        journal_from: 0,
        size: Some(size),
        is_watcher: true,
    };
    Client::connect(runs, known.run.id, hello).await
}

/// A run whose runner hung up. One that was killed may hold its journal for a moment longer than its line.
///
/// # Errors
/// Why its journal cannot be read.
pub async fn hung_up(runs: &Runs, run: u64) -> Result<Known, String> {
    let begun = Instant::now();
    loop {
        let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
        if !known.word().is_open() || begun.elapsed() > DYING {
            return Ok(known);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn open(site: PathBuf, run: u64, by: String, size: (u16, u16)) -> Result<Line, String> {
    let reading = tokio::task::spawn_blocking(move || {
        let runs = run_store::find(&site).ok_or("this site has no run")?;
        let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
        Ok::<_, String>((runs, known))
    });
    let (runs, known) = reading.await.map_err(|error| error.to_string())??;
    if !known.has_runner {
        return Err(farewell(&known));
    }
    let client = connect(&runs, &known, &by, size).await?;
    let (line, ends) = Line::new(size);
    let mut watching = Watching::new(&known, client.welcome.you.clone());
    watching.note = client.difference();
    tokio::spawn(Attending { runs, run, client, watching, said: String::new() }.attend(ends));
    Ok(line)
}

struct Attending {
    runs: Runs,
    run: u64,
    client: Client,
    watching: Watching,
    said: String,
}

impl Attending {
    async fn attend(mut self, ends: LineEnds) {
        let LineEnds { news, mut keys, mut size, mut acts } = ends;
        let (columns, rows) = self.client.welcome.size;
        // What is played first was answered when it came.
        let mut is_answered = false;
        for first in [LineNews::Anew(columns, rows), LineNews::Answers(false)] {
            if news.send(first).await.is_err() {
                return;
            }
        }
        loop {
            let words = self.words();
            if words != self.said {
                self.said.clone_from(&words);
                if news.send(LineNews::Stands(words)).await.is_err() {
                    return;
                }
            }
            let sent = tokio::select! {
                frame = self.client.next() => {
                    let Some(frame) = frame else { break };
                    let heard = match self.watching.take(frame) {
                        Ok(heard) => heard,
                        Err(why) => {
                            let _ = news.send(LineNews::Ended(why)).await;
                            return;
                        }
                    };
                    let told = match heard {
                        Heard::Over => break,
                        Heard::Nothing => None,
                        Heard::Output(bytes, is_ours) => {
                            if is_ours != is_answered {
                                is_answered = is_ours;
                                if news.send(LineNews::Answers(is_ours)).await.is_err() {
                                    return;
                                }
                            }
                            Some(LineNews::Bytes(bytes))
                        }
                        Heard::Size(columns, rows) => Some(LineNews::Resize(columns, rows)),
                        Heard::News { is_wanted, is_complete } => {
                            // Whoever comes to a run that waits comes to answer.
                            let waits = self.watching.following.run.prompt.is_some();
                            let wants_pen = is_complete && (waits || self.watching.is_pen_free());
                            let asking = Frame::Request(Request::TakePen);
                            if wants_pen && !self.send(&asking).await {
                                break;
                            }
                            // The strip in the header rings for a prompt; for the pen nobody else does.
                            self.watching.asks().filter(|_| is_wanted).map(|_| LineNews::Ring)
                        }
                    };
                    match told {
                        Some(told) => news.send(told).await.is_ok(),
                        None => true,
                    }
                }
                typed = keys.recv() => match typed {
                    // Whoever held the line let go of it.
                    None => return,
                    Some(bytes) => {
                        let frame = self.watching.keys(Zeroizing::new(bytes));
                        self.send(&frame).await
                    }
                },
                Some(act) = acts.recv() => {
                    let frame = match act {
                        PenAct::Turn => self.watching.turn_pen(),
                        PenAct::Give(yes) => self.watching.give_pen(yes),
                    };
                    self.send(&frame).await
                }
                Ok(()) = size.changed() => {
                    let (columns, rows) = *size.borrow_and_update();
                    self.send(&Frame::Request(Request::Resize { columns, rows })).await
                }
                () = news.closed() => return,
            };
            if !sent {
                break;
            }
        }
        let why = match hung_up(&self.runs, self.run).await {
            Ok(known) => farewell(&known),
            Err(why) => why,
        };
        let _ = news.send(LineNews::Ended(why)).await;
    }

    async fn send(&mut self, frame: &Frame) -> bool {
        self.client.send(frame).await.is_ok()
    }

    /// What is to be known about the pen, one sentence.
    fn words(&self) -> String {
        if let Some(by) = self.watching.asks() {
            return format!("{by} asks for the pen: Ctrl-\\ g gives it, Ctrl-\\ k keeps it");
        }
        if let Some(note) = &self.watching.note {
            return note.clone();
        }
        let state = self.watching.state_words();
        format!("{state}; {}", self.watching.pen_words())
    }
}
