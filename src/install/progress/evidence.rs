//! What conditions are told, for one step and one target.

use super::past::StepKey;
use super::standing::{State, state_of};
use super::world::World;
use crate::domain::Stamp;
use crate::install::expression::{Ask, CheckSeen, Evidence, Setting, Truth, WAIT_STATES, Wanted};
use crate::install::plan::kind::Approve;
use crate::install::plan::template::fill;
use crate::install::plan::{Kind, Step};

/// The evidence of a step, of one target where it repeats.
pub struct OfStep<'w, 'a> {
    /// The world.
    pub world: &'w World<'a>,
    /// The step.
    pub step: &'w Step,
    /// The target.
    pub target: Option<&'w str>,
}

impl OfStep<'_, '_> {
    /// The key of the step.
    pub fn key(&self) -> StepKey {
        StepKey::new(&self.step.id, self.target)
    }

    /// The keys of another step: one for each of its targets.
    fn keys_of(&self, step: &Step) -> Vec<StepKey> {
        match step.for_each.as_deref().map(|word| self.world.targets(word)) {
            // The same targets: that of ours is meant.
            Some(_) if step.for_each == self.step.for_each && self.target.is_some() => {
                vec![StepKey::new(&step.id, self.target)]
            }
            Some(Some(targets)) => {
                targets.iter().map(|target| StepKey::new(&step.id, Some(target))).collect()
            }
            _ => vec![StepKey::new(&step.id, None)],
        }
    }
}

/// Whether another step is done, does not apply or was passed over; each judged once.
fn is_done(world: &World<'_>, step: &Step, key: &StepKey, really: bool) -> (Truth, String) {
    let memo =
        StepKey { step: format!("{}{}", key.step, if really { "!" } else { "" }), ..key.clone() };
    if let Some(known) = world.judged.borrow().get(&memo) {
        return known.clone();
    }
    if !world.judging.borrow_mut().insert(memo.clone()) {
        return (Truth::Unknown, format!("{key} rests on itself"));
    }
    let (state, why) = state_of(world, step, key.target.as_deref());
    world.judging.borrow_mut().remove(&memo);
    let truth = match state {
        State::Done => Truth::Holds,
        State::Skipped if !really => Truth::Holds,
        State::Unknown => Truth::Unknown,
        _ => Truth::Fails,
    };
    let words = match (truth, why) {
        (Truth::Holds, why) if state == State::Skipped => format!("{key} is passed over: {why}"),
        (Truth::Holds, _) => format!("{key} is done"),
        (_, why) if why.is_empty() => format!("{key} is {}", state.word()),
        (_, why) => format!("{key} is {}: {why}", state.word()),
    };
    world.judged.borrow_mut().insert(memo, (truth, words.clone()));
    (truth, words)
}

impl Evidence for OfStep<'_, '_> {
    fn check(&self, check: &str, at: Option<&str>) -> Vec<CheckSeen> {
        let at = at.map(|at| self.filled(at));
        let wanted = at.as_deref().map(|word| self.world.targets(word).unwrap_or_default());
        let all: Vec<CheckSeen> = self
            .world
            .today
            .judgements
            .iter()
            .filter(|judged| judged.check.as_str() == check)
            .map(|judged| {
                let target = self.world.site.target(&judged.target);
                CheckSeen {
                    target: target.map_or_else(
                        || judged.target.as_str().to_owned(),
                        |target| target.name.clone(),
                    ),
                    verdict: judged.verdict,
                    sentence: judged.sentence.clone(),
                }
            })
            .collect();
        match (wanted, self.target) {
            (Some(names), _) => {
                all.into_iter().filter(|seen| names.contains(&seen.target)).collect()
            }
            // A step that repeats asks of its target, where the check is about it at all.
            (None, Some(target)) if all.iter().any(|seen| seen.target == target) => {
                all.into_iter().filter(|seen| seen.target == target).collect()
            }
            (None, _) => all,
        }
    }

