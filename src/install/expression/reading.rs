//! A condition as it is written in a plan.

use super::{Ask, END_STATES, Expr, GivenTest, Leaf, Say, Shown, Test, WAIT_STATES, Wanted};
use crate::checks::areas::layer_of;
use crate::domain::Place;
use crate::domain::untrusted::printable;
use crate::install::plan::fields::{Faults, Fields, text};
use crate::install::plan::reading_step::known_place;
use crate::install::plan::{Fault, keys};
use crate::inventory::{Kind, Node};

/// Reads a condition; what cannot be read is a fault and `None`.
pub fn read(node: &Node, faults: &mut Faults) -> Option<Expr> {
    match &node.kind {
        Kind::Null => Some(Expr::nothing()),
        Kind::List(items) => Some(Expr::All(parts(items, faults)?)),
        Kind::Str(text) | Kind::Unsafe(text) => leaf(text.trim(), &node.place, faults),
        Kind::Map(_) => mapping(node, faults),
        _ => {
            faults.push(Fault::new(
                &node.place,
                format!("a condition is {} here", node.kind_name()),
                "a text such as `HW-5.1` or `HH-03 passes`, a list or a mapping is accepted",
            ));
            None
        }
    }
}

fn parts(items: &[Node], faults: &mut Faults) -> Option<Vec<Expr>> {
    let read: Vec<Option<Expr>> = items.iter().map(|item| self::read(item, faults)).collect();
    read.into_iter().collect()
}

fn of(ask: Ask, place: &Place) -> Option<Expr> {
    Some(Expr::Leaf(Leaf { ask, place: place.clone() }))
}

fn leaf(words: &str, place: &Place, faults: &mut Faults) -> Option<Expr> {
    let mut rest = words.split_whitespace();
    let first = rest.next().unwrap_or_default();
    let rest: Vec<&str> = rest.collect();
    let bad = |faults: &mut Faults, accepted: String| {
        let found = format!("`{}` is no condition", printable(words));
        faults.push(Fault::new(place, found, accepted));
        None
    };
    if first == "exit" {
        return match rest.as_slice() {
            [number] if number.parse::<i32>().is_ok() => {
                of(Ask::Exit(number.parse().unwrap_or_default()), place)
            }
            _ => bad(faults, "`exit 0` is accepted".to_owned()),
        };
    }
    if first == "recap" && rest.is_empty() {
        return of(Ask::Recap, place);
    }
    if first.starts_with("V-") {
        return match rest.as_slice() {
            [] => of(Ask::Rule(first.to_owned()), place),
            _ => bad(faults, format!("`{first}` alone is accepted")),
        };
    }
    let (code, at) = match first.split_once('@') {
        Some((code, at)) => (code, Some(at)),
        None => (first, None),
    };
    if layer_of(code).is_some() {
        let wanted = match rest.as_slice() {
            [] => Say::Well,
            ["passes"] => Say::Passes,
            ["fails"] => Say::Fails,
            _ => {
                return bad(
                    faults,
                    format!("`{code}`, `{code} passes`, `{code} fails` are accepted"),
                );
            }
        };
        if at == Some("") {
            return bad(faults, format!("a host or a word for several behind `{code}@`"));
        }
        let at = at.map(str::to_owned);
        return of(Ask::Check { check: code.to_owned(), at, wanted }, place);
    }
    if at.is_some() || !looks_like_step(code) {
        return bad(
            faults,
            "a step, a check, a rule (V-…), `exit 0` and `recap` are accepted as text".to_owned(),
        );
    }
    let states = || WAIT_STATES.into_iter().chain(END_STATES).chain(["running"]);
    let wanted = match rest.as_slice() {
        [] => Wanted::Done,
        ["not", "running"] => Wanted::NotRunning,
        ["running"] => Wanted::Running,
        [state] if END_STATES.contains(state) => Wanted::Ended((*state).to_owned()),
        [state] if states().any(|known| known == *state) => Wanted::Reached((*state).to_owned()),
        [word] => {
            let words: Vec<&str> = states().collect();
            faults.push(Fault::word(place, "state of a run", word, words));
            return None;
        }
        _ => {
            return bad(
                faults,
                format!("`{code}`, `{code} not running` and `{code} STATE` are accepted"),
            );
        }
    };
    of(Ask::Step { step: code.to_owned(), wanted }, place)
}

/// Whether a word is written like the id of a step: capitals, a dash, and what follows.
fn looks_like_step(word: &str) -> bool {
    let Some((area, rest)) = word.split_once('-') else { return false };
    let is_area =
        !area.is_empty() && area.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let is_rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    is_area && !rest.is_empty() && rest.chars().all(is_rest)
}

