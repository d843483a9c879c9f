//! A step as it is written.

use super::fault::Fault;
use super::fields::{Faults, Fields};
use super::keys;
use super::kind::Approve;
use super::reading_kind;
use super::step::{
    Branch, Choice, LOCATIONS, Output, OutputFrom, Rerun, RerunClass, Risk, Step, Symptom, TARGETS,
    Usual, WaitState,
};
use crate::domain::Place;
use crate::install::expression::{self, END_STATES, Expr, WAIT_STATES};
use crate::inventory::Node;

/// Reads a step; what is wrong with it is in the faults, and it is `None` where
/// nothing can be made of it.
pub fn read(node: &Node, faults: &mut Faults) -> Option<Step> {
    let fields = Fields::of(node, "a step", keys::STEP, faults)?;
    let id = fields.required("id", faults);
    let kind = reading_kind::read(fields, &id, faults)?;
    let risk = fields.word("risk", &Risk::WORDS, faults);
    if fields.node("risk").is_none() {
        let found = format!("{id} does not say its risk");
        faults.push(Fault::new(fields.place(), found, "`risk: looks|changes|destroys` is needed"));
    }
    Some(Step {
        title: fields.required("title", faults),
        why: fields.text("why", faults).unwrap_or_default(),
        at: places(fields, faults),
        needs: condition(fields, "needs", faults),
        when: condition(fields, "when", faults),
        when_words: fields.text("when_words", faults),
        variables: fields.texts("variables", faults),
        done: done(fields, &id, faults),
        done_words: fields.text("done_words", faults),
        usual: usual(fields, faults),
        symptoms: symptoms(fields, faults),
        rerun: rerun(fields, &id, faults),
        after_failure: after_failure(fields, faults),
        risk: risk.unwrap_or(Risk::Destroys),
        undo: fields.text("undo", faults),
        interlocks: fields.texts("interlocks", faults),
        duties: fields.texts("duties", faults),
        for_each: fields.text("for_each", faults).filter(|word| {
            let is_known = TARGETS.contains(&word.as_str());
            if !is_known {
                let place = fields.node("for_each").map_or(fields.place(), |node| &node.place);
                faults.push(Fault::word(place, "list of targets", word, TARGETS));
            }
            is_known
        }),
        beside: fields.texts("beside", faults),
        note: fields.text("note", faults),
        since: fields.text("since", faults),
        pause: fields.text("pause", faults),
        states: states(fields, faults),
        run_words: fields.text("run_words", faults),
        wait_words: fields.text("wait_words", faults),
        expect: fields.text("expect", faults),
        confirm: fields.word("confirm", &Approve::WORDS, faults),
        object: fields.template("object", faults),
        branches: branches(fields, faults),
        input: fields.text("input", faults),
        outputs: outputs(fields, faults),
        kind,
        place: fields.entry("id").map_or(fields.place(), |entry| &entry.value.place).clone(),
        id,
    })
}

/// A condition under a key; always held where nothing is said.
pub fn condition(fields: Fields<'_>, key: &str, faults: &mut Faults) -> Expr {
    let read = fields.node(key).and_then(|node| expression::read(node, faults));
    read.unwrap_or_else(Expr::nothing)
}

fn done(fields: Fields<'_>, id: &str, faults: &mut Faults) -> Expr {
    let done = condition(fields, "done", faults);
    // A condition that cannot be read was told already.
    let is_said = fields.node("done").is_some_and(|node| {
        !node.items().is_empty() || node.as_str().is_some() || !node.entries().is_empty()
    });
    if !is_said {
        let found = format!("{id} does not say what proves it done");
        faults.push(Fault::new(fields.place(), found, "`done:` with a condition is needed"));
    }
    done
}

fn places(fields: Fields<'_>, faults: &mut Faults) -> Vec<String> {
    let placed = fields.placed_texts("at", faults);
    if placed.is_empty() {
        let found = "a step that does not say where it is done";
        faults.push(Fault::new(fields.place(), found, "`at: [b0]` is needed"));
    }
    for (code, place) in &placed {
        known_place(code, place, faults);
    }
    placed.into_iter().map(|(code, _)| code).collect()
}

/// Tells a code that is no location.
pub fn known_place(code: &str, place: &Place, faults: &mut Faults) {
    if !LOCATIONS.iter().any(|(known, _)| known == &code) {
        let codes: Vec<&str> = LOCATIONS.iter().map(|(known, _)| *known).collect();
        faults.push(Fault::word(place, "location", code, codes));
    }
}

