//! Runs whose command is on another host: the way to it, going on with one
//! whose runner is gone, and asking the host how it stands.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::endpoint::SshEndpoint;
use crate::install::journal::{Person, Run};
use crate::runner::order::{Order, PEN_WAIT_MS, RemoteOrder, Started};
use crate::runner::remote::{AttemptId, Detached, End, State, TerminalState, ssh_settings};
use crate::runner::scope::Surroundings;
use crate::runner::{Known, Runs, starting};
use crate::runtime::load::{LoadOptions, load_site};
use crate::transport::ssh::SshPool;

/// How long a host may take to say how a run stands that nobody holds the line of.
const PATIENCE: Duration = Duration::from_secs(15);

/// The way to a host of the inventory.
///
/// # Errors
/// A sentence when the site has no such target, or it is not reached over SSH.
pub async fn endpoint(load: &LoadOptions, name: &str) -> Result<SshEndpoint, String> {
    let load = load.clone();
    let loaded = tokio::task::spawn_blocking(move || load_site(&load)).await;
    let loaded = loaded.map_err(|error| format!("reading the site failed: {error}"))??;
    let target = loaded.site.find(name)?;
    target.ssh.clone().ok_or_else(|| format!("{} is not reached over SSH", target.name))
}

/// Starts a runner that goes on with a run whose command is on another host.
///
/// # Errors
/// A sentence when the host is no longer in the inventory, or it cannot be started.
pub async fn go_on(
    load: &LoadOptions,
    runs: &Runs,
    run: &Run,
    by: Person,
) -> Result<Started, String> {
    let Some(host) = run.goes_on_at() else { return Ok(Started::Run(run.id)) };
    let endpoint = endpoint(load, host).await?;
    let site = load.directory.canonicalize().unwrap_or_else(|_| load.directory.clone());
    let order = Order {
        title: run.title.clone(),
        argv: vec!["true".into()],
        directory: run.directory.clone(),
        variables: Vec::new(),
        by,
        scope: None,
        note: None,
        pen_wait_ms: PEN_WAIT_MS,
        on: Some(RemoteOrder { endpoint, has_terminal: false, resumes: Some(run.id) }),
        stdin: None,
        step: Vec::new(),
    };
    Ok(starting::start(runs, &site, order, &Surroundings::here()).await)
}

/// How a run stands on its host, one sentence, for a run whose runner is gone.
pub async fn look(load: &LoadOptions, known: &Known) -> Option<String> {
    let host = known.run.goes_on_at().filter(|_| !known.has_runner)?;
    let attempt = AttemptId::new(&known.run.attempts.last()?.id)?;
    let endpoint = match endpoint(load, host).await {
        Ok(endpoint) => endpoint,
        Err(sentence) => return Some(format!("cannot be asked: {sentence}")),
    };
    let settings = ssh_settings(&crate::inventory::Settings::load(&load.directory));
    let pool = SshPool::new(settings, Arc::clone(&load.secrets));
    let detached = Detached::new(pool, endpoint, attempt);
    let asked = detached.fetch(u64::MAX >> 1, Duration::ZERO, TerminalState::None);
    let answer = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(cause)) => return Some(format!("cannot be asked: {}", cause.sentence)),
        Err(_) => return Some(format!("{host} does not answer")),
    };
    let (run, bytes) = (known.run.id, answer.size.saturating_sub(known.output));
    let fetches = format!("{bytes} bytes are still there, `shopfloor attach {run}` fetches them");
    Some(match answer.state {
        State::Running => format!("still running on {host}; {fetches}"),
        State::Ended(End::Exit(code)) => format!("ended on {host} with exit {code}; {fetches}"),
        State::Ended(End::Signal(number)) => {
            let name = crate::install::journal::event::signal_name(number);
            format!("ended on {host} by {name}; {fetches}")
        }
        State::Lost => format!("{host} was restarted or lost it; {fetches}"),
        _ => format!("{host} knows nothing of it; `shopfloor attach {run}` closes the run"),
    })
}
