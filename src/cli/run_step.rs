//! `shopfloor run start [PLAN/]STEP` and `run start PLAN`.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::install::expression::Truth;
use crate::install::journal::{Event, Person, StepAct, StepEvent};
use crate::install::plan::step::OutputFrom;
use crate::install::plan::{Kind, Step};
use crate::install::progress::{
    Refusal, State, StepKey, Wish, World, judge, may_start, open, stand,
};
use crate::runner::order::{PEN_WAIT_MS, Started};
use crate::runner::{Runs, plan_journal};
use crate::runtime::load::LoadOptions;
use crate::runtime::plan_act::{self, Missing, Secrets};
use crate::runtime::plan_look::{self, PlanLook};
use crate::runtime::run_start::{self, Wanted};
use crate::runtime::{person, run_store};

use super::hidden_line::HiddenLine;
use super::run::StartArgs;
use super::{attach, exit, plan, plan_sheet, print};

/// Stopped at a gate.
const GATE: u8 = 5;
/// A plan or a step failed.
const FAILED: u8 = 2;
/// How a plan or a step stands cannot be said.
const UNKNOWN: u8 = 3;

/// The plan and the step that are meant by `[PLAN/]STEP` or `PLAN`.
pub(super) async fn meant(
    load: &LoadOptions,
    words: &str,
) -> Result<(String, Option<String>), String> {
    let library = plan::library(load).await?;
    match words.split_once('/') {
        Some((plan, step)) => plan::named(load, &library, plan, Some(step)),
        None => plan::named(load, &library, words, None),
    }
}

