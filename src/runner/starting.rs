//! Starting a run from a screen or a command line, which may then go away.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use super::guard;
use super::machine;
use super::order::{Order, Started};
use super::scope::{self, Surroundings};
use super::store::Runs;

/// How long a guardian may take until it says something.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a run: the guardian, the runner, the command.
pub async fn start(runs: &Runs, site: &Path, mut order: Order, around: &Surroundings) -> Started {
    let name = format!("{}-{}-{}", runs.mark(), std::process::id(), machine::now().0);
    let place = scope::choose(around, &name, &crate::domain::untrusted::printable(&order.title));
    order.scope.clone_from(&place.scope);
    order.note.clone_from(&place.note);
    if let Some((program, words)) = place.wrapper.split_first() {
        let mut command = Command::new(program);
        command.args(words).arg(&around.program);
        match launch(command, runs, site, &order).await {
            // systemd refused before anything of ours began: the lease sees to it that nothing runs twice.
            None => {
                order.scope = None;
                order.note = Some(
                    "systemd gave no scope; a logout that kills processes ends this run too".into(),
                );
            }
            Some(started) => return started,
        }
    }
    let command = Command::new(&around.program);
    launch(command, runs, site, &order).await.unwrap_or_else(|| {
        Started::Trouble("the guardian of the run ended without a word; nothing was started".into())
    })
}

/// What the guardian says; `None` when it never came so far.
async fn launch(mut command: Command, runs: &Runs, site: &Path, order: &Order) -> Option<Started> {
    let trouble = |why: String| Some(Started::Trouble(why));
    command
        .args(guard::arguments("guard", runs, site))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            return trouble(format!("the guardian of the run cannot be started: {error}"));
        }
    };
    let json = match serde_json::to_vec(order) {
        Ok(json) => json,
        Err(error) => return trouble(error.to_string()),
    };
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (Some(mut stdin), Some(stdout)) = (stdin, stdout) else {
        return trouble("the guardian of the run has no pipes".into());
    };
    // One that ended at once says why in its answer, or that there is none.
    let _ = stdin.write_all(&json).await;
    drop(stdin);
    let mut line = String::new();
    let mut lines = BufReader::new(stdout);
    match tokio::time::timeout(PATIENCE, lines.read_line(&mut line)).await {
        Ok(Ok(_)) => serde_json::from_str(&line).ok(),
        Ok(Err(error)) => trouble(format!("the guardian of the run cannot be heard: {error}")),
        Err(_) => trouble(
            "the run did not begin within 30 s; `shopfloor run list` shows what became of it"
                .into(),
        ),
    }
}
