//! `shopfloor plan list|show|check`.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::install::plan::{Fault, Library, Plan};
use crate::install::progress::{Standing, State, stand};
use crate::runtime::load::LoadOptions;
use crate::runtime::plan_look::{self, PlanLook};
use crate::runtime::plans;

use super::{exit, plan_sheet, print};

/// `shopfloor plan …`.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// List the plans: the installation, its variant, runbooks, your own
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show where the site stands in a plan, or everything about one step
    Show {
        /// The plan, or a step of the installation in use
        #[arg(value_name = "PLAN")]
        plan: String,
        /// A step of it
        #[arg(value_name = "STEP")]
        step: Option<String>,
        /// Ask nobody: only what files and journals say
        #[arg(long)]
        no_look: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
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
    if let PlanCommand::Show { plan, step, no_look, json } = command {
        return show(load, plan, step.as_deref(), !no_look, *json).await;
    }
    let library = library(load).await?;
    match command {
        PlanCommand::List { json } => list(load, &library, *json),
        PlanCommand::Check { json } => check(&library, *json),
        PlanCommand::Show { .. } => Ok(exit::DONE),
    }
}

/// Reads every plan.
///
/// # Errors
/// When the reading itself fails.
pub async fn library(load: &LoadOptions) -> Result<Library, String> {
    let directory = load.directory.clone();
    tokio::task::spawn_blocking(move || plans::load_without_site(&directory))
        .await
        .map_err(|error| error.to_string())
}

/// A plan and, where one is meant, a step of it, as they are named on the command line.
///
/// # Errors
/// A sentence with what may be meant.
pub fn named(
    load: &LoadOptions,
    library: &Library,
    plan: &str,
    step: Option<&str>,
) -> Result<(String, Option<String>), String> {
    let step_of = |plan: &Plan, wanted: &str| -> Result<String, String> {
        plan.step(wanted).map(|step| step.id.clone()).ok_or_else(|| {
            let near = crate::domain::nearest(wanted, plan.steps().map(|step| step.id.as_str()));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            format!(
                "plan {} has no step {}{hint}",
                plan.id,
                crate::domain::untrusted::printable(wanted)
            )
        })
    };
    if let Some(found) = library.plan(plan) {
        let step = step.map(|step| step_of(found, step)).transpose()?;
        return Ok((found.id.clone(), step));
    }
    let in_use = plan_look::in_use(library, &load.directory);
    if step.is_none()
        && let Some(id) = in_use
        && let Some(found) = library.plan(&id)
        && found.step(plan).is_some()
    {
        return Ok((id, Some(step_of(found, plan)?)));
    }
    if step.is_none()
        && let Some((found, step)) = library.step(plan)
    {
        return Ok((found.id.clone(), Some(step.id.clone())));
    }
    plan_look::find(library, plan).map(|plan| (plan.id.clone(), None))
}

fn list(load: &LoadOptions, library: &Library, as_json: bool) -> Result<u8, String> {
    print::notes(&library.faults.iter().map(ToString::to_string).collect::<Vec<_>>());
    let in_use = plan_look::in_use(library, &load.directory);
    let is_in_use = |plan: &Plan| in_use.as_deref() == Some(plan.id.as_str());
    if as_json {
        let plans: Vec<Value> = library
            .plans
            .iter()
            .map(|plan| {
                let book = plan.runbook.as_ref();
                json!({
                    "id": plan.id,
                    "title": plan.title,
                    "release": plan.release,
                    "since": plan.since,
                    "kind": if plan.is_whole() { "install" } else { "runbook" },
                    "origin": plan.origin,
                    "phases": plan.phases.len(),
                    "steps": plan.steps().count(),
                    "in_use": is_in_use(plan),
                    "alerts": book.map(|book| &book.alerts),
                    "findings": book.map(|book| &book.findings),
                    "occasion": book.and_then(|book| book.occasion.as_ref()),
                })
            })
            .collect();
        print::json(&json!({ "schema": 1, "plans": plans }))?;
        return Ok(exit::DONE);
    }
    let mut text = format!("{:<20}  {:<8}  {:>5}  TITLE\n", "PLAN", "WHOSE", "STEPS");
    for plan in &library.plans {
        let used = if is_in_use(plan) { " (in use)" } else { "" };
        let (id, whose, steps) = (&plan.id, plan.origin.word(), plan.steps().count());
        text.push_str(&format!("{id:<20}  {whose:<8}  {steps:>5}  {}{used}\n", plan.title));
    }
    print::text(&text)?;
    Ok(exit::DONE)
}

async fn show(
    load: &LoadOptions,
    plan: &str,
    step: Option<&str>,
    looks: bool,
    as_json: bool,
) -> Result<u8, String> {
    let library = library(load).await?;
    let (plan, step) = named(load, &library, plan, step)?;
    let look = plan_look::look(load, &plan, looks).await?;
    print::notes(&look.troubles);
    let world = look.world()?;
    let plan = look.plan()?;
    let standing = stand(&world);
    match (step.as_deref().and_then(|step| plan.step(step)), as_json) {
        (Some(step), true) => print::json(&plan_sheet::step_document(&world, step, &standing))?,
        (Some(step), false) => print::text(&plan_sheet::step_sheet(&world, step, &standing))?,
        (None, true) => print::json(&plan_sheet::plan_document(&look, plan, &standing))?,
        (None, false) => print::text(&plan_sheet::plan_sheet(&look, plan, &standing))?,
    }
    Ok(exit::DONE)
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

/// How many steps are in which state, in words: `41 done, 2 regressed, 74 locked`.
pub fn counts(standing: &Standing) -> String {
    let words: Vec<String> = State::ALL
        .into_iter()
        .filter_map(|state| {
            let count = standing.count(state);
            (count > 0).then(|| format!("{count} {}", state.word()))
        })
        .collect();
    words.join(", ")
}

/// A look at a plan for others of this room.
///
/// # Errors
/// As [`plan_look::look`].
pub async fn look(load: &LoadOptions, plan: &str, looks: bool) -> Result<PlanLook, String> {
    plan_look::look(load, plan, looks).await
}
