//! Consoles that a run holds, as a screen reaches them: over the run's socket,
//! one connection for each. The runner goes on when the connection ends.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::app::Msg;
use crate::app::consoles::{ConsoleNews, InRunConsole, InRuns, Place};
use crate::app::msg::Outcome;
use crate::console::{Elsewhere, Going, Line, LineEnds, LineNews};
use crate::runner::Runs;
use crate::runner::client::Client;
use crate::runner::protocol::{self, ConsoleWord, Frame, Hello, Lent, Request, Standing, VERSION};
use crate::transport::secrets::SecretStore;

use super::{person, run_store};

/// How often the journals are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// At every so many looks also those that did not change: a runner that was killed writes nothing.
const WHOLE: u32 = 5;
/// How many runs are looked at, the newest.
const LOOKED: usize = 50;
/// The longest piece of keys in a frame.
const PIECE: usize = 64 * 1024;
/// Requests that may wait.
const REQUESTS: usize = 16;

/// A console that a run holds or is to hold.
pub struct RunConsole(Arc<Reached>);

struct Reached {
    runs: Runs,
    run: u64,
    /// Its number in the run; 0 until it has one.
    number: AtomicU64,
    /// Where it is to go when it has no number yet.
    to: Option<Place>,
    secrets: Arc<SecretStore>,
    /// The connection there is now.
    live: Mutex<Option<mpsc::Sender<Frame>>>,
    /// The console's number on this screen, and where news of it go.
    id: u32,
    news: mpsc::Sender<Msg>,
}

impl RunConsole {
    /// The console at that place, which is in a run of the site.
    ///
    /// # Errors
    /// When the place is in no run, or the site has none.
    pub fn at(
        site: &std::path::Path,
        place: &Place,
        secrets: Arc<SecretStore>,
        id: u32,
        news: mpsc::Sender<Msg>,
    ) -> Result<RunConsole, String> {
        let Place::InRun { run, console, to, .. } = place else {
            return Err("this console is in no run".to_owned());
        };
        let runs = run_store::find(site).ok_or("there is no run any more")?;
        Ok(RunConsole(Arc::new(Reached {
            runs,
            run: *run,
            number: AtomicU64::new(console.unwrap_or(0)),
            to: to.as_deref().cloned(),
            secrets,
            live: Mutex::new(None),
            id,
            news,
        })))
    }

    /// Asks for the keys, or gives them to whoever asks (`true`); keeps them (`false`).
    pub fn keys(&self, yes: bool) {
        let request = if yes { Request::TakeKeys } else { Request::GiveKeys { yes: false } };
        let live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = live.as_ref() {
            // A connection that takes nothing shows that by itself.
            let _ = live.try_send(Frame::Request(request));
        }
    }

    /// Ends it in the run, and tells what became of that.
    /// The task's result says why it was not ended, for a screen that is left meanwhile.
    pub fn end(&self) -> tokio::task::JoinHandle<Result<(), String>> {
        let reached = Arc::clone(&self.0);
        tokio::spawn(async move {
            let (outcome, result) = match reached.end().await {
                Ok(sentence) => (Outcome::Done(sentence), Ok(())),
                Err(sentence) => (Outcome::Failed(sentence.clone()), Err(sentence)),
            };
            // The loop is gone when this fails; nobody is left to tell.
            let _ = reached.news.send(Msg::Done(outcome)).await;
            result
        })
    }
}

impl Elsewhere for RunConsole {
    fn go(&self, size: (u16, u16), again: Option<bool>) -> Going {
        let reached = Arc::clone(&self.0);
        Box::pin(async move { reached.go(size, again).await })
    }
}

impl Reached {
    async fn connect(&self) -> Result<Client, String> {
        let hello = Hello {
            version: VERSION,
            name: person::known(None, Some(self.runs.state())).name,
            output_from: None,
            journal_from: u64::MAX,
            size: None,
            is_watcher: false,
        };
        let client = Client::connect(&self.runs, self.run, hello).await?;
        if client.welcome.version < 2 {
            let run = self.run;
            return Err(format!(
                "run {run} was started by an older shopfloor, which holds no consoles; one can be opened here"
            ));
        }
        Ok(client)
    }

