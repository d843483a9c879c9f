//! Asking the read-only scripts of a plan's conditions, where they belong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::console::place::quoted;
use crate::domain::Cause;
use crate::domain::untrusted::printable;
use crate::install::expression::Truth;
use crate::install::progress::scripts::{Wanted, wanted};
use crate::inventory::Settings;
use crate::runner::remote::ssh_settings;
use crate::transport::local::{self, Program};
use crate::transport::ssh::{Command, Output, SshPool, Status};

use super::load::LoadOptions;
use super::plan_look::{PlanLook, at_home};
use super::plan_place::{Way, way};

/// How long all of them may take; what did not answer then stays unknown.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the scripts say, by their condition as it is shown.
pub async fn ask(load: &LoadOptions, look: &PlanLook) -> BTreeMap<String, (Truth, String)> {
    let scripts = look.world().map(|world| wanted(&world)).unwrap_or_default();
    let mut answers = BTreeMap::new();
    if scripts.is_empty() {
        return answers;
    }
    let settings = ssh_settings(&Settings::load(&load.directory));
    let pool = Arc::new(SshPool::new(settings, Arc::clone(&load.secrets)));
    let mut asking = JoinSet::new();
    for one in scripts {
        let to = way(&look.site, &one.at, one.target.as_deref());
        let pool = Arc::clone(&pool);
        asking.spawn(async move {
            let answer = one_answer(&pool, &one, to).await;
            (one.shown, answer)
        });
    }
    let all = async {
        while let Some(done) = asking.join_next().await {
            if let Ok((shown, answer)) = done {
                answers.insert(shown, answer);
            }
        }
    };
    // What is late is unknown.
    let _ = tokio::time::timeout(PATIENCE, all).await;
    let _ = tokio::time::timeout(Duration::from_millis(300), pool.close_all()).await;
    answers
}

async fn one_answer(pool: &SshPool, one: &Wanted, to: Way) -> (Truth, String) {
    let mut argv = vec!["sh".to_owned(), "-c".to_owned(), one.text.clone(), one.name.clone()];
    argv.extend(one.arguments.iter().cloned());
    // It reads lines.
    let stdin = one.stdin.as_ref().map(|text| format!("{text}\n")).unwrap_or_default();
    let stdin = stdin.into_bytes();
    let output: Result<Output, Cause> = match to {
        Way::Nowhere(why) => return (Truth::Unknown, why),
        Way::Here => {
            let directory = Some(at_home("~/"));
            local::run(&Program { stdin, directory, ..Program::new(argv) }).await
        }
        Way::Over(endpoint) | Way::Ceph(endpoint) => {
            let words: Vec<String> = argv.iter().map(|word| quoted(word)).collect();
            let command = Command { stdin, ..Command::new(words.join(" ")) };
            pool.run(&endpoint, &command).await
        }
    };
    match output {
        Err(cause) => (Truth::Unknown, cause.sentence),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let last = printable(text.lines().last().unwrap_or_default());
            match output.status {
                Status::Exited(0) => (Truth::Holds, last),
                Status::Exited(1) => (Truth::Fails, last),
                Status::Exited(code) => {
                    (Truth::Unknown, format!("{} ended with {code} {last}", one.name))
                }
                Status::Signal(name) => {
                    (Truth::Unknown, format!("{} was ended by {name}", one.name))
                }
            }
        }
    }
}
