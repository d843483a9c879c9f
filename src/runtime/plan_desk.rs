//! Plans for the screen: reads them in the background, and writes the page of a step.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::app::Msg;
use crate::app::plans::{
    PhaseOutline, PlanNews, PlanOrder, PlanOutline, StepOutline, StepPage, StepRef,
};
use crate::app::screens::code::Text;
use crate::install::expression::Expr;
use crate::install::plan::kind::{Command, Kind, Program, Run};
use crate::install::plan::step::location_words;
use crate::install::plan::{Library, Plan, Step};

use super::plans;

/// Lines of what a step does that a list is told.
const DOING: usize = 4;

/// What reads the plans of a site.
pub struct PlanDesk {
    site: PathBuf,
    to: mpsc::Sender<Msg>,
    library: watch::Sender<Option<Arc<Library>>>,
}

impl PlanDesk {
    /// Begins to read; what is read is told.
    pub fn start(site: PathBuf, to: mpsc::Sender<Msg>) -> PlanDesk {
        let desk = PlanDesk { site, to, library: watch::channel(None).0 };
        desk.read();
        desk
    }

    /// Reads them again: the site's own may be others now.
    pub fn read(&self) {
        let (site, to, library) = (self.site.clone(), self.to.clone(), self.library.clone());
        tokio::spawn(async move {
            let reading = tokio::task::spawn_blocking(move || {
                let library = plans::load_without_site(&site);
                let outlines = library.plans.iter().map(|plan| outline(&library, plan)).collect();
                let faults = library.faults.iter().map(ToString::to_string).collect();
                (library, PlanNews::Read(outlines, faults))
            });
            let Ok((read, news)) = reading.await else { return };
            library.send_replace(Some(Arc::new(read)));
            // The loop is gone when this fails; nobody is left to tell.
            let _ = to.send(Msg::Plan(news)).await;
        });
    }

    /// Does what is wanted.
    pub fn order(&self, order: PlanOrder) {
        let PlanOrder::Page(of) = order;
        let (to, mut library) = (self.to.clone(), self.library.subscribe());
        tokio::spawn(async move {
            let page = match library.wait_for(Option::is_some).await {
                Ok(library) => library.as_ref().map(|library| page(library, of)),
                Err(_) => None,
            };
            if let Some(page) = page {
                let _ = to.send(Msg::Plan(PlanNews::Page(Box::new(page)))).await;
            }
        });
    }
}

fn outline(library: &Library, plan: &Plan) -> PlanOutline {
    let step = |step: &Step| StepOutline {
        id: step.id.clone(),
        title: step.title.clone(),
        kind: step.kind.word().to_owned(),
        at: places(step),
        usual: usual(step),
        why: step.why.clone(),
        doing: doing(library, step).into_iter().take(DOING).collect(),
        done: proof(step),
        undo: step.undo.clone().unwrap_or_default(),
    };
    let phases = plan.phases.iter().map(|phase| PhaseOutline {
        id: phase.id.clone(),
        title: phase.title.clone(),
        outcome: phase.outcome.clone(),
        steps: phase.steps.iter().map(step).collect(),
    });
    PlanOutline {
        id: plan.id.clone(),
        title: plan.title.clone(),
        is_runbook: plan.runbook.is_some(),
        findings: plan.runbook.as_ref().map(|book| book.findings.clone()).unwrap_or_default(),
        phases: phases.collect(),
    }
}

fn places(step: &Step) -> String {
    let places: Vec<&str> = step.at.iter().map(|code| location_words(code)).collect();
    places.join(", ")
}

fn usual(step: &Step) -> String {
    let typical = step.usual.typical.clone().unwrap_or_default();
    match &step.usual.limit {
        Some(limit) if !typical.is_empty() => format!("{typical}, at most {limit}"),
        Some(limit) => format!("at most {limit}"),
        None => typical,
    }
}

/// What proves it done: the record's words, else the condition.
fn proof(step: &Step) -> String {
    match &step.done_words {
        Some(words) => words.clone(),
        None if step.done.is_nothing() => String::new(),
        None => step.done.to_string(),
    }
}

