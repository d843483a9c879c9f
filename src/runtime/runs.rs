//! Runs for the screen: looks at their journals once a second, and stops one when told.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::app::Msg;
use crate::app::msg::Outcome;
use crate::app::runs::{LISTED, RunLine, RunNews, Runs};
use crate::domain::Stamp;
use crate::install::journal::{RunWord, StopLevel};
use crate::runner::client::Client;
use crate::runner::protocol::{Frame, Hello, Request, Standing, VERSION};
use crate::runner::{index, stop};

use super::{person, run_store};

/// How often the journals are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Tells how the site's runs stand, whenever that changes, until nobody listens.
pub fn follow(site: PathBuf, to: mpsc::Sender<Msg>) {
    tokio::spawn(async move {
        let mut told = Runs::default();
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            let directory = site.clone();
            let Ok(seen) = tokio::task::spawn_blocking(move || look(&directory)).await else {
                return;
            };
            if seen != told {
                told = seen.clone();
                if to.send(Msg::Run(RunNews::Listed(seen))).await.is_err() {
                    return;
                }
            }
            if to.is_closed() {
                return;
            }
        }
    });
}

/// How the runs of a site stand now; nothing is made or written but the index.
pub fn look(site: &std::path::Path) -> Runs {
    let Some(runs) = run_store::find(site) else { return Runs::default() };
    let (rows, troubles) = index::list(&runs);
    let newest = rows.first().map(|row| row.id);
    let list = rows
        .into_iter()
        .take(LISTED)
        .map(|row| {
            // Of those whose end nobody saw only the last one can go on elsewhere.
            let may_go_on = row.word == RunWord::Unknown && Some(row.id) == newest;
            let wanted = row.word.is_open() || may_go_on;
            let known = wanted.then(|| runs.read(row.id).ok()).flatten();
            let state = known.map(|known| known.run);
            let prompt = state.as_ref().and_then(|run| run.prompt.as_ref());
            RunLine {
                id: row.id,
                title: row.title,
                word: row.word,
                exit: row.exit,
                started: Stamp(row.started),
                ended: row.ended.map(Stamp),
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
    Runs { list, trouble: troubles.into_iter().next() }
}

/// Stops a run and tells what became of it.
pub fn stop(site: PathBuf, run: u64, level: StopLevel, to: mpsc::Sender<Msg>) {
    tokio::spawn(async move {
        let outcome = match ask_to_stop(&site, run, level).await {
            Ok((true, sentence)) => Outcome::Done(sentence),
            Ok((false, sentence)) | Err(sentence) => Outcome::Failed(sentence),
        };
        // The loop is gone when this fails; nobody is left to tell.
        let _ = to.send(Msg::Run(RunNews::Told(outcome))).await;
    });
}

async fn ask_to_stop(
    site: &std::path::Path,
    run: u64,
    level: StopLevel,
) -> Result<(bool, String), String> {
    let runs = run_store::find(site).ok_or("there is no run any more")?;
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    let by = person::known(None, Some(runs.state()));
    if !known.has_runner {
        let stopped = stop::stop_left(&runs, run, level, &by).await?;
        return Ok((stopped.left.is_empty(), stopped.sentence(run)));
    }
    let hello = Hello {
        version: VERSION,
        name: by.name,
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
            return Ok((reply.standing == Standing::Done, reply.sentence));
        }
    }
    Err(gone())
}
