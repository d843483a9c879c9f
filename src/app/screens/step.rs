//! The page of a step of a plan: why, where, what is done, what proves it, what can go wrong.

use super::super::{Model, RowId};
use super::code::{self, Text};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "step",
    title: "Step",
    short: "Step",
    help: "One step of a plan: why, where, what is done, what proves it, what can go wrong",
    jump_words: &[],
    digit: None,
    layer: None,
    panels: &[PanelSpec { name: "text", title: "Step", rows: text_rows, is_text: true }],
    commands: &[],
    needs: None,
    is_listed: false,
    status,
};

/// The page; nothing while it is not known.
pub fn page(model: &Model) -> Vec<Text> {
    let wanted = model.route().step.as_ref();
    let page = model.plans.page.as_ref().filter(|page| Some(&page.of) == wanted);
    page.map(|page| page.text.clone()).unwrap_or_default()
}

/// The page as it is shown now: every line a row of the screen.
pub fn lines(model: &Model) -> Vec<Text> {
    code::in_lines(model, page(model))
}

fn text_rows(model: &Model, _: &ScreenState) -> Vec<RowId> {
    (0..lines(model).len()).map(RowId::Line).collect()
}

fn status(model: &Model) -> String {
    match &model.route().step {
        None => "No step chosen; `:step ID` opens one".to_owned(),
        Some(_) if page(model).is_empty() => "Reading the step".to_owned(),
        Some(step) => format!(
            "{} of {}. `shopfloor plan show {} {}` prints it",
            step.step, step.plan, step.plan, step.step
        ),
    }
}