    async fn end(&self) -> Result<String, String> {
        let console = self.number.load(Relaxed);
        if console == 0 {
            return Ok("the console was never open".to_owned());
        }
        let mut client = self.connect().await?;
        let gone = || format!("the runner of run {} hung up", self.run);
        let request = Frame::Request(Request::EndConsole { console });
        client.send(&request).await.map_err(|_| gone())?;
        while let Some(frame) = client.next().await {
            if let Frame::Reply(reply) = frame {
                return match reply.standing {
                    Standing::Refused => Err(reply.sentence),
                    _ => Ok(reply.sentence),
                };
            }
        }
        Err(gone())
    }

    async fn go(&self, size: (u16, u16), again: Option<bool>) -> Result<Line, String> {
        let mut client = self.connect().await?;
        let gone = || self.gone();
        let number = self.number.load(Relaxed);
        for lent in self.lent(client.owner) {
            client.send(&Frame::Lend(lent)).await.map_err(|_| gone())?;
        }
        let request = match (&self.to, number) {
            (Some(place), 0) => Request::OpenConsole { place: Box::new(place.clone()), size },
            (_, 0) => Request::ShowConsole { console: None, size, again },
            _ => Request::ShowConsole { console: Some(number), size, again },
        };
        client.send(&Frame::Request(request)).await.map_err(|_| gone())?;
        let mut early = Vec::new();
        loop {
            match client.next().await.ok_or_else(gone)? {
                Frame::Reply(reply) if reply.standing == Standing::Refused => {
                    return Err(reply.sentence);
                }
                Frame::Console(ConsoleWord::Is { number, name }) => {
                    self.number.store(number, Relaxed);
                    let news = ConsoleNews::Numbered(self.id, number, name);
                    // The loop is gone when this fails; nobody is left to tell.
                    let _ = self.news.send(Msg::Console(news)).await;
                }
                Frame::Console(ConsoleWord::Open) => break,
                frame => {
                    let is_end = matches!(frame, Frame::Console(ConsoleWord::Ended { .. }));
                    early.extend(news_of(frame));
                    if is_end {
                        break;
                    }
                }
            }
        }
        let (line, ends) = Line::new(size);
        let (live, requests) = mpsc::channel(REQUESTS);
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(live);
        let (frames, to) = client.split();
        tokio::spawn(attend(early, frames, to, requests, ends, self.gone()));
        Ok(line)
    }

    fn gone(&self) -> String {
        let (run, number) = (self.run, self.number.load(Relaxed));
        let recording = self.runs.directory(run).join("consoles").join(format!("{number}.cast"));
        format!(
            "the runner of run {run} is gone and this console with it; what it showed is in {}",
            recording.display()
        )
    }

    /// The secrets of this session that the console needs; they go to a runner of our own account only.
    fn lent(&self, owner: u32) -> Vec<Lent> {
        if owner != rustix::process::geteuid().as_raw() {
            return Vec::new();
        }
        let named = match &self.to {
            Some(Place::Sol { bmc, .. }) => {
                let secret = self.secrets.get(&bmc.password);
                secret.map(|secret| (bmc.password.clone(), secret)).into_iter().collect()
            }
            Some(Place::Local(_)) => Vec::new(),
            // Passphrases of keys, by the names that the SSH transport asks for.
            _ => self.secrets.with_prefix("ssh-key "),
        };
        let lent = named.into_iter().map(|(name, secret)| Lent {
            name: name.to_string(),
            secret: Zeroizing::new(secret.expose_secret().as_bytes().to_vec()),
        });
        lent.collect()
    }
}

/// What a frame says of the console.
fn news_of(frame: Frame) -> Vec<LineNews> {
    match frame {
        Frame::Shown(bytes) => vec![LineNews::Bytes(bytes)],
        Frame::Console(word) => match word {
            ConsoleWord::Anew { columns, rows, recorded } => {
                vec![LineNews::Anew(columns, rows), LineNews::Recorded(recorded)]
            }
            ConsoleWord::Size { columns, rows } => vec![LineNews::Resize(columns, rows)],
            ConsoleWord::Ended { why } => vec![LineNews::Ended(why)],
            ConsoleWord::Keys { yours } => vec![LineNews::Keys(yours)],
            ConsoleWord::Said { sentence } => vec![LineNews::Said(sentence)],
            ConsoleWord::Is { .. } | ConsoleWord::Opening | ConsoleWord::Open => Vec::new(),
        },
        Frame::Reply(reply) => vec![LineNews::Said(reply.sentence)],
        _ => Vec::new(),
    }
}

