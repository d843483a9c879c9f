//! A plan and a step of it as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::install::expression::{Judged, Piece};
use crate::install::plan::kind::{Command, Program};
use crate::install::plan::step::location_words;
use crate::install::plan::template::{Template, fill};
use crate::install::plan::{Kind, Plan, Step};
use crate::install::progress::{Standing, StepStanding, World};
use crate::runtime::plan_look::PlanLook;

use super::plan::counts;

/// A whole plan: phases, steps, states.
pub fn plan_sheet(look: &PlanLook, plan: &Plan, standing: &Standing) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}", plan.id, plan.title);
    let _ = writeln!(out, "{}", counts(standing));
    if let Some(why) = &look.no_inventory {
        let _ = writeln!(out, "nobody was asked: {why}");
    }
    if let Some(book) = &plan.runbook {
        for (label, words) in [("when", &book.occasion), ("impact", &book.impact)] {
            if let Some(words) = words {
                let _ = writeln!(out, "{label}: {words}");
            }
        }
    }
    for phase in &plan.phases {
        let _ = writeln!(out, "\n{}  {}", phase.id, phase.title);
        let of_phase = |one: &&StepStanding| phase.steps.iter().any(|step| step.id == one.key.step);
        for one in standing.steps.iter().filter(of_phase) {
            let title = plan.step(&one.key.step).map_or("", |step| step.title.as_str());
            let name = one.key.to_string();
            let _ = writeln!(out, "  {:<14} {name:<12} {title}", one.state.word());
            if !one.why.is_empty() && !one.state.is_behind() {
                let _ = writeln!(out, "  {:<27} {}", "", one.why);
            }
        }
    }
    let open: Vec<String> = look
        .progress
        .duties
        .iter()
        .filter_map(|(duty, (step, at))| {
            let duty = look.library.duty(duty)?;
            let due = duty.due.as_ref().map(|due| format!(", {due}")).unwrap_or_default();
            Some(format!("  {} (from {step} at {}{due})", duty.title, at.rfc3339()))
        })
        .collect();
    if !open.is_empty() {
        let _ = writeln!(out, "\nduties that wait\n{}", open.join("\n"));
    }
    let next = standing.ready().next();
    let _ = match next {
        Some(one) => {
            writeln!(out, "\nnext: {}, `shopfloor plan show {} {}`", one.key, plan.id, one.key.step)
        }
        None if standing.is_complete() => writeln!(out, "\neverything is done"),
        None => writeln!(out, "\nnothing can start now"),
    };
    out
}

/// A whole plan as JSON.
pub fn plan_document(look: &PlanLook, plan: &Plan, standing: &Standing) -> Value {
    let phases: Vec<Value> = plan
        .phases
        .iter()
        .map(|phase| {
            let of_phase =
                |one: &&StepStanding| phase.steps.iter().any(|step| step.id == one.key.step);
            let steps: Vec<Value> = standing
                .steps
                .iter()
                .filter(of_phase)
                .filter_map(|one| Some(standing_json(plan.step(&one.key.step)?, one)))
                .collect();
            json!({ "id": phase.id, "title": phase.title, "outcome": phase.outcome, "steps": steps })
        })
        .collect();
    let duties: Vec<Value> = look
        .progress
        .duties
        .iter()
        .map(|(duty, (step, at))| {
            let known = look.library.duty(duty);
            json!({
                "id": duty,
                "title": known.map(|duty| &duty.title),
                "from": step,
                "since": at.rfc3339(),
                "due": known.and_then(|duty| duty.due.as_ref()),
                "step": known.and_then(|duty| duty.step.as_ref()),
            })
        })
        .collect();
    json!({
        "schema": 1,
        "plan": plan.id,
        "title": plan.title,
        "release": plan.release,
        "at": look.now.rfc3339(),
        "asked": !look.judgements.is_empty(),
        "phases": phases,
        "duties": duties,
        "next": standing.ready().next().map(|one| one.key.to_string()),
        "complete": standing.is_complete(),
    })
}

fn standing_json(step: &Step, one: &StepStanding) -> Value {
    json!({
        "id": step.id,
        "target": one.key.target,
        "title": step.title,
        "kind": step.kind.word(),
        "at": step.at,
        "risk": step.risk,
        "state": one.state,
        "why": one.why,
    })
}

fn lines(out: &mut String, label: &str, words: &str) {
    for (at, line) in words.lines().enumerate() {
        let _ = writeln!(out, "{:<13} {line}", if at == 0 { label } else { "" });
    }
}

fn judged(out: &mut String, label: &str, judged: &Judged) {
    let pieces: Vec<&Piece> = judged.against.iter().chain(&judged.proofs).collect();
    let mark = if judged.holds() { "+" } else { "-" };
    if pieces.is_empty() {
        lines(out, label, "nothing");
    }
    for (at, piece) in pieces.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        let _ = writeln!(out, "{label:<13} {mark} {}", piece.line());
    }
}

