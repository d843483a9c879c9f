//! The screens: one file each for state and reaction, one entry in the
//! registry. Tab bar, palette, help, `show` and the screen tests walk the registry.

pub mod code;
pub mod details;
pub mod fact;
pub mod install;
pub mod inventory;
pub mod keys;
pub mod layer;
pub mod log_outline;
pub mod logs;
pub mod look;
pub mod overview;
pub mod rack;
pub mod run;
pub mod state;
pub mod step;
pub mod target;
pub mod timeline;

use crate::domain::Layer;

use self::state::ScreenState;
use super::{Model, RowId};

/// A list on a screen. Rows are identities, so that a selection survives any change of the list.
#[derive(Debug)]
pub struct PanelSpec {
    /// Its name within the screen.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its rows now, in order, as the given state narrows them (filter, problems-only, view).
    /// Selection and scroll are separate.
    pub rows: fn(&Model, &ScreenState) -> Vec<RowId>,
    /// Whether its rows are text to read: no row is selected, arrows scroll.
    pub is_text: bool,
}

/// What is fixed about a screen.
#[derive(Debug)]
pub struct ScreenSpec {
    /// Its id, as `show SCREEN` has it.
    pub id: &'static str,
    /// Its full name, for wide tab bars and lists.
    pub title: &'static str,
    /// Its name in an 80-column tab bar.
    pub short: &'static str,
    /// What it is for, one sentence for help and palette.
    pub help: &'static str,
    /// Words that lead to it in the palette.
    pub jump_words: &'static [&'static str],
    /// Its digit in the tab bar (`1` to `0`).
    pub digit: Option<char>,
    /// The layer a layer screen shows.
    pub layer: Option<Layer>,
    /// Its lists, the first has the focus at the start.
    pub panels: &'static [PanelSpec],
    /// Ids of the commands that only it has, in the order of its key bar.
    pub commands: &'static [&'static str],
    /// What must be there before it can show anything; said in place.
    pub needs: Option<&'static str>,
    /// Whether it can be opened by name; pages about one thing are opened from it.
    pub is_listed: bool,
    /// One sentence about what is shown now, for the status line.
    pub status: fn(&Model) -> String,
}

impl ScreenSpec {
    /// The panel of that name.
    pub fn panel(&self, name: &str) -> Option<&'static PanelSpec> {
        self.panels.iter().find(|panel| panel.name == name)
    }
}

/// Every screen, the ten of the tab bar first and in its order.
static REGISTRY: &[&ScreenSpec] = &[
    &overview::SPEC,
    &rack::SPEC,
    &layer::FABRIC,
    &layer::CEPH,
    &layer::OPENSTACK,
    &layer::PLATFORM,
    &install::SPEC,
    &logs::SPEC,
    &timeline::SPEC,
    &inventory::SPEC,
    &layer::POWER,
    &layer::HOSTS,
    &layer::ROUTER,
    &layer::SERVICES,
    &layer::OBSERVING,
    &target::SPEC,
    &fact::SPEC,
    &run::SPEC,
    &step::SPEC,
    &code::SPEC,
    &keys::SPEC,
    &look::SPEC,
];

/// Every screen.
pub fn all() -> impl Iterator<Item = &'static ScreenSpec> {
    REGISTRY.iter().copied()
}

/// The screen the program opens with.
pub fn first() -> &'static ScreenSpec {
    &overview::SPEC
}

/// The screen of that id.
pub fn find(id: &str) -> Option<&'static ScreenSpec> {
    all().find(|screen| screen.id == id)
}

/// The screen a word leads to: an id, or one of the jump words, whatever the case.
pub fn by_word(word: &str) -> Option<&'static ScreenSpec> {
    let word = word.trim().to_lowercase();
    all().find(|screen| {
        screen.is_listed && (screen.id == word || screen.jump_words.contains(&word.as_str()))
    })
}

/// The screen of a layer.
pub fn of_layer(layer: Layer) -> &'static ScreenSpec {
    all().find(|screen| screen.layer == Some(layer)).unwrap_or(first())
}

/// The panel that has the focus before anybody moves it.
pub fn first_panel(model: &Model, screen: &'static ScreenSpec) -> Option<&'static PanelSpec> {
    match screen.id {
        // Where nothing was run yet, the plan is what is to be read.
        "install" if model.runs.list.is_empty() => screen.panel(install::PHASES),
        _ => screen.panels.first(),
    }
}

/// Whether a panel of a screen has anything to show at all: what Ansible did, only where it did something.
pub fn has_panel(model: &Model, name: &str) -> bool {
    name != log_outline::PANEL || log_outline::is_there(model)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_digits_and_jump_words_name_one_screen_each() {
        let mut ids = BTreeSet::new();
        let mut words = BTreeSet::new();
        let mut digits = String::new();
        for screen in all() {
            assert!(ids.insert(screen.id), "{} twice", screen.id);
            assert!(words.insert(screen.id.to_owned()), "{} is also a jump word", screen.id);
            for word in screen.jump_words {
                assert!(words.insert((*word).to_owned()), "jump word {word} twice");
                assert_eq!(by_word(word).map(|s| s.id), Some(screen.id));
            }
            digits.extend(screen.digit);
            assert!(!screen.help.is_empty() && !screen.title.is_empty());
            assert!(!screen.panels.is_empty(), "{} has no panel", screen.id);
        }
        assert_eq!(digits, "1234567890", "the ten screens in the order of the tab bar");
    }

    #[test]
    fn every_layer_has_a_screen() {
        for layer in Layer::ALL {
            assert_eq!(of_layer(layer).layer, Some(layer));
        }
    }
}