async fn attend(
    early: Vec<LineNews>,
    mut frames: mpsc::Receiver<Frame>,
    mut to: OwnedWriteHalf,
    mut requests: mpsc::Receiver<Frame>,
    ends: LineEnds,
    gone: String,
) {
    let LineEnds { news, mut keys, mut size, acts: _ } = ends;
    let read = async {
        for one in early {
            let is_end = matches!(one, LineNews::Ended(_));
            if news.send(one).await.is_err() || is_end {
                return;
            }
        }
        while let Some(frame) = frames.recv().await {
            for one in news_of(frame) {
                let is_end = matches!(one, LineNews::Ended(_));
                if news.send(one).await.is_err() || is_end {
                    return;
                }
            }
        }
        let _ = news.send(LineNews::Ended(gone)).await;
    };
    let write = async {
        loop {
            let frames = tokio::select! {
                biased;
                changed = size.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let (columns, rows) = *size.borrow_and_update();
                    vec![Frame::Request(Request::Resize { columns, rows })]
                }
                Some(request) = requests.recv() => vec![request],
                bytes = keys.recv() => {
                    let Some(bytes) = bytes.map(Zeroizing::new) else { return };
                    bytes.chunks(PIECE).map(|p| Frame::Keys(Zeroizing::new(p.to_vec()))).collect()
                }
            };
            for frame in frames {
                if protocol::send(&mut to, &frame).await.is_err() {
                    // A runner that is gone shows in the reader.
                    std::future::pending::<()>().await;
                }
            }
        }
    };
    tokio::select! {
        () = read => {}
        () = write => {}
        () = news.closed() => {}
    }
}

/// Tells which consoles the runs of a site hold, whenever that changes, until nobody listens.
pub fn follow(site: PathBuf, to: mpsc::Sender<Msg>) {
    tokio::spawn(async move {
        let mut told = InRuns::default();
        let mut known = Known::default();
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            let directory = site.clone();
            let looked = tokio::task::spawn_blocking(move || {
                let seen = look(&directory, &mut known);
                (seen, known)
            });
            let Ok((seen, kept)) = looked.await else { return };
            known = kept;
            if seen != told {
                told = seen.clone();
                if to.send(Msg::Console(ConsoleNews::InRuns(seen))).await.is_err() {
                    return;
                }
            }
            if to.is_closed() {
                return;
            }
        }
    });
}

/// What was seen of each run, and how long its journal was then.
#[derive(Default)]
struct Known {
    whereabouts: run_store::Whereabouts,
    runs: HashMap<u64, (u64, InRuns)>,
    looks: u32,
}

fn look(site: &std::path::Path, known: &mut Known) -> InRuns {
    let mut all = InRuns::default();
    known.looks = known.looks.wrapping_add(1);
    let Some(runs) = known.whereabouts.runs(site) else { return all };
    for run in runs.ids().into_iter().take(LOOKED) {
        let directory = runs.directory(run);
        // It goes with the runner.
        if !directory.join("socket").exists() {
            known.runs.remove(&run);
            continue;
        }
        let length = std::fs::metadata(directory.join("journal.jsonl")).map_or(0, |m| m.len());
        let before = known.runs.get(&run).filter(|(before, _)| *before == length);
        let seen = match before {
            Some((_, seen)) if !known.looks.is_multiple_of(WHOLE) => seen.clone(),
            _ => in_run(runs, run),
        };
        all.host = all.host.or(seen.host);
        all.list.extend(seen.list.iter().cloned());
        known.runs.insert(run, (length, seen));
    }
    all
}

/// What one run holds.
fn in_run(runs: &Runs, run: u64) -> InRuns {
    let Some(known) = runs.read(run).ok().filter(|known| known.has_runner) else {
        return InRuns::default();
    };
    let me = rustix::process::geteuid().as_raw();
    let may_open = !known.run.is_over() && (known.owner == me || me == 0);
    let list = known.run.consoles.iter().filter(|console| !console.is_closed);
    let list = list.map(|console| InRunConsole {
        run,
        number: console.number,
        name: console.name.clone(),
        keys: console.keys.as_ref().map(ToString::to_string),
        ended: console.why.clone(),
    });
    InRuns { host: may_open.then_some(run), list: list.collect() }
}