    fn rule(&self, rule: &str) -> (Truth, String) {
        let Some(problems) = self.world.today.problems else {
            return (Truth::Unknown, "the rules of the inventory were not applied".to_owned());
        };
        let of_rule: Vec<_> = problems.iter().filter(|problem| problem.rule == rule).collect();
        let broken = of_rule.iter().find(|one| one.verdict == crate::domain::Verdict::Fail);
        let unknown = of_rule.iter().find(|one| one.verdict == crate::domain::Verdict::Unknown);
        match (broken, unknown) {
            (Some(problem), _) => (Truth::Fails, problem.line()),
            (None, Some(problem)) => (Truth::Unknown, problem.line()),
            (None, None) => (Truth::Holds, String::new()),
        }
    }

    fn step(&self, id: &str, wanted: &Wanted) -> (Truth, String) {
        // A runbook may rest on a step of another plan: of that one only the past is known here.
        let Some((_, step)) = self
            .world
            .plan
            .step(id)
            .map(|step| (self.world.plan, step))
            .or_else(|| self.world.library.step(id))
        else {
            return (Truth::Unknown, format!("there is no step {id}"));
        };
        let keys = self.keys_of(step);
        let parts: Vec<(Truth, String)> =
            keys.iter().map(|key| reached(self.world, step, key, wanted)).collect();
        let worst = |truth: Truth| parts.iter().find(|part| part.0 == truth).cloned();
        worst(Truth::Fails).or_else(|| worst(Truth::Unknown)).unwrap_or_else(|| {
            parts.into_iter().next().unwrap_or((Truth::Unknown, format!("{id} has no target")))
        })
    }

    fn exit(&self) -> Option<i32> {
        self.world.progress.of(&self.key()).last()?.exit
    }

    fn recap(&self) -> Option<(bool, String)> {
        self.world.today.printed.get(&self.key())?.recap.clone()
    }

    fn variable(&self, path: &str) -> Setting {
        self.world.setting(path)
    }

    fn group(&self, group: &str) -> Option<usize> {
        self.world.today.inventory.map(|inventory| inventory.hosts_in(group).len())
    }

    fn confirmed(&self, words: &str) -> Option<String> {
        let past = self.world.progress.of(&self.key());
        let mut all = past.confirmed.iter().filter(|said| said.words == words);
        let said = all.next()?;
        // Two persons are two names.
        if let Kind::Gate(gate) = &self.step.kind
            && gate.approve == Approve::People
            && !all.any(|other| other.by.name != said.by.name)
        {
            return None;
        }
        let shown = said.evidence.as_ref().map(|shown| format!(": {shown}")).unwrap_or_default();
        Some(format!("{} said so at {}{shown}", said.by, said.at.rfc3339()))
    }

    fn seen(&self, pattern: &str) -> Option<bool> {
        let printed = self.world.today.printed.get(&self.key())?;
        let escaped = fill(pattern, &mut |name| {
            self.world.value(name, self.target).map(|value| regex::escape(&value))
        });
        let regex = regex::RegexBuilder::new(&escaped).multi_line(true).build().ok()?;
        Some(regex.is_match(&printed.text))
    }

    fn url_expires_after(&self, variable: &str, step: &str) -> (Truth, String) {
        let url = match self.world.setting(variable) {
            Setting::Is(url) => url,
            Setting::NotSet => return (Truth::Fails, format!("{variable} is not set")),
            Setting::Sealed | Setting::Unreadable => {
                return (Truth::Unknown, format!("{variable} cannot be read"));
            }
        };
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let Some(end) = query.split('&').find_map(|part| part.strip_prefix("se=")) else {
            return (Truth::Holds, format!("{variable} does not say that it expires"));
        };
        let end = end.replace("%3A", ":").replace("%3a", ":");
        let Some(end) = Stamp::parse(&end) else {
            return (Truth::Unknown, format!("the end of {variable} cannot be read"));
        };
        // While the step is not done it must be valid still; how long until then nobody knows.
        let is_over = self.world.plan.step(step).is_some_and(|known| {
            is_done(self.world, known, &StepKey::new(step, None), false).0 == Truth::Holds
        });
        let words = format!("{variable} expires at {}", end.rfc3339());
        (Truth::from(is_over || end > self.world.today.now), words)
    }

