//! Install: the plans and where the site stands in them. Needs the plans.

use super::super::{Model, RowId};
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "install",
    title: "Install",
    short: "Inst",
    help: "Plans, and where the site stands in them",
    jump_words: &["plans", "runs"],
    digit: Some('7'),
    layer: None,
    panels: &[PanelSpec { name: "text", title: "Install", rows, is_text: true }],
    commands: &[],
    needs: Some("Needs the plans of the installation; none can be run from here yet"),
    is_listed: true,
    status: |model| {
        if model.is_loaded && !model.site.has_inventory {
            "`shopfloor inventory example > inventory.yml`, fill it in, then r reads it".to_owned()
        } else {
            match model.runs.current() {
                Some(run) => {
                    format!("{}; `shopfloor attach {}` watches it", run.strip(model.now), run.id)
                }
                None => "No plan can be run from here yet. Nothing is running".to_owned(),
            }
        }
    },
};

/// What is said here.
pub fn lines(model: &Model) -> Vec<String> {
    if !model.is_loaded || model.site.has_inventory {
        return super::super::runs::lines(model);
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

fn rows(model: &Model) -> Vec<RowId> {
    (0..lines(model).len()).map(RowId::Line).collect()
}
