//! Starting a run, from the command line or from the screen.

use std::path::{Path, PathBuf};

use crate::domain::untrusted::printable;
use crate::install::journal::{Person, StepEvent};
use crate::runner::order::{Given, Order, RemoteOrder, Started};
use crate::runner::scope::{self, Surroundings};
use crate::runner::{Runs, starting};

/// A command that somebody wants to run.
pub struct Wanted {
    /// What people call it; its command when nobody says.
    pub title: Option<String>,
    /// The argument vector.
    pub argv: Vec<String>,
    /// The directory to run it in.
    pub directory: PathBuf,
    /// More variables for its environment.
    pub variables: Vec<(String, String)>,
    /// Who wants it.
    pub by: Person,
    /// How long the one who has the pen may think, in milliseconds.
    pub pen_wait_ms: u64,
    /// The other host that it runs on, if it does.
    pub on: Option<RemoteOrder>,
    /// What it reads; what is typed at the run when `None`.
    pub stdin: Option<Given>,
    /// What is written down first, of the step of a plan that it is.
    pub step: Vec<StepEvent>,
}

/// The directory that commands are run in: the one that the program was started in.
///
/// # Errors
/// A sentence when it is gone.
pub fn here() -> Result<PathBuf, String> {
    std::env::current_dir()
        .map_err(|error| format!("the current directory cannot be used: {error}"))
}

/// Whether a command can be run, as far as can be seen before a run is made of it.
///
/// # Errors
/// A sentence when it cannot.
pub fn check(argv: &[String], directory: &Path) -> Result<(), String> {
    cannot_run(argv, directory).map_or(Ok(()), Err)
}

/// Starts a run of the site in `site`.
pub async fn start(site: &Path, runs: &Runs, wanted: Wanted) -> Started {
    let site = site.canonicalize().unwrap_or_else(|_| site.to_owned());
    let title = || match &wanted.on {
        Some(on) => format!("{}: {}", on.endpoint.name, title_of(&wanted.argv)),
        None => title_of(&wanted.argv),
    };
    let directory = match &wanted.on {
        // On another host a command begins where the account does.
        Some(_) => "~".to_owned(),
        None => wanted.directory.to_string_lossy().into_owned(),
    };
    let order = Order {
        title: wanted.title.clone().unwrap_or_else(title),
        argv: wanted.argv,
        directory,
        variables: wanted.variables,
        by: wanted.by,
        scope: None,
        note: None,
        pen_wait_ms: wanted.pen_wait_ms,
        on: wanted.on,
        stdin: wanted.stdin,
        step: wanted.step,
    };
    starting::start(runs, &site, order, &Surroundings::here()).await
}

/// What people call a run that nobody gave a name: its command, without its secrets.
fn title_of(command: &[String]) -> String {
    let words = crate::runner::order::without_secrets(command);
    let title = printable(&words.join(" "));
    if title.chars().count() <= 60 {
        title
    } else {
        title.chars().take(59).collect::<String>() + "~"
    }
}

/// Why a command cannot be run, as far as can be seen before a run is made of it.
fn cannot_run(command: &[String], directory: &Path) -> Option<String> {
    let name = command.first()?;
    let shown = printable(name);
    if name.contains('/') {
        let file = directory.join(name);
        return if !file.exists() {
            Some(format!("{shown}: there is no such file; nothing was started"))
        } else if file.is_dir() {
            Some(format!("{shown} is a directory, not a command; nothing was started"))
        } else if !scope::is_executable(&file) {
            Some(format!("{shown} may not be executed (chmod +x?); nothing was started"))
        } else {
            None
        };
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = scope::which(name, &path).is_some();
    (!is_there)
        .then(|| format!("{shown}: there is no such command on the PATH; nothing was started"))
}
