//! Consoles that runs hold: they outlive the screen.

use serde::{Deserialize, Serialize};

use super::super::Model;
use super::{Choice, OpenConsole, Place, State};

/// A console that a run holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InRunConsole {
    /// The run.
    pub run: u64,
    /// Its number there.
    pub number: u64,
    /// What it is called.
    pub name: String,
    /// Who typed in it last.
    pub keys: Option<String>,
    /// How its line ended, if it did; its text is still there.
    pub ended: Option<String>,
}

/// What the runs of the site hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InRuns {
    /// The run in which a console can be opened now.
    pub host: Option<u64>,
    /// The consoles there are.
    pub list: Vec<InRunConsole>,
}

/// The consoles in runs that are not shown on this screen yet.
pub(super) fn elsewhere(model: &Model) -> impl Iterator<Item = Choice> {
    let is_here = |one: &InRunConsole| {
        model.consoles.open.iter().any(|console| {
            matches!(&console.place, Place::InRun { run, console: Some(number), .. }
                if (*run, *number) == (one.run, one.number))
        })
    };
    model.consoles.in_runs.list.iter().filter(move |one| !is_here(one)).map(|one| {
        Choice::Open(Box::new(Place::InRun {
            run: one.run,
            console: Some(one.number),
            name: one.name.clone(),
            to: None,
        }))
    })
}

/// What the list says of opening a place, where that is in a run.
pub(super) fn words(model: &Model, place: &Place) -> Option<String> {
    let Place::InRun { run, console, .. } = place else { return None };
    let Some(number) = console else {
        return Some(format!("outlives this screen; opens {}", place.way()));
    };
    let list = &model.consoles.in_runs.list;
    let known = list.iter().find(|one| (one.run, one.number) == (*run, *number));
    Some(match known.and_then(|one| one.ended.as_ref()) {
        Some(why) => format!("console {number}, ended: {why}"),
        None => format!("console {number}, outlives this screen"),
    })
}

/// What is said to whoever leaves: the run, and the console that go on.
pub fn farewells(model: &Model) -> Vec<String> {
    model.runs.farewell().into_iter().chain(farewell(model)).collect()
}

/// What is said of a console that goes on.
pub fn farewell(model: &Model) -> Option<String> {
    let goes_on = |console: &OpenConsole| match (&console.place, &console.view.state) {
        (Place::InRun { run, console: Some(number), .. }, State::Open | State::Opening) => {
            Some((*run, *number))
        }
        _ => None,
    };
    let (run, number) = model.consoles.open.iter().find_map(goes_on)?;
    Some(format!(
        "console {number} of run {run} goes on; come back with `shopfloor console --run {run} --number {number}`"
    ))
}
