//! The read-only scripts that a plan's conditions ask.

use std::collections::BTreeMap;

use super::evidence::OfStep;
use super::world::World;
use crate::install::expression::{Ask, Evidence as _, Expr};
use crate::install::plan::template::{Piece, pieces};
use crate::install::plan::{Kind, Library, Step};

/// A read-only script that a condition asks, with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The condition as it is shown, with its values: what the answer is kept under.
    pub shown: String,
    /// The script's text.
    pub text: String,
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What it reads.
    pub stdin: Option<String>,
    /// Where, as a location code.
    pub at: String,
    /// The target, of a step that repeats.
    pub target: Option<String>,
}

/// Every script that conditions of the plan ask, once each; one that needs a
/// value which nobody knows yet is left out, and stays unknown.
pub fn wanted(world: &World<'_>) -> Vec<Wanted> {
    let mut found = BTreeMap::new();
    for step in world.plan.steps() {
        let targets = step.for_each.as_deref().and_then(|word| world.targets(word));
        let targets = match targets {
            Some(names) => names.into_iter().map(Some).collect(),
            None => vec![None],
        };
        for target in targets {
            for condition in conditions(world.library, step) {
                for leaf in condition.leaves() {
                    if let Some(one) = of(world, step, target.as_deref(), &leaf.ask) {
                        found.insert(one.shown.clone(), one);
                    }
                }
            }
        }
    }
    found.into_values().collect()
}

fn of(world: &World<'_>, step: &Step, target: Option<&str>, ask: &Ask) -> Option<Wanted> {
    let Ask::Script { name, arguments, stdin, at } = ask else { return None };
    let evidence = OfStep { world, step, target };
    let known = |text: &String| -> Option<String> {
        let is_known = |piece: &Piece<'_>| match piece {
            Piece::Name(name) => world.value(name, target).is_some(),
            Piece::Text(_) => true,
        };
        pieces(text).iter().all(is_known).then(|| evidence.filled(text))
    };
    let arguments: Option<Vec<String>> = arguments.iter().map(known).collect();
    let stdin = match stdin {
        Some(text) => Some(known(text)?),
        None => None,
    };
    Some(Wanted {
        shown: evidence.filled(&ask.to_string()),
        text: world.library.scripts.get(name)?.clone(),
        name: name.clone(),
        arguments: arguments?,
        stdin,
        at: at.clone().or_else(|| step.at.first().cloned())?,
        target: target.map(str::to_owned),
    })
}

/// Every condition of a step, and those of the interlocks that hold it back.
pub fn conditions<'a>(library: &'a Library, step: &'a Step) -> Vec<&'a Expr> {
    let mut all = vec![&step.needs, &step.when, &step.done];
    all.extend(step.states.iter().map(|state| &state.enter));
    match &step.kind {
        Kind::Gate(gate) => all.push(&gate.checks),
        Kind::Verify(verify) => all.extend(&verify.checks),
        Kind::Wait(wait) => all.push(&wait.until),
        Kind::Run(run) => all.extend(run.choices.iter().map(|choice| &choice.when)),
        _ => {}
    }
    all.extend(library.interlocks_of(&step.id).map(|interlock| &interlock.until));
    all
}