fn usual(fields: Fields<'_>, faults: &mut Faults) -> Usual {
    let Some(node) = fields.node("usual") else { return Usual::default() };
    let Some(usual) = Fields::of(node, "`usual`", keys::USUAL, faults) else {
        return Usual::default();
    };
    Usual {
        typical: usual.text("typical", faults),
        limit: usual.text("limit", faults),
        basis: usual.text("basis", faults),
    }
}

fn symptoms(fields: Fields<'_>, faults: &mut Faults) -> Vec<Symptom> {
    fields
        .items("symptoms", faults)
        .iter()
        .filter_map(|item| {
            let one = Fields::of(item, "a symptom", keys::SYMPTOM, faults)?;
            Some(Symptom {
                symptom: one.required("symptom", faults),
                remedy: one.required("do", faults),
                step: one.text("step", faults),
                run: one.text("run", faults),
            })
        })
        .collect()
}

fn states(fields: Fields<'_>, faults: &mut Faults) -> Vec<WaitState> {
    fields
        .items("states", faults)
        .iter()
        .filter_map(|item| {
            let one = Fields::of(item, "a state", keys::STATE, faults)?;
            let hint = one.text("hint", faults);
            if let (Some(hint), Some(node)) = (&hint, one.node("hint")) {
                expression::regex(hint, &node.place, faults);
            }
            let known = WAIT_STATES.into_iter().chain(END_STATES);
            let state = one.required("state", faults);
            if !known.clone().any(|word| word == state) {
                let words: Vec<&str> = known.collect();
                faults.push(Fault::word(one.place(), "state of a run", &state, words));
            }
            Some(WaitState {
                state,
                enter: condition(one, "enter", faults),
                hint,
                limit: one.seconds("limit", faults),
                rings: one.flag("ring", faults),
                words: one.text("words", faults).unwrap_or_default(),
            })
        })
        .collect()
}

fn branches(fields: Fields<'_>, faults: &mut Faults) -> Vec<Branch> {
    fields
        .items("branches", faults)
        .iter()
        .filter_map(|item| {
            let one = Fields::of(item, "a branch", keys::SEEN, faults)?;
            Some(Branch {
                seen: one.required("seen", faults),
                remedy: one.text("do", faults),
                step: one.text("step", faults),
            })
        })
        .collect()
}

fn rerun(fields: Fields<'_>, id: &str, faults: &mut Faults) -> Rerun {
    let read = fields.node("rerun").and_then(|node| {
        let rerun = Fields::of(node, "`rerun`", keys::RERUN, faults)?;
        if rerun.node("class").is_none() {
            let found = format!("the `rerun` of {id} has no class");
            faults.push(Fault::new(&node.place, found, "`class:` is needed"));
        }
        Some(Rerun {
            class: rerun.word("class", &RerunClass::WORDS, faults).unwrap_or(RerunClass::Repeats),
            words: rerun.text("words", faults).unwrap_or_default(),
        })
    });
    if fields.node("rerun").is_none() {
        let found = format!("{id} does not say what doing it again does");
        faults.push(Fault::new(fields.place(), found, "`rerun: {class: …, words: …}` is needed"));
    }
    read.unwrap_or(Rerun { class: RerunClass::Repeats, words: String::new() })
}

fn after_failure(fields: Fields<'_>, faults: &mut Faults) -> Vec<Choice> {
    fields
        .texts("after_failure", faults)
        .into_iter()
        .map(|word| match word.as_str() {
            "again" => Choice::Again,
            "skip" => Choice::Skip,
            "stop" => Choice::Stop,
            _ => Choice::Step(word),
        })
        .collect()
}

fn outputs(fields: Fields<'_>, faults: &mut Faults) -> Vec<Output> {
    fields
        .items("outputs", faults)
        .iter()
        .filter_map(|item| {
            let one = Fields::of(item, "an output", keys::OUTPUT, faults)?;
            let pattern = one.text("pattern", faults);
            if let (Some(pattern), Some(node)) = (&pattern, one.node("pattern"))
                && let Some(regex) = expression::regex(pattern, &node.place, faults)
                && regex.captures_len() != 2
            {
                let found = format!("the pattern has {} groups", regex.captures_len() - 1);
                faults.push(Fault::new(&node.place, found, "one group, which is the value"));
            }
            if one.node("from").is_none() {
                faults.push(Fault::new(one.place(), "an output from nowhere", "`from:` is needed"));
            }
            Some(Output {
                name: one.required("name", faults),
                from: one.word("from", &OutputFrom::WORDS, faults)?,
                pattern,
            })
        })
        .collect()
}