/// What is done, line by line, names as they are written in the plan.
fn doing(library: &Library, step: &Step) -> Vec<String> {
    let texts = |templates: &[crate::install::plan::Template]| -> Vec<String> {
        templates.iter().map(ToString::to_string).collect()
    };
    match &step.kind {
        Kind::Run(run) => commands(library, run),
        Kind::Gate(gate) => texts(&gate.instructions),
        Kind::Console(console) => {
            let mut lines = vec![console.to.to_string()];
            for line in &console.lines {
                let typed = line.words.as_ref().map(ToString::to_string).unwrap_or_default();
                let note = line.note.as_deref().unwrap_or_default();
                lines.push(match (typed.is_empty(), note.is_empty()) {
                    (false, false) => format!("{typed}   ({note})"),
                    (false, true) => typed,
                    _ => note.to_owned(),
                });
            }
            lines
        }
        Kind::Inventory(form) => {
            let fields = form.fields.iter().map(|field| match &field.words {
                Some(words) => format!("{}: {words}", field.variable),
                None => field.variable.clone(),
            });
            fields.chain(texts(&form.instructions)).collect()
        }
        Kind::Verify(verify) => {
            let checks: Vec<String> = verify.checks.iter().map(ToString::to_string).collect();
            let mut lines = vec![checks.join(", ")];
            lines.extend(texts(&verify.instructions));
            lines
        }
        Kind::Wait(wait) => {
            vec![format!("until {}, asked every {} s", wait.until, wait.every)]
        }
        Kind::Patch(patch) => {
            vec![format!("kubectl patch {}", patch.object), patch.body.to_string()]
        }
        Kind::Call(call) => vec![format!("{} {}", call.method, call.url)],
    }
}

fn commands(library: &Library, run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    for choice in &run.choices {
        if !choice.when.is_nothing() {
            lines.push(format!("when {}:", choice.when));
        }
        lines.extend(command(library, &choice.command));
    }
    lines
}

fn command(library: &Library, command: &Command) -> Vec<String> {
    let words = |words: &[crate::install::plan::Template]| -> String {
        words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let mut lines = Vec::new();
    if let Some(directory) = &command.directory {
        lines.push(format!("in {directory}"));
    }
    match &command.program {
        Program::Argv(argv) => lines.push(words(argv)),
        Program::Script { name, arguments } => {
            lines.push(format!("{name} {}", words(arguments)).trim_end().to_owned());
            let script = library.scripts.get(&name.to_string());
            let body = script.map(String::as_str).unwrap_or_default().lines();
            let shown = body.filter(|line| !line.is_empty() && !line.starts_with("#!"));
            lines.extend(shown.map(|line| format!("  {line}")));
        }
        Program::Make { what, values } => {
            lines.push(format!("made here: {what} for {}", values.join(", ")));
        }
    }
    lines
}

/// Everything about a step.
fn page(library: &Library, of: StepRef) -> StepPage {
    let plan = library.plans.iter().find(|plan| plan.id == of.plan);
    let Some((plan, step)) = plan.and_then(|plan| Some((plan, plan.step(&of.step)?))) else {
        let text = vec![Text::Line(format!("{} has no step {} any more", of.plan, of.step))];
        return StepPage { of, text };
    };
    let mut text = vec![Text::Heading(format!("{}  {}", step.id, step.title)), Text::Blank];
    let mut part = |heading: &str, lines: Vec<String>| {
        let mut lines = lines.into_iter().filter(|line| !line.is_empty()).peekable();
        if lines.peek().is_some() {
            text.push(Text::Heading(heading.to_owned()));
            text.extend(lines.map(|line| Text::Line(format!("  {line}"))));
        }
    };
    let condition = |words: &Option<String>, expr: &Expr| -> Vec<String> {
        let judged = if expr.is_nothing() { String::new() } else { expr.to_string() };
        [words.clone().unwrap_or_default(), judged].into()
    };
    part("Why", vec![step.why.clone()]);
    part("Where", vec![places(step)]);
    part("When", condition(&step.when_words, &step.when));
    part("Needs", condition(&None, &step.needs));
    part("Variables", vec![step.variables.join(", ")]);
    part("Do", step.run_words.iter().flat_map(|words| words.lines()).map(str::to_owned).collect());
    part(&format!("Here ({})", step.kind.word()), doing(library, step));
    part("You bring", vec![step.input.clone().unwrap_or_default()]);
    part("It stops", vec![step.pause.clone().unwrap_or_default()]);
    part("Done when", condition(&step.done_words, &step.done));
    part("Usual", vec![usual(step)]);
    let locks = library
        .interlocks
        .iter()
        .filter(|lock| lock.blocks.contains(&step.id) || step.interlocks.contains(&lock.id));
    part(
        "Interlocks",
        locks.map(|lock| format!("{} {}: {}", lock.id, lock.level.word(), lock.rule)).collect(),
    );
    let symptoms = step.symptoms.iter().map(|one| format!("{}: {}", one.symptom, one.remedy));
    part("If it goes wrong", symptoms.collect());
    part("Again", vec![step.rerun.words.clone()]);
    part("Undo", vec![step.undo.clone().unwrap_or_default()]);
    part("Note", vec![step.note.clone().unwrap_or_default()]);
    part("Plan", vec![format!("{}, {}", plan.id, plan.title)]);
    StepPage { of, text }
}