/// Everything about a step.
pub fn step_sheet(world: &World<'_>, step: &Step, standing: &Standing) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}  ({})", step.id, step.title, step.kind.word());
    let states: Vec<&StepStanding> =
        standing.steps.iter().filter(|one| one.key.step == step.id).collect();
    for one in &states {
        let target =
            one.key.target.as_ref().map(|target| format!("{target}: ")).unwrap_or_default();
        let why = if one.why.is_empty() { String::new() } else { format!(", {}", one.why) };
        lines(&mut out, "state", &format!("{target}{}{why}", one.state.word()));
    }
    let places: Vec<&str> = step.at.iter().map(|code| location_words(code)).collect();
    for (label, words) in [
        ("why", step.why.clone()),
        ("where", places.join(", then ")),
        ("usually", step.usual.typical.clone().unwrap_or_default()),
        ("at most", step.usual.limit.clone().unwrap_or_default()),
        ("risk", step.risk.word().to_owned()),
        ("applies when", step.when_words.clone().unwrap_or_default()),
        ("procedure", step.run_words.clone().unwrap_or_default()),
        ("input", step.input.clone().unwrap_or_default()),
        ("pause", step.pause.clone().unwrap_or_default()),
        ("note", step.note.clone().unwrap_or_default()),
        ("since", step.since.clone().unwrap_or_default()),
    ] {
        lines(&mut out, label, &words);
    }
    let first = states.first();
    if let Some(one) = first {
        judged(&mut out, "needs", &one.needs);
    }
    if !step.variables.is_empty() {
        lines(&mut out, "variables", &step.variables.join("\n"));
    }
    let target = first.and_then(|one| one.key.target.as_deref());
    lines(&mut out, "does", &doing(world, step, target));
    if let Some(one) = first {
        judged(&mut out, "done when", &one.done);
    }
    lines(&mut out, "in words", step.done_words.as_deref().unwrap_or_default());
    for symptom in &step.symptoms {
        let way = match (&symptom.step, &symptom.run) {
            (Some(step), _) => format!(" -> {step}"),
            (None, Some(run)) => format!(" -> {run}"),
            (None, None) => String::new(),
        };
        lines(&mut out, "symptom", &format!("{}: {}{way}", symptom.symptom, symptom.remedy));
    }
    let class = step.rerun.class.word();
    let words =
        if step.rerun.words == class { String::new() } else { format!(": {}", step.rerun.words) };
    lines(&mut out, "again", &format!("{class}{words}"));
    lines(&mut out, "undo", step.undo.as_deref().unwrap_or_default());
    for id in &step.interlocks {
        if let Some(interlock) = world.library.interlock(id) {
            lines(
                &mut out,
                "interlock",
                &format!("{id} {}: {}", interlock.level.word(), interlock.rule),
            );
        }
    }
    for held in first.map(|one| one.interlocks.as_slice()).unwrap_or_default() {
        let found: Vec<String> = held.against.iter().map(Piece::line).collect();
        lines(&mut out, "held back", &format!("by {}: {}", held.interlock, found.join("; ")));
        let way = world.library.interlock(&held.interlock).and_then(|one| one.way_out.as_deref());
        lines(&mut out, "way out", way.unwrap_or_default());
    }
    out
}

/// A text with what is known filled in.
fn filled(world: &World<'_>, text: &Template, target: Option<&str>) -> String {
    fill(&text.text, &mut |name| world.value(name, target))
}

/// What a step does, with values filled in where they are known; one line each.
pub fn doing(world: &World<'_>, step: &Step, target: Option<&str>) -> String {
    let of = |text: &Template| filled(world, text, target);
    match &step.kind {
        Kind::Run(run) => {
            let mut out = Vec::new();
            for choice in &run.choices {
                if !choice.when.is_nothing() {
                    out.push(format!("when {}:", choice.when));
                }
                out.push(command(&choice.command, &of));
            }
            out.join("\n")
        }
        Kind::Gate(gate) => {
            let mut out: Vec<String> = gate.instructions.iter().map(of).collect();
            out.extend(
                gate.evidence
                    .iter()
                    .map(|one| format!("evidence: {} ({})", one.words, one.form.word())),
            );
            out.join("\n")
        }
        Kind::Console(console) => {
            let mut out = vec![of(&console.to)];
            for line in &console.lines {
                match (&line.words, line.is_secret) {
                    (Some(_), true) => out.push("type: (a secret, typed by you)".to_owned()),
                    (Some(words), false) => out.push(format!("type: {}", of(words))),
                    (None, _) => {}
                }
            }
            out.extend(console.leave.as_ref().map(|leave| format!("leave: {leave}")));
            out.join("\n")
        }
        Kind::Inventory(form) => {
            let field = |field: &crate::install::plan::kind::FieldWanted| {
                let words =
                    field.words.as_ref().map(|words| format!(": {words}")).unwrap_or_default();
                format!("set {}{words}", field.variable)
            };
            form.fields
                .iter()
                .map(field)
                .chain(form.instructions.iter().map(of))
                .collect::<Vec<_>>()
                .join("\n")
        }
        Kind::Verify(verify) => {
            let checks: Vec<String> = verify.checks.iter().map(ToString::to_string).collect();
            format!("asks {}", checks.join(", "))
        }
        Kind::Wait(wait) => {
            let limit = wait.limit.map(|limit| format!(", at most {limit} s")).unwrap_or_default();
            format!("waits until {}, asked every {} s{limit}", wait.until, wait.every)
        }
        Kind::Patch(patch) => {
            format!("kubectl patch {} --type={} {}", of(&patch.object), patch.form, of(&patch.body))
        }
        Kind::Call(call) => {
            let body = call.body.as_ref().map(|body| format!(" {}", of(body))).unwrap_or_default();
            format!("{} {}{body}", call.method, of(&call.url))
        }
    }
}

