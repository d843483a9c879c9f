//! Inventory: is what we wrote what is there? For now what is wrong with the files.

use super::super::filter::Filter;
use super::super::{Model, RowId};
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "inventory",
    title: "Inventory",
    short: "Inv",
    help: "What is wrong with the inventory's files; editing comes with the editor",
    jump_words: &["inv"],
    digit: Some('0'),
    layer: None,
    smallest: super::ANY_SIZE,
    panels: &[PanelSpec { name: "problems", title: "Problems", rows, is_text: false }],
    commands: &[],
    needs: Some(
        "Editing here needs the inventory editor. Until then edit inventory.yml in an editor \
         and check it with `shopfloor inventory check`",
    ),
    is_listed: true,
    status: |model| {
        let targets = model.site.targets.len();
        match model.site.problems.len() {
            _ if !model.is_loaded => "Reading the inventory".to_owned(),
            _ if !model.site.has_inventory => {
                "No inventory here yet: Install (7) offers inventory.example.yml".to_owned()
            }
            0 => format!("{targets} targets, no problem found in the files"),
            1 => format!("{targets} targets, 1 problem in the files"),
            n => format!("{targets} targets, {n} problems in the files"),
        }
    },
};

fn rows(model: &Model) -> Vec<RowId> {
    let filter = Filter::of(&model.state_of(SPEC.id).filter);
    model
        .site
        .problems
        .iter()
        .enumerate()
        .filter(|(_, problem)| filter.keeps(&[problem]))
        .map(|(at, _)| RowId::Line(at))
        .collect()
}

/// A row in words.
pub fn line<'a>(model: &'a Model, row: &RowId) -> Option<&'a str> {
    let RowId::Line(at) = row else { return None };
    model.site.problems.get(*at).map(String::as_str)
}
