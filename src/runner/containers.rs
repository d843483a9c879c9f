//! Containers that a run started. Their processes belong to the engine, not to
//! the run's tree; they are known by the label `shopfloor.attempt`, which
//! scripts set from `$SHOPFLOOR_ATTEMPT`, and by the control groups of what
//! is in the tree.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::domain::untrusted::printable;
use crate::install::journal::StopLevel;

use super::machine::{self, Seen};

/// The engines that are asked, by the names of their programs.
const ENGINES: [&str; 2] = ["podman", "docker"];

/// How long an engine may take; it waits ten seconds for the container itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// Stops a run's containers at this level; one line for each thing that was
/// told or that did not work.
pub async fn stop(level: StopLevel, attempt: &str, tree: &[Seen]) -> Vec<String> {
    let mut lines = Vec::new();
    for engine in ENGINES {
        let label = format!("label=shopfloor.attempt={attempt}");
        let listed = run(engine, &["ps", "--quiet", "--no-trunc", "--filter", &label]).await;
        let mut ids: BTreeSet<String> = tree
            .iter()
            .flat_map(|seen| in_control_groups(engine, &machine::control_groups(seen.pid)))
            .collect();
        match listed {
            Ok(None) => continue,
            Ok(Some(text)) => ids.extend(text.split_whitespace().map(str::to_owned)),
            // No engine runs, so none of its containers does.
            Err(why) if why.contains("Cannot connect") || why.contains("cannot connect") => {
                continue;
            }
            Err(why) => {
                lines.push(format!("{engine} does not say which containers are of this run: {why}"))
            }
        }
        if ids.is_empty() {
            continue;
        }
        let mut words: Vec<&str> = match level {
            StopLevel::Int => vec!["kill", "--signal", "INT"],
            StopLevel::Term => vec!["stop", "--time", "10"],
            StopLevel::Kill => vec!["kill", "--signal", "KILL"],
        };
        words.extend(ids.iter().map(String::as_str));
        match run(engine, &words).await {
            Ok(_) => lines.push(format!("{engine} {}", words.join(" "))),
            Err(why) => lines.push(format!("{engine} {}: {why}", words.join(" "))),
        }
    }
    lines
}

/// The output of an engine's program; `None` where there is no such program.
async fn run(engine: &str, words: &[&str]) -> Result<Option<String>, String> {
    let child = Command::new(engine).args(words).stdin(Stdio::null()).kill_on_drop(true).output();
    match tokio::time::timeout(PATIENCE, child).await {
        Err(_) => Err("no answer within 20 s".into()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Ok(Err(error)) => Err(error.to_string()),
        Ok(Ok(output)) if output.status.success() => {
            Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()))
        }
        Ok(Ok(output)) => {
            let text = printable(&String::from_utf8_lossy(&output.stderr));
            Err(if text.is_empty() { output.status.to_string() } else { text })
        }
    }
}

/// The containers that a process is in, by its control groups.
fn in_control_groups(engine: &str, groups: &str) -> Vec<String> {
    let start = if engine == "podman" { "libpod-" } else { "docker-" };
    let mut found = Vec::new();
    for line in groups.lines() {
        let mut before = "";
        for part in line.split('/') {
            let name = part.strip_suffix(".scope").unwrap_or(part);
            let id = name.strip_prefix(start).or((before == engine).then_some(name));
            found.extend(id.filter(|id| is_id(id)).map(str::to_owned));
            before = part;
        }
    }
    found
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_read_from_control_groups() {
        let id = "ab".repeat(32);
        let podman = format!("0::/user.slice/user-0.slice/libpod-{id}.scope/container\n");
        assert_eq!(in_control_groups("podman", &podman), std::slice::from_ref(&id));
        assert!(in_control_groups("docker", &podman).is_empty());
        assert_eq!(
            in_control_groups("docker", &format!("4:memory:/docker/{id}\n")),
            std::slice::from_ref(&id)
        );
        let scope = format!("0::/system.slice/docker-{id}.scope\n");
        assert_eq!(in_control_groups("docker", &scope), [id]);
        assert!(in_control_groups("docker", "0::/system.slice/docker.service\n").is_empty());
    }
}