fn command(command: &Command, of: &dyn Fn(&Template) -> String) -> String {
    let words: Vec<String> = match &command.program {
        Program::Argv(words) => words.iter().map(|word| shown(&of(word))).collect(),
        Program::Script { name, arguments } => {
            [of(name)].into_iter().chain(arguments.iter().map(|word| shown(&of(word)))).collect()
        }
        Program::Make { what, values } => vec![format!("make {what} for {}", values.join(", "))],
    };
    let sudo = if command.sudo { "sudo " } else { "" };
    let place = command.directory.as_ref().map(|path| format!("in {}: ", of(path)));
    let names: Vec<String> = command
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={} ", shown(&of(value))))
        .collect();
    let reads = command.stdin.as_ref().map(|text| format!("  (reads {})", of(text)));
    format!(
        "{}{}{sudo}{}{}",
        place.unwrap_or_default(),
        names.concat(),
        words.join(" "),
        reads.unwrap_or_default()
    )
}

/// A word as a shell would have to be told it, for reading only.
fn shown(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+<>~".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn judged_json(judged: &Judged) -> Value {
    let pieces: Vec<Value> = judged
        .against
        .iter()
        .chain(&judged.proofs)
        .map(|piece| {
            json!({
                "condition": piece.condition,
                "truth": piece.truth,
                "negated": piece.is_negated,
                "found": piece.found,
            })
        })
        .collect();
    json!({ "truth": judged.truth, "pieces": pieces })
}

/// Everything about a step as JSON.
pub fn step_document(world: &World<'_>, step: &Step, standing: &Standing) -> Value {
    let states: Vec<Value> = standing
        .steps
        .iter()
        .filter(|one| one.key.step == step.id)
        .map(|one| {
            let past = world.progress.of(&one.key);
            let acts: Vec<Value> = past
                .acts
                .iter()
                .map(|act| {
                    json!({
                        "run": act.run,
                        "by": act.by.to_string(),
                        "started": act.started.rfc3339(),
                        "ended": act.ended.map(|at| at.rfc3339()),
                        "exit": act.exit,
                        "again": act.again,
                    })
                })
                .collect();
            let held: Vec<Value> = one
                .interlocks
                .iter()
                .map(|held| {
                    let interlock = world.library.interlock(&held.interlock);
                    json!({
                        "id": held.interlock,
                        "rule": interlock.map(|one| &one.rule),
                        "why": interlock.map(|one| &one.why),
                        "level": interlock.map(|one| one.level),
                        "way_out": interlock.and_then(|one| one.way_out.as_ref()),
                        "found": held.against.iter().map(Piece::line).collect::<Vec<_>>(),
                    })
                })
                .collect();
            json!({
                "target": one.key.target,
                "state": one.state,
                "why": one.why,
                "needs": judged_json(&one.needs),
                "when": judged_json(&one.when),
                "done": judged_json(&one.done),
                "held_by": held,
                "acts": acts,
                "does": doing(world, step, one.key.target.as_deref()),
            })
        })
        .collect();
    let symptoms: Vec<Value> = step
        .symptoms
        .iter()
        .map(|one| {
            json!({ "symptom": one.symptom, "do": one.remedy, "step": one.step, "run": one.run })
        })
        .collect();
    json!({
        "schema": 1,
        "plan": world.plan.id,
        "id": step.id,
        "title": step.title,
        "kind": step.kind.word(),
        "purpose": step.why,
        "at": step.at,
        "risk": step.risk,
        "usual": step.usual,
        "done_words": step.done_words,
        "rerun": step.rerun,
        "undo": step.undo,
        "note": step.note,
        "symptoms": symptoms,
        "interlocks": step.interlocks,
        "duties": step.duties,
        "variables": step.variables,
        "targets": states,
    })
}
