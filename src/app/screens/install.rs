//! Install: the runs of the site, and its plan: phases, steps, what is said of one.

use super::super::filter::Filter;
use super::super::plans::{PhaseOutline, StepOutline};
use super::super::runs::RunLine;
use super::super::{Model, RowId};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The panel of the phases.
pub const PHASES: &str = "phases";
/// The panel of the steps of the selected phase.
pub const STEPS: &str = "steps";

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "install",
    title: "Install",
    short: "Inst",
    help: "The runs of the site, and the plan of its installation: phases, steps, what each does and what proves it",
    jump_words: &["plans"],
    digit: Some('7'),
    layer: None,
    panels: &[
        PanelSpec { name: "runs", title: "Runs", rows, is_text: false },
        PanelSpec { name: PHASES, title: "Phases", rows: phases, is_text: false },
        PanelSpec { name: STEPS, title: "Steps", rows: steps, is_text: false },
    ],
    commands: &[],
    needs: None,
    is_listed: true,
    status,
};

fn status(model: &Model) -> String {
    if model.is_loaded && !model.site.has_inventory {
        return "`shopfloor inventory example > inventory.yml`, fill it in, then r reads it"
            .to_owned();
    }
    if let Some(trouble) = &model.runs.trouble {
        return trouble.clone();
    }
    match model.runs.current() {
        Some(run) => match &run.prompt {
            Some(prompt) => format!("{} asks: {prompt} W answers", run.strip(model.now)),
            None => format!("{}; W goes to it, Enter opens its page", run.strip(model.now)),
        },
        None if model.runs.list.is_empty() => {
            "Enter opens a phase or a step; `:run CMD` starts a command".to_owned()
        }
        None => "Nothing runs; Enter opens a run, l shows what it wrote".to_owned(),
    }
}

/// What is said here where there is no inventory.
pub fn lines(model: &Model) -> Vec<String> {
    if !model.is_loaded || model.site.has_inventory {
        return Vec::new();
    }
    vec![
        format!("There is no inventory.yml in {}", model.site.directory.display()),
        "Every installation begins with one. This writes inventory.example.yml there:".to_owned(),
        "  shopfloor inventory example > inventory.yml".to_owned(),
        "  shopfloor inventory check".to_owned(),
        "It names every value that has to be filled in, and the check says what is missing."
            .to_owned(),
    ]
}

/// The run of a row.
pub fn line<'m>(model: &'m Model, row: &RowId) -> Option<&'m RunLine> {
    match row {
        RowId::Run(run) => model.runs.of(*run),
        _ => None,
    }
}

fn rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let words = (0..lines(model).len()).map(RowId::Line);
    let runs = model.runs.list.iter().filter(|run| {
        (!state.problems_only || run.is_bad())
            && filter.keeps(&[run.title.as_str(), run.word.word(), &run.id.to_string()])
    });
    runs.map(|run| RowId::Run(run.id)).chain(words).collect()
}

fn phases(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let phases = model.plans.shown().map(|plan| plan.phases.as_slice()).unwrap_or_default();
    let kept = phases.iter().filter(|phase| {
        filter.keeps(&[phase.id.as_str(), phase.title.as_str()])
            || phase.steps.iter().any(|step| is_kept(&filter, step))
    });
    kept.map(|phase| RowId::Phase(phase.id.clone())).collect()
}

fn is_kept(filter: &Filter, step: &StepOutline) -> bool {
    filter.keeps(&[step.id.as_str(), step.title.as_str(), step.kind.as_str(), step.at.as_str()])
}

fn steps(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let Some(phase) = selected_phase(model, state) else { return Vec::new() };
    let is_named = filter.keeps(&[phase.id.as_str(), phase.title.as_str()]);
    let kept = phase.steps.iter().filter(|step| is_named || is_kept(&filter, step));
    kept.map(|step| RowId::Step(step.id.clone())).collect()
}

/// The phase whose steps are listed: the selected one, else the first that the filter keeps.
fn selected_phase<'m>(model: &'m Model, state: &ScreenState) -> Option<&'m PhaseOutline> {
    let rows = phases(model, state);
    let selected = state.selections.get(PHASES).and_then(|selection| selection.row.as_ref());
    let row = selected.filter(|row| rows.contains(row)).or_else(|| rows.first())?;
    phase(model, row)
}

/// The phase of a row.
pub fn phase<'m>(model: &'m Model, row: &RowId) -> Option<&'m PhaseOutline> {
    let RowId::Phase(id) = row else { return None };
    model.plans.shown()?.phases.iter().find(|phase| phase.id == *id)
}

/// The step of a row.
pub fn step<'m>(model: &'m Model, row: &RowId) -> Option<&'m StepOutline> {
    let RowId::Step(id) = row else { return None };
    model.plans.shown()?.step(id)
}

/// The title of the phases: the plan's own, and how much of it there is.
pub fn title(model: &Model) -> String {
    match model.plans.shown() {
        Some(plan) => plan.title.clone(),
        None => "Phases".to_owned(),
    }
}

/// What is said of the selected row, under labels.
pub fn details(model: &Model, row: &RowId) -> Vec<(&'static str, String)> {
    if let Some(phase) = phase(model, row) {
        let count = phase.steps.len();
        return vec![
            ("Phase", format!("{} {}", phase.id, phase.title)),
            ("Gives", phase.outcome.clone()),
            ("Steps", format!("{count}; Enter goes to them")),
        ];
    }
    let Some(step) = step(model, row) else { return Vec::new() };
    let mut lines = vec![("Why", step.why.clone()), ("Where", step.at.clone())];
    for (at, line) in step.doing.iter().enumerate() {
        lines.push((if at == 0 { "Do" } else { "" }, line.clone()));
    }
    lines.push(("Done", step.done.clone()));
    lines.push(("Undo", step.undo.clone()));
    lines.push(("Usual", step.usual.clone()));
    lines
}

/// A row as one line of text.
pub fn text(model: &Model, row: &RowId) -> Option<String> {
    if let Some(phase) = phase(model, row) {
        return Some(format!("{} {}", phase.id, phase.title));
    }
    step(model, row).map(|step| format!("{} {} {}", step.id, step.kind, step.title))
}
