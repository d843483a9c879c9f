//! Files of plans as they are written.

use std::collections::BTreeMap;
use std::path::Path;

use super::fault::Fault;
use super::fields::{Faults, Fields};
use super::reading_kind::conditions;
use super::template::{Meaning, Source};
use super::{Duty, Interlock, Level, Origin, Phase, Plan, Runbook};
use super::{keys, reading_step};
use crate::domain::Place;
use crate::domain::untrusted::printable;
use crate::install::expression::{self, Expr};
use crate::inventory::problem::RULE_PARSE;
use crate::inventory::{Node, yaml};

/// What a file of plans is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A plan, and the phase files that it lists, with their places.
    Plan(Box<Plan>, Vec<(String, Place)>),
    /// A phase.
    Phase(Phase),
    /// Interlocks.
    Interlocks(Vec<Interlock>),
    /// Deferred duties.
    Duties(Vec<Duty>),
}

/// Reads a file. What is wrong is in the faults; with any, nothing of it counts.
pub fn read(path: &Path, text: &str, origin: Origin, faults: &mut Faults) -> Option<Content> {
    let document = match yaml::read(text, path) {
        Ok(document) => document,
        Err(problem) => {
            let hint = problem.hint.unwrap_or_default();
            faults.push(Fault::new(&problem.place, problem.sentence, hint));
            return None;
        }
    };
    // A key that is written twice; words of YAML 1.1 are read as they are meant here.
    for problem in document.problems.into_iter().filter(|problem| problem.rule == RULE_PARSE) {
        let hint = problem.hint.unwrap_or_default();
        faults.push(Fault::new(&problem.place, problem.sentence, hint));
    }
    let root = &document.root;
    let has = |key: &str| root.entry(key).is_some();
    if has("plan") {
        plan(root, origin, faults)
    } else if has("phase") {
        phase(root, faults).map(Content::Phase)
    } else if has("interlocks") {
        let fields = Fields::of(root, "the file of interlocks", keys::INTERLOCKS, faults)?;
        let items = fields.items("interlocks", faults);
        Some(Content::Interlocks(items.iter().filter_map(|item| interlock(item, faults)).collect()))
    } else if has("duties") {
        let fields = Fields::of(root, "the file of duties", keys::DUTIES, faults)?;
        let items = fields.items("duties", faults);
        Some(Content::Duties(items.iter().filter_map(|item| duty(item, faults)).collect()))
    } else {
        let place = Place { file: path.to_path_buf(), line: 1, column: 1 };
        let accepted = "`plan:`, `phase:`, `interlocks:` or `duties:` says what a file is";
        faults.push(Fault::new(&place, "the file does not say what it is", accepted));
        None
    }
}

fn plan(root: &Node, origin: Origin, faults: &mut Faults) -> Option<Content> {
    let fields = Fields::of(root, "a plan", keys::PLAN, faults)?;
    let id = fields.required("plan", faults);
    let title = fields.required("title", faults);
    let listed = fields.placed_texts("phases", faults);
    let own = fields.items("steps", faults);
    match (listed.is_empty(), own.is_empty()) {
        (false, true) | (true, false) => {}
        _ => {
            let found = format!("plan {id} has neither `phases` nor `steps`, or both");
            faults.push(Fault::new(fields.place(), found, "one of them is accepted"));
        }
    }
    let phases = if own.is_empty() {
        Vec::new()
    } else {
        vec![Phase {
            id: id.clone(),
            title: title.clone(),
            outcome: fields.text("impact", faults).unwrap_or_default(),
            steps: own.iter().filter_map(|item| reading_step::read(item, faults)).collect(),
            place: fields.place().clone(),
        }]
    };
    let variant_when = fields.node("variant_when").and_then(|node| expression::read(node, faults));
    let plan = Plan {
        title,
        release: fields.text("release", faults),
        variant_when,
        phases,
        values_from: fields.text("values_from", faults),
        values: values(fields, faults),
        runbook: runbook(fields, faults),
        since: fields.text("since", faults),
        note: fields.text("note", faults),
        origin,
        place: fields.entry("plan").map_or(fields.place(), |entry| &entry.value.place).clone(),
        id,
    };
    Some(Content::Plan(Box::new(plan), listed))
}