    fn output(&self, step: &str, name: &str) -> Vec<String> {
        let own = StepKey::new(step, self.target);
        let past = self.world.progress.of(&own).gave.get(name);
        let past =
            past.or_else(|| self.world.progress.of(&StepKey::new(step, None)).gave.get(name));
        past.cloned().unwrap_or_default()
    }

    fn script(&self, ask: &Ask) -> (Truth, String) {
        let shown = self.filled(&ask.to_string());
        let known = self.world.today.scripts.get(&shown).cloned();
        known.unwrap_or((Truth::Unknown, "nobody asked".to_owned()))
    }

    fn runner(&self) -> bool {
        // Every act of a step runs under the runner.
        true
    }

    fn filled(&self, text: &str) -> String {
        fill(text, &mut |name| self.world.value(name, self.target))
    }

    fn no_run(&self) -> (Truth, String) {
        // The step's own run is no other.
        let other = self.world.today.live.keys().find(|key| **key != self.key());
        if let Some(other) = other {
            return (Truth::Fails, format!("{other} runs"));
        }
        let unknown = || (Truth::Unknown, "nobody looked whether something runs".to_owned());
        self.world.today.no_run.clone().unwrap_or_else(unknown)
    }

    fn release(&self) -> Option<String> {
        self.world.today.release.clone()
    }
}

/// Whether a step of one target has come so far.
fn reached(world: &World<'_>, step: &Step, key: &StepKey, wanted: &Wanted) -> (Truth, String) {
    let live = world.today.live.get(key);
    match wanted {
        Wanted::Done => is_done(world, step, key, false),
        Wanted::NotRunning => match live {
            Some(live) => (Truth::Fails, format!("{key} runs, run {}", live.run)),
            None => (Truth::Holds, format!("{key} does not run")),
        },
        Wanted::Running => match live {
            Some(live) => (Truth::Holds, format!("{key} runs, run {}", live.run)),
            None => (Truth::Fails, format!("{key} does not run")),
        },
        Wanted::Ended(state) if state == "done" => is_done(world, step, key, true),
        Wanted::Ended(state) => {
            let last = world.progress.of(key).last();
            let ended = last.filter(|act| act.ended.is_some() && live.is_none());
            match ended.map(|act| act.exit) {
                None => (Truth::Fails, format!("{key} has not come to an end")),
                Some(None) => (Truth::Unknown, format!("how {key} ended is unknown")),
                Some(Some(0)) => (Truth::Fails, format!("{key} ended well")),
                Some(Some(code)) => (Truth::Holds, format!("{key} ended with {code}, {state}")),
            }
        }
        Wanted::Reached(state) => match live {
            None => match is_done(world, step, key, false) {
                (Truth::Holds, words) => (Truth::Holds, words),
                (truth, _) => (truth, format!("{key} does not run")),
            },
            Some(live) => {
                let order = |word: &str| WAIT_STATES.iter().position(|known| *known == word);
                let (now, then) = (live.state.as_deref().and_then(order), order(state));
                match (now, then) {
                    (Some(now), Some(then)) if now >= then => {
                        (Truth::Holds, format!("{key} is {}", live.state.as_deref().unwrap_or("")))
                    }
                    (Some(_), _) => (
                        Truth::Fails,
                        format!("{key} is still {}", live.state.as_deref().unwrap_or("")),
                    ),
                    (None, _) => (Truth::Unknown, format!("how far {key} is cannot be seen")),
                }
            }
        },
    }
}
