//! The state of every step: a function of what happened and of what reality says today.

use serde::{Deserialize, Serialize};

use super::evidence::OfStep;
use super::past::StepKey;
use super::world::World;
use crate::install::expression::{Judged, Piece, Truth};
use crate::install::plan::Step;

/// The state of a step (procedure, section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A precondition is open.
    Locked,
    /// It may start.
    Ready,
    /// Its act runs.
    Running,
    /// Its act stands and waits for a person.
    WaitingPerson,
    /// Its act ended well, and whether it is done cannot be seen yet.
    Verifying,
    /// Reality says so today.
    Done,
    /// Its act ended badly, or what proves it done does not hold after it.
    Failed,
    /// It was passed over with a reason, or does not apply.
    Skipped,
    /// It was put off with a reason; it is still to be done.
    Deferred,
    /// It was done, and reality says today that it is not.
    Regressed,
    /// It was interrupted, or was done and cannot be looked at.
    Unknown,
}

impl State {
    /// All states.
    pub const ALL: [State; 11] = [
        State::Locked,
        State::Ready,
        State::Running,
        State::WaitingPerson,
        State::Verifying,
        State::Done,
        State::Failed,
        State::Skipped,
        State::Deferred,
        State::Regressed,
        State::Unknown,
    ];

    /// The word in JSON and on screen.
    pub const fn word(self) -> &'static str {
        match self {
            State::Locked => "locked",
            State::Ready => "ready",
            State::Running => "running",
            State::WaitingPerson => "waiting-person",
            State::Verifying => "verifying",
            State::Done => "done",
            State::Failed => "failed",
            State::Skipped => "skipped",
            State::Deferred => "deferred",
            State::Regressed => "regressed",
            State::Unknown => "unknown",
        }
    }

    /// Whether the plan may go on behind it.
    pub const fn is_behind(self) -> bool {
        matches!(self, State::Done | State::Skipped)
    }

    /// Whether something runs.
    pub const fn is_live(self) -> bool {
        matches!(self, State::Running | State::WaitingPerson)
    }
}

/// How a step stands, of one target where it repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepStanding {
    /// Which.
    pub key: StepKey,
    /// Its state.
    pub state: State,
    /// Why, one sentence; empty where the state says it all.
    pub why: String,
    /// What it needs, judged.
    pub needs: Judged,
    /// Whether it applies, judged.
    pub when: Judged,
    /// What proves it done, judged.
    pub done: Judged,
    /// Interlocks that hold it back, each with what was found.
    pub interlocks: Vec<Held>,
}

/// An interlock that holds a step back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which.
    pub interlock: String,
    /// What was found.
    pub against: Vec<Piece>,
}

/// How a whole plan stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Every step, each target of one that repeats for itself, in the order of the plan.
    pub steps: Vec<StepStanding>,
}

impl Standing {
    /// How a step stands; the first of its targets where none is named.
    pub fn of(&self, step: &str, target: Option<&str>) -> Option<&StepStanding> {
        self.steps.iter().find(|one| {
            one.key.step == step && (target.is_none() || one.key.target.as_deref() == target)
        })
    }

    /// The steps that may start now.
    pub fn ready(&self) -> impl Iterator<Item = &StepStanding> {
        self.steps.iter().filter(|one| {
            matches!(one.state, State::Ready | State::Failed | State::Regressed)
                && one.needs.holds()
        })
    }

    /// How many steps are in a state.
    pub fn count(&self, state: State) -> usize {
        self.steps.iter().filter(|one| one.state == state).count()
    }

    /// Whether every step is done, or was passed over.
    pub fn is_complete(&self) -> bool {
        self.steps.iter().all(|one| one.state.is_behind())
    }
}

/// Judges every step of the plan.
pub fn stand(world: &World<'_>) -> Standing {
    let mut steps = Vec::new();
    for step in world.plan.steps() {
        match step.for_each.as_deref().and_then(|word| world.targets(word)) {
            Some(targets) => {
                for target in &targets {
                    steps.push(stand_of(world, step, Some(target)));
                }
            }
            None => steps.push(stand_of(world, step, None)),
        }
    }
    Standing { steps }
}

/// Judges one step.
pub fn stand_of(world: &World<'_>, step: &Step, target: Option<&str>) -> StepStanding {
    let evidence = OfStep { world, step, target };
    let needs = step.needs.judge(&evidence);
    let (mut state, mut why) = state_of(world, step, target);
    if matches!(state, State::Ready) && !needs.holds() {
        state = State::Locked;
        why = needs.against.first().map(Piece::line).unwrap_or_default();
    }
    let missing = missing_variables(world, step);
    if matches!(state, State::Ready) && !missing.is_empty() {
        state = State::Locked;
        why = format!("{} is not set in the inventory", missing.join(", "));
    }
    let interlocks = held(world, step, target);
    StepStanding {
        key: evidence.key(),
        when: step.when.judge(&evidence),
        done: step.done.judge(&evidence),
        state,
        why,
        needs,
        interlocks,
    }
}