fn runbook(fields: Fields<'_>, faults: &mut Faults) -> Option<Runbook> {
    const OWN: [&str; 7] =
        ["trigger", "impact", "needs_words", "verify", "verify_words", "trouble", "rollback"];
    if !OWN.iter().any(|key| fields.node(key).is_some()) {
        return None;
    }
    let trigger = fields
        .node("trigger")
        .and_then(|node| Fields::of(node, "a trigger", keys::TRIGGER, faults));
    let words = |key: &str, faults: &mut Faults| {
        trigger.map(|trigger| trigger.texts(key, faults)).unwrap_or_default()
    };
    let (alerts, findings) = (words("alerts", faults), words("findings", faults));
    let mut word = |key: &str| trigger.and_then(|trigger| trigger.text(key, faults));
    let (occasion, query, meaning) = (word("occasion"), word("expr"), word("meaning"));
    let trouble = fields
        .items("trouble", faults)
        .iter()
        .filter_map(|item| {
            let one = Fields::of(item, "a trouble", keys::TROUBLE, faults)?;
            Some((one.required("symptom", faults), one.required("do", faults)))
        })
        .collect();
    Some(Runbook {
        alerts,
        findings,
        occasion,
        query,
        meaning,
        impact: fields.text("impact", faults),
        needs_words: fields.texts("needs_words", faults),
        verify: conditions(fields, "verify", faults),
        verify_words: fields.texts("verify_words", faults),
        trouble,
        rollback: fields.texts("rollback", faults),
    })
}

fn values(fields: Fields<'_>, faults: &mut Faults) -> BTreeMap<String, Meaning> {
    let mut meanings = BTreeMap::new();
    for entry in fields.entries("values", faults) {
        let is_name = super::template::pieces(&format!("<{}>", entry.key))
            == [super::template::Piece::Name(&entry.key)];
        if !is_name {
            let found = format!("`{}` is no name of a value", printable(&entry.key));
            let accepted = "capitals, digits and underscores, a capital first";
            faults.push(Fault::new(&entry.place, found, accepted));
            continue;
        }
        if let Some(source) = meaning(&entry.value, faults) {
            meanings.insert(entry.key.clone(), Meaning { source, place: entry.place.clone() });
        }
    }
    meanings
}

fn meaning(node: &Node, faults: &mut Faults) -> Option<Source> {
    const NAMING: [&str; 10] = [
        "variable",
        "host",
        "public_key_of",
        "output",
        "ask",
        "secret",
        "each",
        "text",
        "fixed",
        "file",
    ];
    let fields = Fields::of(node, "a value", keys::VALUE, faults)?;
    let said: Vec<&str> =
        NAMING.iter().copied().filter(|key| fields.entry(key).is_some()).collect();
    let [key] = said.as_slice() else {
        let accepted = format!("exactly one of {}", NAMING.join(", "));
        faults.push(Fault::new(&node.place, "a value from nowhere, or from several", accepted));
        return None;
    };
    Some(match *key {
        "variable" => Source::Variable {
            path: fields.required(key, faults),
            default: fields.text("default", faults),
        },
        "host" => Source::Host {
            group: fields.required(key, faults),
            field: fields.text("field", faults).unwrap_or_else(|| "name".to_owned()),
        },
        "public_key_of" => Source::PublicKeyOf {
            group: fields.required(key, faults),
            is_fingerprint: fields
                .word("form", &[("key", false), ("fingerprint", true)], faults)
                .unwrap_or(false),
        },
        "file" => {
            let field = fields.text("key", faults).or_else(|| fields.text("field", faults));
            Source::File { path: fields.required(key, faults), field }
        }
        "output" => {
            let path = fields.required(key, faults);
            let Some((step, name)) = path.split_once('/') else {
                let found = format!("`{}` names no output", printable(&path));
                faults.push(Fault::new(&node.place, found, "`STEP/NAME` is accepted"));
                return None;
            };
            Source::Output {
                step: step.to_owned(),
                name: name.to_owned(),
                is_list: fields.flag("list", faults),
            }
        }
        "ask" => Source::Ask {
            sentence: fields.required(key, faults),
            step: fields.text("step", faults),
            form: fields.text("as", faults).unwrap_or_else(|| "text".to_owned()),
            default: fields.text("default", faults),
            choices: fields.texts("choices", faults),
        },
        "secret" => Source::Secret(fields.required(key, faults)),
        "each" => match fields.node(key).and_then(Node::as_bool) {
            Some(_) => Source::Each(None),
            None => Source::Each(fields.text(key, faults)),
        },
        // `text` and `fixed` are the same: a text, of other names where it has some.
        _ => Source::Text(fields.required(key, faults)),
    })
}

