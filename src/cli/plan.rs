//! `shopfloor plan list|show|check`.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::install::plan::{Fault, Library};
use crate::runtime::load::LoadOptions;
use crate::runtime::plans;

use super::{exit, print};

/// `shopfloor plan …`.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Check the files of all plans, the site's and your own among them
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs `shopfloor plan …`.
///
/// # Errors
/// A sentence when it cannot be done.
pub async fn run(load: &LoadOptions, command: &PlanCommand) -> Result<u8, String> {
    let directory = load.directory.clone();
    let library = tokio::task::spawn_blocking(move || plans::load_without_site(&directory))
        .await
        .map_err(|error| error.to_string())?;
    match command {
        PlanCommand::Check { json } => check(&library, *json),
    }
}

fn check(library: &Library, as_json: bool) -> Result<u8, String> {
    let status = if library.faults.is_empty() { exit::DONE } else { exit::FOUND };
    if as_json {
        print::json(&json!({
            "schema": 1,
            "plans": library.plans.len(),
            "faults": library.faults.iter().map(fault_json).collect::<Vec<Value>>(),
        }))?;
        return Ok(status);
    }
    let mut text: String = library.faults.iter().map(|fault| format!("{fault}\n")).collect();
    let steps: usize = library.plans.iter().map(|plan| plan.steps().count()).sum();
    text.push_str(&format!(
        "{} plans with {steps} steps, {} interlocks, {} duties: {}\n",
        library.plans.len(),
        library.interlocks.len(),
        library.duties.len(),
        match library.faults.len() {
            0 => "no fault".to_owned(),
            1 => "1 fault".to_owned(),
            count => format!("{count} faults"),
        }
    ));
    print::text(&text)?;
    Ok(status)
}

/// A fault of a file of plans as JSON.
pub fn fault_json(fault: &Fault) -> Value {
    json!({
        "file": fault.place.file,
        "line": fault.place.line,
        "column": fault.place.column,
        "sentence": fault.sentence,
        "accepted": fault.accepted,
    })
}
