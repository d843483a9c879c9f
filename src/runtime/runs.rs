//! Runs for the screen: looks at their journals once a second, starts one and stops one when told.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::app::Msg;
use crate::app::msg::Outcome;
use crate::app::runs::{
    Here, LISTED, RunLine, RunNews, RunOrder, RunPage, Runs, StopTold, Weighed,
};
use crate::domain::Stamp;
use crate::install::journal::{Person, RunWord, StopLevel};
use crate::runner::client::Client;
use crate::runner::order::{PEN_WAIT_MS, Started};
use crate::runner::protocol::{Frame, Hello, Request, Standing, VERSION};
use crate::runner::{self, index, stop};

use super::run_start::{self, Wanted};
use super::{person, run_sheet, run_store};

/// How often the journals are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// How many processes a confirmation names.
const NAMED: usize = 5;

/// What follows the runs of a site, and acts on them.
pub struct RunDesk {
    site: PathBuf,
    to: mpsc::Sender<Msg>,
    page: watch::Sender<Option<u64>>,
}

impl RunDesk {
    /// Tells who is here and how the site's runs stand, whenever that changes, until nobody listens.
    pub fn start(site: PathBuf, to: mpsc::Sender<Msg>) -> RunDesk {
        let (page, asked) = watch::channel(None);
        tokio::spawn(follow(site.clone(), to.clone(), asked));
        RunDesk { site, to, page }
    }

    /// Does what is wanted.
    pub fn order(&self, order: RunOrder) {
        let (site, to) = (self.site.clone(), self.to.clone());
        match order {
            RunOrder::Page(run) => {
                self.page.send_replace(run);
            }
            RunOrder::Start(argv, by) => tell(to, async move { start(&site, argv, &by).await }),
            RunOrder::Weigh(run) => tell(to, async move { weigh(&site, run).await }),
            RunOrder::Stop(run, level, by) => {
                tell(to, async move { stop_run(&site, run, level, &by).await });
            }
            RunOrder::Say(name) => tell(to, async move { say(&site, &name) }),
        }
    }
}

/// Tells what comes of something, when it comes.
fn tell(to: mpsc::Sender<Msg>, work: impl Future<Output = Option<RunNews>> + Send + 'static) {
    tokio::spawn(async move {
        if let Some(news) = work.await {
            // The loop is gone when this fails; nobody is left to tell.
            let _ = to.send(Msg::Run(news)).await;
        }
    });
}

async fn follow(site: PathBuf, to: mpsc::Sender<Msg>, mut asked: watch::Receiver<Option<u64>>) {
    let directory = site.clone();
    let Ok(here) = tokio::task::spawn_blocking(move || here(&directory)).await else { return };
    let _ = to.send(Msg::Run(RunNews::Here(here))).await;
    let (mut told, mut page) = (Runs::default(), None);
    let mut whereabouts = run_store::Whereabouts::default();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            changed = asked.changed() => if changed.is_err() { return },
        }
        let (directory, wanted) = (site.clone(), *asked.borrow_and_update());
        let looking = tokio::task::spawn_blocking(move || {
            let runs = whereabouts.runs(&directory);
            let page = wanted.zip(runs).map(|(run, runs)| run_sheet::page(runs, run));
            (runs.map(look_in).unwrap_or_default(), page, whereabouts)
        });
        let Ok((seen, shown, kept)) = looking.await else { return };
        whereabouts = kept;
        if seen != told {
            told = seen.clone();
            if to.send(Msg::Run(RunNews::Listed(seen))).await.is_err() {
                return;
            }
        }
        if shown != page {
            page.clone_from(&shown);
            let news = shown.map(|shown: RunPage| Msg::Run(RunNews::Page(Box::new(shown))));
            if let Some(news) = news
                && to.send(news).await.is_err()
            {
                return;
            }
        }
        if to.is_closed() {
            return;
        }
    }
}

/// Who is here, and where commands would run.
fn here(site: &Path) -> Here {
    let runs = run_store::find(site);
    let directory = run_start::here().unwrap_or_else(|_| site.to_owned());
    let directory = directory.display().to_string();
    match person::said_or_guess(runs.as_ref().map(|runs| runs.state())) {
        Ok(name) => Here { guess: name.clone(), name: Some(name), directory },
        Err(guess) => Here { name: None, guess, directory },
    }
}

/// How the runs of a site stand now; nothing is made or written but the index.
pub fn look(site: &Path) -> Runs {
    run_store::find(site).as_ref().map(look_in).unwrap_or_default()
}