/// The inventory variables that a step needs and that are not set.
pub fn missing_variables(world: &World<'_>, step: &Step) -> Vec<String> {
    use crate::install::expression::Setting;
    step.variables
        .iter()
        .filter(|path| !matches!(world.setting(path), Setting::Is(_) | Setting::Sealed))
        .cloned()
        .collect()
}

/// The interlocks that hold a step back now.
pub fn held(world: &World<'_>, step: &Step, target: Option<&str>) -> Vec<Held> {
    let evidence = OfStep { world, step, target };
    world
        .library
        .interlocks_of(&step.id)
        .filter(|interlock| interlock.level != crate::install::plan::Level::Remind)
        .filter_map(|interlock| {
            let judged = interlock.until.judge(&evidence);
            // One without a condition asks for a word each time, and locks nothing.
            let asks = interlock.until.is_nothing();
            (asks || !judged.holds())
                .then(|| Held { interlock: interlock.id.clone(), against: judged.against })
        })
        .collect()
}

/// The state of a step but for what it needs, and why.
pub(super) fn state_of(world: &World<'_>, step: &Step, target: Option<&str>) -> (State, String) {
    let evidence = OfStep { world, step, target };
    let key = evidence.key();
    let past = world.progress.of(&key);
    if let Some(live) = world.today.live.get(&key) {
        let state = if live.waits { State::WaitingPerson } else { State::Running };
        let words = live.state.as_ref().map(|word| format!(", {word}")).unwrap_or_default();
        return (state, format!("run {}{words}", live.run));
    }
    let first = |judged: &Judged| judged.against.first().map(Piece::line).unwrap_or_default();
    let when = step.when.judge(&evidence);
    match when.truth {
        Truth::Fails => return (State::Skipped, format!("does not apply: {}", first(&when))),
        Truth::Unknown if past.acts.is_empty() && past.skipped.is_none() => {
            return (State::Locked, format!("whether it applies is not known: {}", first(&when)));
        }
        _ => {}
    }
    let done = step.done.judge(&evidence);
    // A word of a person decides before what is merely remembered, and after reality.
    if done.holds() {
        return (State::Done, String::new());
    }
    if let Some(skipped) = &past.skipped {
        return (State::Skipped, format!("{} ({})", skipped.words, skipped.by));
    }
    if let Some(deferred) = &past.deferred {
        return (State::Deferred, format!("{} ({})", deferred.words, deferred.by));
    }
    let last = past.last();
    if let Some(act) = last.filter(|act| act.exit.is_none()) {
        let run = act.run.map(|run| format!(" (run {run})")).unwrap_or_default();
        return (State::Unknown, format!("it was interrupted{run}; {}", first(&done)));
    }
    let is_since = |at: crate::domain::Stamp| last.is_none_or(|act| at >= act.started);
    match (&past.proved, done.truth) {
        (Some((at, _)), Truth::Fails) if is_since(*at) => {
            let why = format!("it was done at {}; {}", at.rfc3339(), first(&done));
            return (State::Regressed, why);
        }
        (Some((at, _)), Truth::Unknown) if is_since(*at) => {
            let why = format!("it was done at {}; today: {}", at.rfc3339(), first(&done));
            return (State::Unknown, why);
        }
        _ => {}
    }
    match (last.and_then(|act| act.exit), done.truth) {
        (None, _) => (State::Ready, String::new()),
        (Some(0), Truth::Unknown) => (State::Verifying, first(&done)),
        (Some(0), _) => (State::Failed, first(&done)),
        (Some(code), _) => (State::Failed, format!("it ended with {code}")),
    }
}

/// The state that a running step's wait is in: the last of its states whose condition holds.
pub fn wait_state(world: &World<'_>, step: &Step, target: Option<&str>) -> Option<String> {
    let evidence = OfStep { world, step, target };
    let entered = step.states.iter().rev().find(|state| state.enter.judge(&evidence).holds());
    entered.map(|state| state.state.clone())
}

/// Judges a condition of a step, of one target where it repeats.
pub fn judge(
    world: &World<'_>,
    step: &Step,
    target: Option<&str>,
    condition: &crate::install::expression::Expr,
) -> Judged {
    condition.judge(&OfStep { world, step, target })
}