fn phase(root: &Node, faults: &mut Faults) -> Option<Phase> {
    let fields = Fields::of(root, "a phase", keys::PHASE, faults)?;
    let items = fields.items("steps", faults);
    if items.is_empty() {
        faults.push(Fault::new(fields.place(), "a phase without steps", "`steps:` is needed"));
    }
    Some(Phase {
        id: fields.required("phase", faults),
        title: fields.required("title", faults),
        outcome: fields.text("outcome", faults).unwrap_or_default(),
        steps: items.iter().filter_map(|item| reading_step::read(item, faults)).collect(),
        place: fields.entry("phase").map_or(fields.place(), |entry| &entry.value.place).clone(),
    })
}

fn interlock(node: &Node, faults: &mut Faults) -> Option<Interlock> {
    let fields = Fields::of(node, "an interlock", keys::INTERLOCK, faults)?;
    if fields.node("level").is_none() {
        let found = "an interlock without a level";
        faults.push(Fault::new(fields.place(), found, "`level: hard|confirm|remind` is needed"));
    }
    let overriding = [("reason", true), ("no", false)];
    let may_override = match fields.node("override").and_then(Node::as_bool) {
        // An unquoted `no` is a boolean of YAML 1.1.
        Some(false) => Some(false),
        _ => fields.word("override", &overriding, faults),
    };
    Some(Interlock {
        id: fields.required("id", faults),
        rule: fields.required("rule", faults),
        why: fields.required("why", faults),
        blocks: fields.texts("blocks", faults),
        blocks_words: fields.text("blocks_words", faults),
        until: reading_step::condition(fields, "until", faults),
        until_words: fields.text("until_words", faults),
        level: fields.word("level", &Level::WORDS, faults).unwrap_or(Level::Hard),
        may_override: may_override.unwrap_or(false),
        way_out: fields.text("way_out", faults),
        enforced: fields.text("enforced", faults),
        place: fields.entry("id").map_or(fields.place(), |entry| &entry.value.place).clone(),
    })
}

fn duty(node: &Node, faults: &mut Faults) -> Option<Duty> {
    let fields = Fields::of(node, "a duty", keys::DUTY, faults)?;
    let done: Expr = reading_step::condition(fields, "done", faults);
    if done.is_nothing() && fields.node("done").is_none() {
        let found = "a duty that does not say what proves it done";
        faults.push(Fault::new(fields.place(), found, "`done:` with a condition is needed"));
    }
    Some(Duty {
        id: fields.required("id", faults),
        title: fields.required("title", faults),
        from: fields.required("from", faults),
        done,
        why: fields.text("why", faults),
        due: fields.text("due", faults),
        step: fields.text("step", faults),
        place: fields.entry("id").map_or(fields.place(), |entry| &entry.value.place).clone(),
    })
}