/// A mapping is named by its first key that is one of these.
fn mapping(node: &Node, faults: &mut Faults) -> Option<Expr> {
    let place = &node.place;
    let named = keys::CONDITIONS.iter().find(|(name, _)| node.entry(name).is_some());
    let Some((name, keys)) = named else {
        let names = || keys::CONDITIONS.iter().map(|(name, _)| *name);
        match node.entries().first() {
            Some(entry) => faults.push(Fault::word(
                &entry.place,
                "condition",
                &entry.key,
                names().collect::<Vec<_>>(),
            )),
            None => faults.push(Fault::new(place, "a condition without a key", "")),
        }
        return None;
    };
    let before = faults.len();
    let fields = Fields::of(node, "a condition", keys, faults)?;
    let list = |faults: &mut Faults| match fields.node(name).map(|node| &node.kind) {
        Some(Kind::List(items)) if !items.is_empty() => parts(items, faults),
        _ => {
            faults.push(Fault::new(
                place,
                format!("`{name}` without conditions"),
                "a list is accepted",
            ));
            None
        }
    };
    let read = match *name {
        "all" => Expr::All(list(faults)?),
        "any" => Expr::Any(list(faults)?),
        "not" => Expr::Not(Box::new(self::read(fields.node(name)?, faults)?)),
        "variable" => of(
            Ask::Variable {
                path: fields.required(name, faults),
                test: test(fields, place, faults)?,
            },
            place,
        )?,
        "group" => of(Ask::Group(fields.required(name, faults)), place)?,
        "confirmed" => {
            let words = fields.required(name, faults);
            let shown = fields.word("evidence", &Shown::WORDS, faults);
            of(Ask::Confirmed { words, evidence: shown.unwrap_or(Shown::None) }, place)?
        }
        "seen" => {
            let pattern = fields.required(name, faults);
            regex(&pattern, fields.node(name).map_or(place, |node| &node.place), faults)?;
            of(Ask::Seen(pattern), place)?
        }
        "url_expires_after" => {
            let variable = fields.required(name, faults);
            of(Ask::UrlExpiresAfter { variable, step: fields.required("step", faults) }, place)?
        }
        "output" => {
            let path = fields.required(name, faults);
            let Some((step, output)) = path.split_once('/') else {
                let found = format!("`{}` names no output", printable(&path));
                faults.push(Fault::new(place, found, "`STEP/NAME` is accepted"));
                return None;
            };
            let is = if let Some(node) = fields.node("is") {
                GivenTest::Is(value(node, "is", faults)?)
            } else if let Some(key) = fields.text("contains", faults) {
                GivenTest::Contains(key)
            } else if fields.flag("one", faults) {
                GivenTest::One
            } else {
                GivenTest::Any
            };
            of(Ask::Output { step: step.to_owned(), name: output.to_owned(), is }, place)?
        }
        "script" => of(
            Ask::Script {
                name: fields.required(name, faults),
                arguments: fields.texts("arguments", faults),
                stdin: fields.text("stdin", faults),
                at: fields.placed_texts("at", faults).pop().map(|(code, place)| {
                    known_place(&code, &place, faults);
                    code
                }),
            },
            place,
        )?,
        "runner" => {
            let yes = of(Ask::Runner, place)?;
            if fields.flag(name, faults) { yes } else { Expr::Not(Box::new(yes)) }
        }
        "no_run" => {
            let yes = of(Ask::NoRun, place)?;
            if fields.flag(name, faults) { yes } else { Expr::Not(Box::new(yes)) }
        }
        _ => of(Ask::Release(fields.required("release", faults)), place)?,
    };
    (faults.len() == before).then_some(read)
}

/// What a variable is compared with.
fn test(fields: Fields<'_>, place: &Place, faults: &mut Faults) -> Option<Test> {
    let said: Vec<&str> =
        ["is", "is_not", "set"].into_iter().filter(|key| fields.node(key).is_some()).collect();
    match said.as_slice() {
        ["is"] => Some(Test::Is(value(fields.node("is")?, "is", faults)?)),
        ["is_not"] => Some(Test::IsNot(value(fields.node("is_not")?, "is_not", faults)?)),
        ["set"] => Some(Test::Set(fields.flag("set", faults))),
        _ => {
            let found = "`variable` is compared with nothing, or twice";
            faults.push(Fault::new(place, found, "one of `is`, `is_not`, `set` is accepted"));
            None
        }
    }
}

/// A scalar as text; a boolean is `true` or `false`.
fn value(node: &Node, key: &str, faults: &mut Faults) -> Option<String> {
    match node.kind {
        Kind::Bool(yes) => Some(yes.to_string()),
        _ => text(node, key, faults),
    }
}

/// A regular expression that can be read.
pub fn regex(pattern: &str, place: &Place, faults: &mut Faults) -> Option<regex::Regex> {
    match regex::Regex::new(pattern) {
        Ok(regex) => Some(regex),
        Err(error) => {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default();
            let found = format!("`{}` is no regular expression", printable(pattern));
            faults.push(Fault::new(place, found, printable(last)));
            None
        }
    }
}