pub(super) fn pairs(list: &[String], what: &str) -> Result<BTreeMap<String, String>, String> {
    list.iter()
        .map(|word| {
            let (name, value) =
                word.split_once('=').ok_or_else(|| format!("--{what} reads NAME=VALUE"))?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// The line of a journal about a step.
pub(super) fn event(plan: &str, key: &StepKey, act: StepAct) -> Event {
    Event::Step(StepEvent {
        plan: plan.to_owned(),
        step: key.step.clone(),
        target: key.target.clone(),
        act,
    })
}

/// Starts a step, or walks a plan.
///
/// # Errors
/// A sentence for own trouble; what is refused is an exit status.
pub async fn start(load: &LoadOptions, args: &StartArgs, words: &str) -> Result<u8, String> {
    let (plan, step) = meant(load, words).await?;
    let runs = run_store::open(&load.directory)?;
    let by = person::ask(args.name.as_deref(), runs.state());
    say_values(&runs, &plan, args, &by)?;
    match step {
        Some(step) => {
            let look = plan_look::look(load, &plan, true).await?;
            print::notes(&look.troubles);
            start_step(load, &runs, &look, &step, args, &by).await
        }
        None => walk(load, &runs, &plan, args, &by).await,
    }
}

/// Writes down the values that were given.
fn say_values(runs: &Runs, plan: &str, args: &StartArgs, by: &Person) -> Result<(), String> {
    let nothing = StepKey::new("", None);
    let lines: Vec<Event> = pairs(&args.value, "value")?
        .into_iter()
        .map(|(name, value)| {
            event(plan, &nothing, StepAct::Answered { name, value, by: by.clone() })
        })
        .collect();
    if lines.is_empty() { Ok(()) } else { plan_journal::append(runs, &lines) }
}

/// Walks the steps that are ready until one needs a person.
async fn walk(
    load: &LoadOptions,
    runs: &Runs,
    plan: &str,
    args: &StartArgs,
    by: &Person,
) -> Result<u8, String> {
    let mut tried: Vec<StepKey> = Vec::new();
    loop {
        let look = plan_look::look(load, plan, true).await?;
        let (next, is_complete) = {
            let world = look.world()?;
            note_found(runs, &look, &world)?;
            let standing = stand(&world);
            let next = standing.ready().map(|one| one.key.clone()).find(|key| !tried.contains(key));
            (next, standing.is_complete())
        };
        let Some(key) = next else {
            if is_complete {
                print::text(&format!("plan {plan}: everything is done\n"))?;
                return Ok(exit::DONE);
            }
            print::text(&format!(
                "plan {plan}: nothing can start now; `shopfloor plan show {plan}` says why\n"
            ))?;
            return Ok(if tried.is_empty() { exit::REFUSED } else { UNKNOWN });
        };
        let mut own = args.clone();
        own.target.clone_from(&key.target);
        let status = start_step(load, runs, &look, &key.step, &own, by).await?;
        if status != exit::DONE || !args.wait {
            return Ok(status);
        }
        tried.push(key);
    }
}

/// Writes down what reality says of steps whose act ended, and of duties.
fn note_found(runs: &Runs, look: &PlanLook, world: &World<'_>) -> Result<(), String> {
    let mut lines = Vec::new();
    for one in &stand(world).steps {
        let past = world.progress.of(&one.key);
        if one.state == State::Done && past.proved.is_none() {
            let found: Vec<String> =
                one.done.proofs.iter().map(crate::install::expression::Piece::line).collect();
            lines.push(event(&look.plan, &one.key, StepAct::Judged { truth: Truth::Holds, found }));
            let step = world.plan.step(&one.key.step);
            for duty in step.map(|step| step.duties.as_slice()).unwrap_or_default() {
                let is_new = !world.progress.duties.contains_key(duty)
                    && !world.progress.settled.contains_key(duty);
                if is_new {
                    let act = StepAct::DutyCreated { duty: duty.clone() };
                    lines.push(event(&look.plan, &one.key, act));
                }
            }
        }
    }
    for (duty, (from, _)) in &world.progress.duties {
        let known = look.library.duty(duty).zip(world.plan.step(from));
        let Some((duty, step)) = known else { continue };
        let judged = judge(world, step, None, &duty.done);
        if judged.holds() {
            let found = judged.proofs.iter().map(crate::install::expression::Piece::line).collect();
            let act = StepAct::DutySettled { duty: duty.id.clone(), found };
            lines.push(event(&look.plan, &StepKey::new(from, None), act));
        }
    }
    if lines.is_empty() { Ok(()) } else { plan_journal::append(runs, &lines) }
}

pub(super) fn refuse(refusal: &Refusal) -> u8 {
    print::error(&refusal.to_string());
    for line in refusal.evidence.iter().skip(1) {
        print::error(line);
    }
    exit::REFUSED
}

async fn start_step(
    load: &LoadOptions,
    runs: &Runs,
    look: &PlanLook,
    id: &str,
    args: &StartArgs,
    by: &Person,
) -> Result<u8, String> {
    let world = look.world()?;
    let step = look.plan()?.step(id).ok_or_else(|| format!("there is no step {id}"))?;
    let target = chosen_target(&world, step, args.target.as_deref())?;
    let target = target.as_deref();
    let wish = Wish {
        armed: args.arm.clone(),
        confirmed: args.confirm.clone(),
        again: args.again.clone(),
        pass: pairs(&args.pass, "pass")?,
    };
    match &step.kind {
        Kind::Run(_) | Kind::Patch(_) | Kind::Call(_) => {}
        Kind::Verify(_) | Kind::Wait(_) => {
            return ask(load, runs, look, step, target, &wish, by).await;
        }
        Kind::Gate(_) | Kind::Console(_) | Kind::Inventory(_) => {
            return stop_at(runs, look, &world, step, target, &wish, by);
        }
    }
    let permit = match may_start(&world, step, target, &wish, by) {
        Err(refusal) if refusal.by == "done" => {
            print::text(&format!("{refusal}\n"))?;
            return Ok(exit::DONE);
        }
        Err(refusal) => return Ok(refuse(&refusal)),
        Ok(permit) => permit,
    };
    let secrets = match secrets(plan_act::missing(&world, step, target), args).await? {
        Ok(secrets) => secrets,
        Err(sentence) => {
            print::error(&format!("{} cannot start: {sentence}", permit.key));
            return Ok(exit::REFUSED);
        }
    };
    let ready = match plan_act::ready(&world, step, target, &secrets) {
        Ok(ready) => ready,
        Err(sentence) => {
            print::error(&format!("{} cannot start: {sentence}", permit.key));
            return Ok(exit::REFUSED);
        }
    };
    if ready.len() > 1 && !args.wait {
        print::error(&format!(
            "{} runs at {} places one after the other; --wait does that",
            permit.key,
            ready.len()
        ));
        return Ok(exit::REFUSED);
    }
    for one in ready {
        if one.on.is_none()
            && let Err(sentence) = run_start::check(&one.argv, &one.directory)
        {
            print::error(&format!("{} cannot start: {sentence}", permit.key));
            return Ok(exit::REFUSED);
        }
        let lines = permit.acts.iter().map(|act| StepEvent {
            plan: look.plan.clone(),
            step: permit.key.step.clone(),
            target: permit.key.target.clone(),
            act: act.clone(),
        });
        let wanted = Wanted {
            title: Some(format!("{} {}", permit.key, step.title)),
            argv: one.argv,
            directory: one.directory,
            variables: one.variables,
            by: by.clone(),
            pen_wait_ms: PEN_WAIT_MS,
            on: one.on,
            stdin: one.stdin,
            step: lines.collect(),
        };
        let run = match run_start::start(&load.directory, runs, wanted).await {
            Started::Run(run) => run,
            Started::Refused(sentence) => {
                print::error(&sentence);
                return Ok(exit::REFUSED);
            }
            Started::Trouble(sentence) => return Err(sentence),
        };
        print::text(&format!("run {run}\n"))?;
        if !args.wait {
            return Ok(exit::DONE);
        }
        let status = attach::wait(runs, run, args.name.as_deref(), args.raw).await?;
        note_outputs(runs, look, step, &permit.key, run)?;
        if status != 0 {
            return after(load, runs, &look.plan, step, target, &permit.key).await;
        }
    }
    after(load, runs, &look.plan, step, target, &permit.key).await
}

/// The target that is meant.
pub(super) fn chosen_target(
    world: &World<'_>,
    step: &Step,
    named: Option<&str>,
) -> Result<Option<String>, String> {
    let all = step.for_each.as_deref().and_then(|word| world.targets(word));
    match (all, named) {
        (None, Some(name)) => Err(format!("{} does not repeat; it has no target {name}", step.id)),
        (None, None) => Ok(None),
        (Some(all), Some(name)) if all.iter().any(|one| one == name) => Ok(Some(name.to_owned())),
        (Some(all), Some(name)) => {
            let near = crate::domain::nearest(name, all.iter().map(String::as_str));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            Err(format!("{} has no target {name}{hint}", step.id))
        }
        (Some(all), None) => match all.as_slice() {
            [only] => Ok(Some(only.clone())),
            _ => Err(format!(
                "{} is done for each of {}; --target NAME names one",
                step.id,
                all.join(", ")
            )),
        },
    }
}

/// Secrets that a step's act needs: from named files, else typed.
async fn secrets(
    missing: Vec<Missing>,
    args: &StartArgs,
) -> Result<Result<Secrets, String>, String> {
    let files = pairs(&args.secret_file, "secret-file")?;
    let mut secrets = Secrets::new();
    // Nobody types a secret for a step that cannot start anyway.
    let (hidden, open): (Vec<Missing>, Vec<Missing>) =
        missing.into_iter().partition(|one| one.is_secret);
    for one in open.into_iter().chain(hidden) {
        if let Some(path) = files.get(&one.name) {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
            secrets.insert(one.name, Zeroizing::new(text.trim_end_matches('\n').to_owned()));
            continue;
        }
        if !one.is_secret {
            let way = if one.can_be_said {
                format!("--value {}=… says it", one.name)
            } else {
                "it cannot be said by hand".to_owned()
            };
            return Ok(Err(format!("<{}> is not known: {}; {way}", one.name, one.sentence)));
        }
        if !std::io::stdin().is_terminal() {
            return Ok(Err(format!(
                "the secret {} is needed ({}), and nobody is there to type it; --secret-file {}=FILE names a file",
                one.name, one.sentence, one.name
            )));
        }
        print::bell(&format!("{} ({}):", one.name, one.sentence));
        let mut line = HiddenLine::open(true).map_err(|error| error.to_string())?;
        let typed = line.next().await;
        print::end_line();
        let Some(typed) = typed else { return Ok(Err("nothing was typed".to_owned())) };
        let text = String::from_utf8_lossy(&typed).into_owned();
        secrets.insert(one.name, Zeroizing::new(text));
    }
    Ok(Ok(secrets))
}

/// Writes down what a step's output gives to others.
fn note_outputs(
    runs: &Runs,
    look: &PlanLook,
    step: &Step,
    key: &StepKey,
    run: u64,
) -> Result<(), String> {
    let wanted = step.outputs.iter().filter(|output| output.from == OutputFrom::Stdout);
    let Ok(bytes) = std::fs::read(runs.directory(run).join("output")) else { return Ok(()) };
    let text = plan_look::printed(&bytes).text;
    let lines: Vec<Event> = wanted
        .filter_map(|output| {
            let values: Vec<String> = match &output.pattern {
                None => vec![text.trim().to_owned()],
                Some(pattern) => regex::RegexBuilder::new(pattern)
                    .multi_line(true)
                    .build()
                    .ok()?
                    .captures_iter(&text)
                    .filter_map(|found| Some(found.get(1)?.as_str().trim().to_owned()))
                    .collect(),
            };
            let act = StepAct::Gave { name: output.name.clone(), values };
            Some(event(&look.plan, key, act))
        })
        .collect();
    if lines.is_empty() { Ok(()) } else { plan_journal::append(runs, &lines) }
}

/// Looks whether a step is done after its act, and says so.
async fn after(
    load: &LoadOptions,
    runs: &Runs,
    plan: &str,
    step: &Step,
    target: Option<&str>,
    key: &StepKey,
) -> Result<u8, String> {
    let look = plan_look::look(load, plan, true).await?;
    let world = look.world()?;
    note_found(runs, &look, &world)?;
    let standing = stand(&world);
    let Some(one) = standing.of(&step.id, target) else { return Ok(UNKNOWN) };
    let why = if one.why.is_empty() { String::new() } else { format!(": {}", one.why) };
    print::text(&format!("step {key} is {}{why}\n", one.state.word()))?;
    if one.state == State::Failed {
        for symptom in &step.symptoms {
            print::text(&format!("  {}: {}\n", symptom.symptom, symptom.remedy))?;
        }
    }
    Ok(match one.state {
        State::Done | State::Skipped => exit::DONE,
        State::Failed | State::Regressed => FAILED,
        _ => UNKNOWN,
    })
}

/// A step that only asks: what it says, once, or until it holds.
async fn ask(
    load: &LoadOptions,
    runs: &Runs,
    look: &PlanLook,
    step: &Step,
    target: Option<&str>,
    wish: &Wish,
    by: &Person,
) -> Result<u8, String> {
    {
        let world = look.world()?;
        match open(&world, step, target, wish, by) {
            Err(refusal) if refusal.by != "done" => return Ok(refuse(&refusal)),
            _ => {}
        }
    }
    let limit = match &step.kind {
        Kind::Wait(wait) => Some((wait.every, wait.limit)),
        _ => None,
    };
    let began = Instant::now();
    let mut current: Option<PlanLook> = None;
    loop {
        let now = current.as_ref().unwrap_or(look);
        let world = now.world()?;
        let mut judged = judge(&world, step, target, &step.done);
        match &step.kind {
            Kind::Wait(wait) => {
                let until = judge(&world, step, target, &wait.until);
                if !until.holds() {
                    judged = until;
                }
            }
            Kind::Verify(verify) if judged.holds() => {
                for check in &verify.checks {
                    let one = judge(&world, step, target, check);
                    if one.truth == Truth::Fails {
                        judged = one;
                    }
                }
            }
            _ => {}
        }
        let is_over = match limit {
            None => true,
            Some(_) if judged.holds() => true,
            Some((_, limit)) => {
                limit.is_some_and(|limit| began.elapsed() >= Duration::from_secs(limit.into()))
            }
        };
        if is_over {
            note_found(runs, now, &world)?;
            for piece in judged.against.iter().chain(&judged.proofs) {
                print::text(&format!("{}\n", piece.line()))?;
            }
            print::text(&format!("step {}: {}\n", step.id, judged.truth.word()))?;
            return Ok(match judged.truth {
                Truth::Holds => exit::DONE,
                Truth::Fails => FAILED,
                Truth::Unknown => UNKNOWN,
            });
        }
        drop(world);
        let every = limit.map_or(5, |(every, _)| every);
        tokio::time::sleep(Duration::from_secs(every.into())).await;
        current = Some(plan_look::look(load, &look.plan, true).await?);
    }
}

/// A step that a person does: what to do, and how to say that it is done.
fn stop_at(
    runs: &Runs,
    look: &PlanLook,
    world: &World<'_>,
    step: &Step,
    target: Option<&str>,
    wish: &Wish,
    by: &Person,
) -> Result<u8, String> {
    match open(world, step, target, wish, by) {
        Err(refusal) if refusal.by == "done" => {
            print::text(&format!("{refusal}\n"))?;
            return Ok(exit::DONE);
        }
        Err(refusal) => return Ok(refuse(&refusal)),
        Ok(_) => {}
    }
    let key = StepKey::new(&step.id, target);
    plan_journal::append(runs, &[event(&look.plan, &key, StepAct::Offered)])?;
    print::text(&format!("{key}  {}\n{}\n", step.title, plan_sheet::doing(world, step, target)))?;
    let judged = judge(world, step, target, &step.done);
    for piece in &judged.against {
        print::text(&format!("open: {}\n", piece.line()))?;
    }
    let target = target.map(|target| format!(" --target {target}")).unwrap_or_default();
    let word = match &step.kind {
        Kind::Console(_) => "a console",
        Kind::Inventory(_) => "the inventory",
        _ => "a gate",
    };
    print::text(&format!(
        "stopped at {word}; when it is done: `shopfloor run confirm {}/{}{target}`\n",
        look.plan, step.id
    ))?;
    Ok(GATE)
}
