//! Whether a step may start: what it needs, interlocks, arming, a second time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::evidence::OfStep;
use super::past::StepKey;
use super::standing::{State, held, missing_variables, stand_of};
use super::world::World;
use crate::install::expression::Evidence as _;
use crate::install::journal::{Person, StepAct};
use crate::install::plan::{Level, Risk, Step};

/// What somebody says who wants a step to start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wish {
    /// Why it may change the site.
    pub armed: Option<String>,
    /// What is typed for what destroys: name and number.
    pub confirmed: Option<String>,
    /// Why it acts once more.
    pub again: Option<String>,
    /// Interlocks that are passed, each with a reason.
    pub pass: BTreeMap<String, String>,
}

/// Leave to start, and what is to be written down first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Which step.
    pub key: StepKey,
    /// Lines for the journal, in order; the last one begins the act.
    pub acts: Vec<StepAct>,
}

/// Why a step may not start: reason, evidence and way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What stands in the way, in one word: `needs`, `when`, `variables`, `interlock`, `running`, `done`,
    /// `again`, `arming`, `confirmation`.
    pub by: String,
    /// One sentence.
    pub sentence: String,
    /// What was found, a line each.
    pub evidence: Vec<String>,
    /// What to do.
    pub way_out: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)?;
        if let Some(first) = self.evidence.first() {
            write!(f, " ({first})")?;
        }
        if self.way_out.is_empty() { Ok(()) } else { write!(f, "; {}", self.way_out) }
    }
}

impl Refusal {
    fn new(by: &str, sentence: String, evidence: Vec<String>, way_out: String) -> Box<Refusal> {
        Box::new(Refusal { by: by.to_owned(), sentence, evidence, way_out })
    }
}

/// What must be typed before a step that destroys: the name of what is destroyed, and how many.
pub fn wanted_confirmation(world: &World<'_>, step: &Step, target: Option<&str>) -> String {
    let evidence = OfStep { world, step, target };
    let name = match (&step.object, target) {
        (Some(object), _) => evidence.filled(&object.text),
        (None, Some(target)) => target.to_owned(),
        (None, None) => step.id.clone(),
    };
    let number = match target {
        Some(_) => 1,
        None => {
            step.for_each.as_deref().and_then(|word| world.targets(word)).map_or(1, |all| all.len())
        }
    };
    format!("{name} {number}")
}

/// A step that nothing but its own risk holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Which.
    pub key: StepKey,
    /// The interlocks that are passed, for the journal.
    pub acts: Vec<StepAct>,
}

/// Whether a step is open to be done, by a person or by the program: it applies, is not done,
/// what it needs holds, and every interlock holds or is passed with a reason.
///
/// # Errors
/// What stands in the way.
pub fn open(
    world: &World<'_>,
    step: &Step,
    target: Option<&str>,
    wish: &Wish,
    by: &Person,
) -> Result<Open, Box<Refusal>> {
    let standing = stand_of(world, step, target);
    let key = standing.key.clone();
    let lines = |pieces: &[crate::install::expression::Piece]| {
        pieces.iter().map(crate::install::expression::Piece::line).collect::<Vec<String>>()
    };
    if standing.state.is_live() {
        let next = "`shopfloor attach` shows it".to_owned();
        return Err(Refusal::new("running", format!("{key} runs: {}", standing.why), vec![], next));
    }
    if standing.when.truth == crate::install::expression::Truth::Fails {
        let sentence = format!("{key} does not apply here");
        return Err(Refusal::new("when", sentence, lines(&standing.when.against), String::new()));
    }
    if !standing.when.holds() {
        let sentence = format!("whether {key} applies is not known");
        let next = "look again when it can be seen".to_owned();
        return Err(Refusal::new("when", sentence, lines(&standing.when.against), next));
    }
    if standing.state == State::Done && wish.again.is_none() {
        let sentence = format!("{key} is done");
        let next = "--again REASON does it once more".to_owned();
        return Err(Refusal::new("done", sentence, lines(&standing.done.proofs), next));
    }
    if !standing.needs.holds() {
        let sentence = format!("{key} cannot start: what it needs does not hold");
        let next = format!("`shopfloor plan show {} {}` shows all of it", world.plan.id, step.id);
        return Err(Refusal::new("needs", sentence, lines(&standing.needs.against), next));
    }
    let missing = missing_variables(world, step);
    if !missing.is_empty() {
        let sentence =
            format!("{key} cannot start: the inventory does not set {}", missing.join(", "));
        let next = format!(
            "`shopfloor inventory set all.vars.{} VALUE` sets it",
            missing.first().map_or("", String::as_str)
        );
        return Err(Refusal::new("variables", sentence, missing, next));
    }
    let past = world.progress.of(&key);
    if !past.acts.is_empty() && !step.rerun.class.is_repeatable() && wish.again.is_none() {
        let sentence =
            format!("{key} has acted before, and a second time {}", step.rerun.class.word());
        let words = vec![step.rerun.words.clone()];
        let next = "--again REASON does it once more".to_owned();
        return Err(Refusal::new("again", sentence, words, next));
    }
    let mut acts = Vec::new();
    for held in held(world, step, target) {
        let Some(interlock) = world.library.interlock(&held.interlock) else { continue };
        let reason = wish.pass.get(&interlock.id).filter(|reason| !reason.trim().is_empty());
        let may_pass = interlock.level == Level::Confirm || interlock.may_override;
        if let Some(reason) = reason.filter(|_| may_pass) {
            acts.push(StepAct::Passed {
                interlock: interlock.id.clone(),
                reason: reason.clone(),
                by: by.clone(),
            });
            continue;
        }
        let sentence = format!(
            "{} holds {key} back: {}, because {}",
            interlock.id, interlock.rule, interlock.why
        );
        let mut way_out = interlock.way_out.clone().unwrap_or_default();
        if may_pass {
            let verb = if interlock.level == Level::Confirm { "confirms" } else { "overrides" };
            let own = format!("--pass '{}=REASON' {verb} it", interlock.id);
            way_out = if way_out.is_empty() { own } else { format!("{way_out} {own}") };
        }
        return Err(Refusal::new("interlock", sentence, lines(&held.against), way_out));
    }
    Ok(Open { key, acts })
}

/// Whether a step may start now.
///
/// # Errors
/// What stands in the way; nothing was written and nothing started.
pub fn may_start(
    world: &World<'_>,
    step: &Step,
    target: Option<&str>,
    wish: &Wish,
    by: &Person,
) -> Result<Permit, Box<Refusal>> {
    let Open { key, mut acts } = open(world, step, target, wish, by)?;
    let armed = wish.armed.clone().filter(|reason| !reason.trim().is_empty());
    if step.risk != Risk::Looks && armed.is_none() {
        let sentence = format!("{key} {} the site, and this run is not armed", step.risk.word());
        return Err(Refusal::new("arming", sentence, vec![], "--arm REASON arms it".to_owned()));
    }
    if step.risk == Risk::Destroys {
        let wanted = wanted_confirmation(world, step, target);
        if wish.confirmed.as_deref().map(str::trim) != Some(wanted.as_str()) {
            let sentence = format!("{key} destroys what is there, and that is not confirmed");
            let words = vec![step.rerun.words.clone()];
            let next = format!("--confirm '{wanted}' confirms it");
            return Err(Refusal::new("confirmation", sentence, words, next));
        }
    }
    acts.push(StepAct::Started { by: by.clone(), armed, again: wish.again.clone() });
    Ok(Permit { key, acts })
}