fn look_in(runs: &runner::Runs) -> Runs {
    let (rows, troubles) = index::list(runs);
    let newest = rows.first().map(|row| row.id);
    let list = rows
        .into_iter()
        .take(LISTED)
        .enumerate()
        .map(|(at, row)| {
            // Of those whose end nobody saw only the last one can go on elsewhere.
            let may_go_on = row.word == RunWord::Unknown && Some(row.id) == newest;
            // Of what is over the index tells enough, but for the last one.
            let is_read = at == 0 || row.word.is_open() || row.ended.is_none();
            let known = is_read.then(|| runs.read(row.id).ok()).flatten();
            let why = known.as_ref().and_then(|known| known.why_unknown());
            let state = known.map(|known| known.run);
            let prompt = state.as_ref().and_then(|run| run.prompt.as_ref());
            let latest = state.as_ref().filter(|_| !row.word.is_open()).map(|run| run.latest);
            let ending = state.as_ref().and_then(|run| run.ending()).map(ToString::to_string);
            RunLine {
                id: row.id,
                title: row.title,
                word: row.word,
                exit: row.exit,
                ending: ending.filter(|_| !row.word.is_open()).or(why),
                started: Stamp(row.started),
                ended: row.ended.map(Stamp).or(latest),
                prompt: prompt.filter(|_| row.word == RunWord::Waiting).map(|p| p.text.clone()),
                goes_on: state
                    .as_ref()
                    .filter(|_| may_go_on)
                    .and_then(|run| run.goes_on_at().map(str::to_owned)),
                stop: state.as_ref().and_then(|run| run.stop),
                cut: state
                    .and_then(|run| run.remote)
                    .and_then(|remote| remote.cut.is_some().then_some(remote.host)),
            }
        })
        .collect();
    Runs { list, trouble: troubles.into_iter().next(), ..Runs::default() }
}

/// Who does something, by the name that was said on the screen.
fn by(site: &Path, name: &str) -> Person {
    let runs = run_store::find(site);
    person::known(Some(name), runs.as_ref().map(|runs| runs.state()))
}

fn say(site: &Path, name: &str) -> Option<RunNews> {
    match run_store::open(site) {
        Ok(runs) => {
            person::say(name, runs.state());
            None
        }
        Err(sentence) => Some(RunNews::Told(Outcome::Failed(sentence))),
    }
}

async fn start(site: &Path, argv: Vec<String>, name: &str) -> Option<RunNews> {
    let failed = |sentence| Some(RunNews::Told(Outcome::Failed(sentence)));
    let wanted = run_start::here().and_then(|directory| {
        run_start::check(&argv, &directory)?;
        let (by, title) = (by(site, name), None);
        let variables = Vec::new();
        Ok(Wanted {
            title,
            argv,
            directory,
            variables,
            by,
            pen_wait_ms: PEN_WAIT_MS,
            on: None,
            stdin: None,
            step: Vec::new(),
        })
    });
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(sentence) => return failed(sentence),
    };
    let runs = match run_store::open(site) {
        Ok(runs) => runs,
        Err(sentence) => return failed(sentence),
    };
    match run_start::start(site, &runs, wanted).await {
        Started::Run(run) => Some(RunNews::Started(run)),
        Started::Refused(sentence) | Started::Trouble(sentence) => failed(sentence),
    }
}

/// What a stop would reach, and what not.
async fn weigh(site: &Path, run: u64) -> Option<RunNews> {
    let weighing = move |site: &Path| {
        let runs = run_store::find(site).ok_or("there is no run any more")?;
        stop::weigh(&runs, run).map_err(|trouble| trouble.to_string())
    };
    let site = site.to_owned();
    let weighed: Result<stop::Reach, String> =
        tokio::task::spawn_blocking(move || weighing(&site)).await.ok()?;
    let weighed = match weighed {
        Ok(reach) => Weighed {
            count: reach.reached.len(),
            reached: reach.reached.iter().take(NAMED).map(ToString::to_string).collect(),
            beyond: reach.beyond,
        },
        Err(why) => Weighed { beyond: vec![why], ..Weighed::default() },
    };
    Some(RunNews::Weighed(run, weighed))
}

/// Stops a run and tells what became of it.
async fn stop_run(site: &Path, run: u64, level: StopLevel, name: &str) -> Option<RunNews> {
    Some(match ask_to_stop(site, run, level, &by(site, name)).await {
        Ok((Standing::Refused, sentence)) | Err(sentence) => {
            RunNews::Told(Outcome::Failed(sentence))
        }
        Ok((standing, sentence)) => {
            RunNews::Stopped(StopTold { run, level, is_done: standing == Standing::Done, sentence })
        }
    })
}

async fn ask_to_stop(
    site: &Path,
    run: u64,
    level: StopLevel,
    by: &Person,
) -> Result<(Standing, String), String> {
    let runs = run_store::find(site).ok_or("there is no run any more")?;
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    if !known.has_runner {
        let stopped = stop::stop_left(&runs, run, level, by).await?;
        let standing = if stopped.left.is_empty() { Standing::Done } else { Standing::Open };
        return Ok((standing, stopped.sentence(run)));
    }
    let hello = Hello {
        version: VERSION,
        name: by.name.clone(),
        output_from: None,
        journal_from: u64::MAX,
        size: None,
        is_watcher: false,
    };
    let mut client = Client::connect(&runs, run, hello).await?;
    let gone = || format!("the runner of run {run} hung up");
    client.send(&Frame::Request(Request::Stop { level })).await.map_err(|_| gone())?;
    while let Some(frame) = client.next().await {
        if let Frame::Reply(reply) = frame {
            return Ok((reply.standing, reply.sentence));
        }
    }
    Err(gone())
}
