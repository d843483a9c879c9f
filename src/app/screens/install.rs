//! Install: the runs of the site, and, when they are built, its plans.

use super::super::filter::Filter;
use super::super::runs::RunLine;
use super::super::{Model, RowId};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "install",
    title: "Install",
    short: "Inst",
    help: "The runs of the site: what was started here, how it goes, how it ended",
    jump_words: &["plans"],
    digit: Some('7'),
    layer: None,
    panels: &[PanelSpec { name: "runs", title: "Runs", rows, is_text: false }],
    commands: &[],
    needs: Some("No plan of an installation can be run from here yet; `:run CMD` starts a command"),
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
            "Nothing was run here yet; `:run CMD` starts a command".to_owned()
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
