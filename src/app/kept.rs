//! Long lists that are kept until what they rest on changes.
//!
//! A key asks for the list with the focus many times: whether a command is
//! ready, what is selected, what is drawn. At ten thousand targets building it
//! once is what there is time for. What is kept here is derived: it is not
//! written, not compared, and a copy of a model begins without it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::filter::Filter;
use super::screens::state::ScreenState;
use super::screens::{self, PanelSpec, overview, rack};
use super::verdicts::GroupId;
use super::{Model, RowId};

/// Rows of a list, in order; cheap to hand on.
pub type Rows = Arc<Vec<RowId>>;

/// The rows of a panel: kept ones where the list is as long as the site is large.
pub fn rows(model: &Model, panel: &PanelSpec) -> Rows {
    let is_its = |other: &PanelSpec| std::ptr::eq(other, panel);
    let owner = screens::all().find(|screen| screen.panels.iter().any(is_its));
    match owner {
        Some(screen) if screen.layer.is_some() => {
            let make = |model: &Model| (panel.rows)(model, model.state_of(screen.id));
            model.kept_rows.get(model, screen.id, make)
        }
        Some(screen) if screen.id == overview::SPEC.id && panel.name == "findings" => {
            overview::finding_rows(model)
        }
        Some(screen) if screen.id == rack::SPEC.id => rack::shelves(model).rows(),
        Some(screen) => Arc::new((panel.rows)(model, model.state_of(screen.id))),
        None => Rows::default(),
    }
}

/// How many rows the panel has when nothing narrows it; `None` while nothing does.
pub fn unnarrowed(model: &Model, panel: &PanelSpec) -> Option<usize> {
    let is_its = |other: &PanelSpec| std::ptr::eq(other, panel);
    let screen = screens::all().find(|screen| screen.panels.iter().any(is_its))?;
    let state = model.state_of(screen.id);
    let is_whole = Filter::of(&state.filter).is_empty() && !state.problems_only;
    if is_whole || panel.is_text {
        return None;
    }
    let count = |model: &Model| {
        let whole = ScreenState { filter: String::new(), problems_only: false, ..state.clone() };
        (panel.rows)(model, &whole).len()
    };
    let is_long = screen.layer.is_some()
        || screen.id == rack::SPEC.id
        || (screen.id == overview::SPEC.id && panel.name == "findings");
    Some(if is_long { *model.kept_totals.get(model, screen.id, count) } else { count(model) })
}

/// Everything that rows of a long list rest on, as it was when they were made.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ground {
    readings: u64,
    verdicts: u64,
    filter: String,
    problems_only: bool,
    view: usize,
    unfolded: BTreeSet<GroupId>,
    rack: Option<String>,
}

impl Ground {
    fn of(model: &Model, state: &ScreenState) -> Ground {
        Ground {
            readings: model.readings,
            verdicts: model.verdicts.revision(),
            filter: state.filter.clone(),
            problems_only: state.problems_only,
            view: state.view,
            unfolded: state.unfolded.clone(),
            rack: state.rack.clone(),
        }
    }

    /// Whether it still is so; copies nothing.
    fn holds(&self, model: &Model, state: &ScreenState) -> bool {
        self.readings == model.readings
            && self.verdicts == model.verdicts.revision()
            && self.filter == state.filter
            && self.problems_only == state.problems_only
            && self.view == state.view
            && self.unfolded == state.unfolded
            && self.rack == state.rack
    }
}

/// What was made for each screen, and what it rests on.
#[derive(Debug)]
pub struct Kept<T>(Mutex<BTreeMap<&'static str, (Ground, Arc<T>)>>);

impl<T> Kept<T> {
    /// What is kept for the screen, made anew when the site, a verdict or what
    /// the screen narrows its list by is another than when it was made.
    /// `make` must rest on nothing else.
    pub fn get(
        &self,
        model: &Model,
        screen: &'static str,
        make: impl FnOnce(&Model) -> T,
    ) -> Arc<T> {
        let state = model.state_of(screen);
        let held = {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.get(screen)
                .filter(|(ground, _)| ground.holds(model, state))
                .map(|(_, t)| t.clone())
        };
        held.unwrap_or_else(|| {
            let made = Arc::new(make(model));
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.insert(screen, (Ground::of(model, state), Arc::clone(&made)));
            made
        })
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Kept<T> {
        Kept(Mutex::default())
    }
}

impl<T> Clone for Kept<T> {
    /// A copy begins with nothing.
    fn clone(&self) -> Kept<T> {
        Kept::default()
    }
}

impl<T> PartialEq for Kept<T> {
    /// What is derived makes no difference.
    fn eq(&self, _: &Kept<T>) -> bool {
        true
    }
}
