//! Plans for the screen: which there are, their phases and steps, the page of a step.

use serde::{Deserialize, Serialize};

use super::screens::code::Text;
use super::screens::{install, step};
use super::{Effect, Model};

/// What is known of plans.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plans {
    /// Every plan, those that come with the program first.
    pub list: Vec<PlanOutline>,
    /// What is wrong with files of plans, one sentence with its place each.
    pub faults: Vec<String>,
    /// The plan that Install shows; the first when `None`.
    pub shown: Option<String>,
    /// The step whose page was asked for.
    pub asked: Option<StepRef>,
    /// The page of that step, once it is there.
    pub page: Option<StepPage>,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StepRef {
    /// The plan's id.
    pub plan: String,
    /// The step's id.
    pub step: String,
}

/// A plan as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOutline {
    /// Its id (`ai-factory-25.1.1`, `RB-CAPI`).
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Whether it is a runbook of operators.
    pub is_runbook: bool,
    /// Checks whose findings it is offered from.
    pub findings: Vec<String>,
    /// Its phases, in order.
    pub phases: Vec<PhaseOutline>,
}

/// A phase as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseOutline {
    /// Its id (`HW-5`).
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What comes out of it.
    pub outcome: String,
    /// Its steps, in order.
    pub steps: Vec<StepOutline>,
}

/// A step as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOutline {
    /// Its id, the procedure's own.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Its kind in one word (`run`, `gate`).
    pub kind: String,
    /// Where it is done, in words.
    pub at: String,
    /// How long it usually takes.
    pub usual: String,
    /// Why it is done.
    pub why: String,
    /// What is done, line by line, bounded.
    pub doing: Vec<String>,
    /// What proves it done.
    pub done: String,
    /// How it is undone.
    pub undo: String,
}

/// The page of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepPage {
    /// Which.
    pub of: StepRef,
    /// All about it.
    pub text: Vec<Text>,
}

/// What is told of plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "news", content = "with")]
pub enum PlanNews {
    /// The plans, and what is wrong with files of plans.
    Read(Vec<PlanOutline>, Vec<String>),
    /// The page of a step.
    Page(Box<StepPage>),
}

/// What is wanted of plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "order", content = "with")]
pub enum PlanOrder {
    /// The page of a step.
    Page(StepRef),
}

impl Plans {
    /// The plan that Install shows.
    pub fn shown(&self) -> Option<&PlanOutline> {
        let wanted = self.shown.as_deref();
        wanted.and_then(|id| self.plan(id)).or_else(|| self.list.iter().find(|one| !one.is_runbook))
    }

    /// A plan by its id, whatever the case.
    pub fn plan(&self, id: &str) -> Option<&PlanOutline> {
        self.list.iter().find(|plan| plan.id.eq_ignore_ascii_case(id))
    }

    /// The runbooks that a finding of this check is offered.
    pub fn offered_from<'m>(&'m self, check: &'m str) -> impl Iterator<Item = &'m PlanOutline> {
        self.list.iter().filter(move |plan| plan.findings.iter().any(|one| one == check))
    }

    /// A step of any plan by its id; of the shown plan where several have it.
    pub fn find_step(&self, id: &str) -> Option<StepRef> {
        let has = |plan: &&PlanOutline| plan.step(id).is_some();
        let plan = self.shown().filter(has).or_else(|| self.list.iter().find(has))?;
        let step = plan.step(id)?;
        Some(StepRef { plan: plan.id.clone(), step: step.id.clone() })
    }
}

impl PlanOutline {
    /// A step by its id, whatever the case.
    pub fn step(&self, id: &str) -> Option<&StepOutline> {
        let steps = self.phases.iter().flat_map(|phase| &phase.steps);
        steps.into_iter().find(|step| step.id.eq_ignore_ascii_case(id))
    }

    /// How many steps it has.
    pub fn steps(&self) -> usize {
        self.phases.iter().map(|phase| phase.steps.len()).sum()
    }
}

/// Takes in news.
pub fn news(model: &mut Model, news: PlanNews) {
    match news {
        PlanNews::Read(list, faults) => {
            (model.plans.list, model.plans.faults) = (list, faults);
            // The page on the screen is told anew.
            model.plans.asked = None;
        }
        PlanNews::Page(page) => {
            if model.plans.asked.as_ref() == Some(&page.of) {
                model.plans.page = Some(*page);
            }
        }
    }
}

/// What to ask so that the page on the screen is known; nothing while it is the same one.
pub fn fit(model: &mut Model) -> Option<Effect> {
    let is_here = model.screen().id == step::SPEC.id;
    let wanted = model.route().step.clone().filter(|_| is_here);
    if wanted == model.plans.asked {
        return None;
    }
    model.plans.asked.clone_from(&wanted);
    if model.plans.page.as_ref().map(|page| &page.of) != wanted.as_ref() {
        model.plans.page = None;
    }
    wanted.map(|step| Effect::Plan(PlanOrder::Page(step)))
}

/// Shows a plan on Install.
pub fn show(model: &mut Model, id: &str) -> Vec<Effect> {
    let Some(plan) = model.plans.plan(id).map(|plan| plan.id.clone()) else {
        let words = match model.plans.list.is_empty() {
            true => "The plans are still being read".to_owned(),
            false => format!("No plan is called {id}; `:plan` and Tab names them"),
        };
        model.say(super::model::Tone::Off, words);
        return Vec::new();
    };
    model.plans.shown = Some(plan);
    model.navigation.go(super::navigation::Route::screen(install::SPEC.id));
    let state = model.state_mut();
    state.filter.clear();
    state.selections.clear();
    Vec::new()
}

/// The names of the plans, for the palette.
pub fn choices(model: &Model) -> Vec<String> {
    model.plans.list.iter().map(|plan| plan.id.clone()).collect()
}

/// The ids of the steps, those of the shown plan first.
pub fn step_choices(model: &Model) -> Vec<String> {
    let shown = model.plans.shown().into_iter();
    let others = model.plans.list.iter().filter(|plan| plan.is_runbook);
    let plans = shown.chain(others);
    plans
        .flat_map(|plan| &plan.phases)
        .flat_map(|phase| &phase.steps)
        .map(|s| s.id.clone())
        .collect()
}

/// Opens the page of a step.
pub fn open_step(model: &mut Model, id: &str) -> Vec<Effect> {
    match model.plans.find_step(id) {
        Some(step) => model.navigation.go(super::navigation::Route::step(step)),
        None => model.say(super::model::Tone::Off, format!("No plan has a step {id}")),
    }
    Vec::new()
}
