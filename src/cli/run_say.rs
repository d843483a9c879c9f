//! What people say of steps: `shopfloor run confirm|skip|defer|reopen`.

use clap::Args;

use crate::install::expression::{Piece, Shown};
use crate::install::journal::{Event, Person, StepAct};
use crate::install::plan::kind::Approve;
use crate::install::plan::{Kind, Step};
use crate::install::progress::{StepKey, Wish, World, judge, open, standing};
use crate::runner::plan_journal;
use crate::runtime::load::LoadOptions;
use crate::runtime::{person, plan_look, run_store};

use super::run_step::{chosen_target, event, meant, pairs, refuse};
use super::{exit, print};

/// What somebody says of a step.
#[derive(Debug, Args)]
pub struct SayArgs {
    /// The step, with its plan before it where it is not of the installation in use
    #[arg(value_name = "[PLAN/]STEP")]
    pub step: String,
    /// The target, of a step that repeats
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// What is shown: NAME=TEXT as `plan show` names it, or the text alone where one is asked for
    #[arg(long, value_name = "[NAME=]TEXT")]
    pub evidence: Vec<String>,
    /// The step's id once more, for a gate that wants it typed
    #[arg(long, value_name = "STEP")]
    pub typed: Option<String>,
    /// Passes an interlock with a reason: IL-10=REASON
    #[arg(long, value_name = "ID=REASON")]
    pub pass: Vec<String>,
    /// Who you are, for the journal
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// What is said of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It is done.
    Confirmed,
    /// It is passed over.
    Skipped,
    /// It is put off.
    Deferred,
    /// It is to be done after all.
    Reopened,
}

/// Writes down what somebody says of a step.
///
/// # Errors
/// A sentence for own trouble; what is refused is an exit status.
pub async fn say(load: &LoadOptions, args: &SayArgs, said: Said) -> Result<u8, String> {
    let (plan, step) = meant(load, &args.step).await?;
    let id = step.ok_or_else(|| format!("{plan} is a whole plan; a step is wanted"))?;
    let runs = run_store::open(&load.directory)?;
    let by = person::ask(args.name.as_deref(), runs.state());
    let look = plan_look::look(load, &plan, said == Said::Confirmed).await?;
    let world = look.world()?;
    let step = look.plan()?.step(&id).ok_or_else(|| format!("there is no step {id}"))?;
    let target = chosen_target(&world, step, args.target.as_deref())?;
    let key = StepKey::new(&id, target.as_deref());
    let reason = || {
        args.reason
            .clone()
            .filter(|reason| !reason.trim().is_empty())
            .ok_or_else(|| "--reason TEXT says why; it is written down".to_owned())
    };
    let acts = match said {
        Said::Skipped => vec![StepAct::Skipped { reason: reason()?, by: by.clone() }],
        Said::Deferred => vec![StepAct::Deferred { reason: reason()?, by: by.clone() }],
        Said::Reopened => vec![StepAct::Reopened { by: by.clone() }],
        Said::Confirmed => match confirmations(&world, step, target.as_deref(), args, &by)? {
            Ok(acts) => acts,
            Err(status) => return Ok(status),
        },
    };
    let lines: Vec<Event> = acts.into_iter().map(|act| event(&plan, &key, act)).collect();
    plan_journal::append(&runs, &lines)?;
    let look = plan_look::look(load, &plan, false).await?;
    drop(world);
    let again = look.world()?;
    // What checks said a moment ago holds still.
    let standing = standing::stand_of(&again, step, target.as_deref());
    print::text(&format!("step {key} is {}\n", standing.state.word()))?;
    Ok(exit::DONE)
}

/// The lines that confirm a step; an exit status where that is refused.
fn confirmations(
    world: &World<'_>,
    step: &Step,
    target: Option<&str>,
    args: &SayArgs,
    by: &Person,
) -> Result<Result<Vec<StepAct>, u8>, String> {
    let wish = Wish { pass: pairs(&args.pass, "pass")?, ..Wish::default() };
    let mut acts = match open(world, step, target, &wish, by) {
        Err(refusal) if refusal.by == "done" => {
            print::text(&format!("{refusal}\n"))?;
            return Ok(Err(exit::DONE));
        }
        Err(refusal) => return Ok(Err(refuse(&refusal))),
        Ok(open) => open.acts,
    };
    let refused = |sentence: String| {
        print::error(&sentence);
        Ok(Err(exit::REFUSED))
    };
    let mut wanted: Vec<(String, Shown)> = step
        .done
        .confirmations()
        .into_iter()
        .map(|(words, form)| (words.to_owned(), form))
        .collect();
    if let Kind::Gate(gate) = &step.kind {
        let checks = judge(world, step, target, &gate.checks);
        if !checks.holds() {
            let found: Vec<String> = checks.against.iter().map(Piece::line).collect();
            return refused(format!("the checks of {} do not hold: {}", step.id, found.join("; ")));
        }
        if gate.approve == Approve::Typed && args.typed.as_deref() != Some(step.id.as_str()) {
            return refused(format!("{0} wants to be typed: --typed {0}", step.id));
        }
        wanted.extend(gate.evidence.iter().map(|one| (one.name.clone(), one.form)));
    }
    if wanted.is_empty() {
        return refused(format!(
            "no word of a person proves {}: {} is asked of reality",
            step.id, step.done
        ));
    }
    let asked = wanted.iter().filter(|(_, form)| *form != Shown::None);
    let is_single = asked.count() == 1;
    for (words, form) in wanted {
        let shown = args.evidence.iter().find_map(|given| match given.split_once('=') {
            Some((name, text)) if name == words => Some(text.to_owned()),
            _ if is_single => Some(given.clone()),
            _ => None,
        });
        let evidence = match form {
            Shown::None => None,
            form => {
                let Some(text) = shown.filter(|text| !text.trim().is_empty()) else {
                    return refused(format!(
                        "{} wants evidence, a {}: --evidence '{words}=…'",
                        step.id,
                        form.word()
                    ));
                };
                if form == Shown::Number && text.trim().parse::<f64>().is_err() {
                    return refused(format!("`{text}` is no number: {words}"));
                }
                Some(text)
            }
        };
        acts.push(StepAct::Confirmed { words, evidence, by: by.clone() });
    }
    Ok(Ok(acts))
}
