//! V-TYPE-50 to 53: what the tables of variables say in their Type, Req and Rule columns.
//!
//! A template is left alone here: its type shows only when Ansible fills it in.

use std::borrow::Cow;
use std::rc::Rc;

use ipnet::IpNet;

use super::findings::Findings;
use super::forms;
use super::inline::{judge_check, judge_unique};
use super::reading::{At, Reading};
use super::required::judge_missing;
use super::view::View;
use crate::inventory::variables::{Check, Segment, Shape, Variable};
use crate::inventory::{Kind, Problem};

/// Values that a rule of section 16 judges in full, so that nothing is said twice.
fn is_judged_elsewhere(variable: &Variable, shape: &Shape) -> bool {
    matches!(shape, Shape::Mac)
        || variable.name == "ceph_fsid"
        || variable.name == "operator_users"
        || variable.name == "hedgehog_kubeconfig_b64"
        || variable.name == "hedgehog.iso_url"
        || variable.name.starts_with("iaas_console_cert_manager_azure_")
}

/// How a value was reached; put into words only when something is said of it.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    Key(&'a str),
    Index(usize),
}

/// A part of a path and what is above it.
#[derive(Debug)]
struct Trail<'a> {
    above: Option<Rc<Trail<'a>>>,
    part: Part<'a>,
}

/// One value that a variable's path leads to.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    trail: Rc<Trail<'a>>,
    /// The value.
    pub at: At<'a>,
    /// What it stands in.
    pub parent: Option<At<'a>>,
}

impl<'a> Found<'a> {
    /// The value of a variable at the top.
    pub fn top(name: &'a str, at: At<'a>) -> Found<'a> {
        Found { trail: Rc::new(Trail { above: None, part: Part::Key(name) }), at, parent: None }
    }

    /// The path with keys and indices filled in.
    pub fn path(&self) -> String {
        let mut parts = Vec::new();
        let mut trail = Some(&self.trail);
        while let Some(here) = trail {
            parts.push(match here.part {
                Part::Key(key) if here.above.is_some() => format!(".{key}"),
                Part::Key(key) => key.to_owned(),
                Part::Index(index) => format!("[{index}]"),
            });
            trail = here.above.as_ref();
        }
        parts.into_iter().rev().collect()
    }

    fn below(&self, part: Part<'a>, at: At<'a>) -> Found<'a> {
        let trail = Rc::new(Trail { above: Some(Rc::clone(&self.trail)), part });
        Found { trail, at, parent: Some(self.at) }
    }
}

/// Every value below `at`, the value of the variable's root, that its path leads to.
pub fn matches<'a>(at: At<'a>, variable: &'a Variable) -> Vec<Found<'a>> {
    let root = Found::top(variable.root(), at);
    follow(vec![root], variable.segments.get(1..).unwrap_or_default())
}

/// Follows segments from values.
pub(super) fn follow<'a>(mut found: Vec<Found<'a>>, segments: &'a [Segment]) -> Vec<Found<'a>> {
    for segment in segments {
        found = step(&found, segment);
    }
    found
}

fn step<'a>(from: &[Found<'a>], segment: &'a Segment) -> Vec<Found<'a>> {
    let mut found = Vec::with_capacity(from.len());
    for one in from {
        match segment {
            Segment::Key(key) => {
                found.extend(one.at.get(key).map(|at| one.below(Part::Key(key), at)));
            }
            Segment::Each => {
                let items = one.at.items().enumerate();
                found.extend(items.map(|(index, at)| one.below(Part::Index(index), at)));
                let entries = one.at.entries();
                found.extend(entries.map(|(key, at)| one.below(Part::Key(key), at)));
            }
        }
    }
    found
}

/// Walks below one value by many paths; what a path shares with the one before
/// it (`servers.list.*` of `servers.list.*.role`) is walked once.
struct Walk<'a> {
    root: Vec<Found<'a>>,
    steps: Vec<(&'a Segment, Vec<Found<'a>>)>,
}

impl<'a> Walk<'a> {
    fn below(name: &'a str, at: At<'a>) -> Walk<'a> {
        Walk { root: vec![Found::top(name, at)], steps: Vec::new() }
    }

    /// The values that these segments lead to.
    fn to(&mut self, segments: &'a [Segment]) -> &[Found<'a>] {
        let steps = self.steps.iter().zip(segments);
        let shared = steps.take_while(|((walked, _), wanted)| walked == wanted).count();
        self.steps.truncate(shared);
        for segment in segments.iter().skip(shared) {
            let found = step(self.found(), segment);
            self.steps.push((segment, found));
        }
        self.found()
    }

    fn found(&self) -> &[Found<'a>] {
        self.steps.last().map_or(&self.root, |(_, found)| found)
    }
}

/// Judges every variable where it is written, and what is missing.
pub fn judge(view: &View<'_>) -> Vec<Problem> {
    let rows =
        ["V-TYPE-50", "V-TYPE-51", "V-TYPE-52", "V-TYPE-53"].map(|id| view.case.variables.rule(id));
    let [Some(kind), Some(form), Some(required), Some(advice)] = rows else { return Vec::new() };
    let mut sheets =
        Sheets { kind: Findings::of(kind), form: Findings::of(form), advice: Findings::of(advice) };
    for declared in view.declared() {
        let mut walk = Walk::below(declared.name, declared.at);
        for variable in view.case.variables.below(declared.name) {
            if is_reached(view, variable) {
                let found = walk.to(variable.segments.get(1..).unwrap_or_default());
                sheets.step(variable, |sheets| judge_values(view, variable, found, sheets));
            }
        }
    }
    let mut missing = Findings::of(required);
    for variable in view.case.variables.variables() {
        if variable.is_key() && is_reached(view, variable) {
            let before = missing.problems.len();
            judge_missing(view, variable, &mut missing);
            stamp(&mut missing, before, variable);
        }
    }
    let mut problems = sheets.kind.problems;
    problems.append(&mut sheets.form.problems);
    problems.append(&mut sheets.advice.problems);
    problems.append(&mut missing.problems);
    problems
}

fn is_reached(view: &View<'_>, variable: &Variable) -> bool {
    view.case.variables.reached(Some(&variable.step), view.up_to)
}

/// The step of a type problem is its variable's.
fn stamp(findings: &mut Findings<'_>, from: usize, variable: &Variable) {
    for problem in findings.problems.iter_mut().skip(from) {
        problem.step = Some(variable.step.clone()).filter(|step| step.as_str() != "-");
    }
}

/// What the walk over the tables found, by rule.
pub(super) struct Sheets<'a> {
    /// V-TYPE-50.
    pub kind: Findings<'a>,
    /// V-TYPE-51.
    pub form: Findings<'a>,
    /// V-TYPE-53.
    pub advice: Findings<'a>,
}

impl Sheets<'_> {
    fn step(&mut self, variable: &Variable, judge: impl FnOnce(&mut Self)) {
        let before = [&self.kind, &self.form, &self.advice].map(|sheet| sheet.problems.len());
        judge(self);
        for (sheet, from) in
            [&mut self.kind, &mut self.form, &mut self.advice].into_iter().zip(before)
        {
            stamp(sheet, from, variable);
        }
    }
}

fn judge_values(
    view: &View<'_>,
    variable: &Variable,
    found: &[Found<'_>],
    sheets: &mut Sheets<'_>,
) {
    let (shape, checks) = (&variable.shape, &variable.checks);
    for one in found {
        let is_right =
            is_judged_elsewhere(variable, shape) || judge_shape(variable, shape, one, sheets);
        if is_right {
            for check in checks {
                judge_check(view, variable, check, one, sheets);
            }
        }
    }
    if checks.contains(&Check::Unique) {
        judge_unique(variable, found, sheets);
    }
}

/// Whether the type fits; says so where it does not.
fn judge_shape(
    variable: &Variable,
    shape: &Shape,
    one: &Found<'_>,
    sheets: &mut Sheets<'_>,
) -> bool {
    let here = one.at.resolved();
    let is_open = match &here.node.kind {
        Kind::Null | Kind::Vault(_) => true,
        Kind::Str(text) if text.is_empty() => true,
        _ => here.node.is_template(),
    };
    if is_open || fits(one.at, shape, variable) {
        return !is_open || !matches!(here.node.kind, Kind::Null);
    }
    let shown = shown(one.at, variable);
    let is_word =
        matches!(shape, Shape::OneOf(_)) && matches!(here.node.kind, Kind::Str(_) | Kind::Int(_));
    let sentence = format!("{} is {shown}, wanted is {}", one.path(), shape.wanted());
    let sheet = if is_word { &mut sheets.form } else { &mut sheets.kind };
    let hint = match (&here.node.kind, shape) {
        (Kind::Bool(value), Shape::OneOf(words)) if words.iter().any(|w| w == "1") => {
            format!("the router reads text: write \"{}\"", u8::from(*value))
        }
        (Kind::Bool(_), Shape::Text) => "put it in quotes if it is meant as text".to_owned(),
        _ => String::new(),
    };
    sheet.broken(one.at.place(), sentence, &hint);
    false
}

/// A value as a sentence may show it.
fn shown(at: At<'_>, variable: &Variable) -> String {
    let here = at.resolved();
    match at.text() {
        Reading::Known(text)
            if variable.secret.is_empty() && super::secrets::looks_secret("", &text).is_none() =>
        {
            format!("{:?}", crate::domain::untrusted::printable(&text))
        }
        _ => match here.node.kind {
            Kind::Bool(value) => value.to_string(),
            _ => here.node.kind_name().to_owned(),
        },
    }
}

fn fits(at: At<'_>, shape: &Shape, variable: &Variable) -> bool {
    let here = at.resolved();
    let text = match at.words() {
        Reading::Known(text) => text,
        Reading::Unknown(_) => return true,
        Reading::Wrong => Cow::Borrowed(""),
    };
    let text = text.trim();
    let is_scalar = matches!(here.node.kind, Kind::Str(_) | Kind::Int(_) | Kind::Float(_));
    match shape {
        Shape::Text => is_scalar,
        Shape::Whole => text.parse::<i64>().is_ok(),
        Shape::Number | Shape::NumberText => text.parse::<f64>().is_ok(),
        Shape::Bool => {
            matches!(here.node.kind, Kind::Bool(_))
                || matches!(text, "true" | "false" | "yes" | "no")
        }
        Shape::List => matches!(here.node.kind, Kind::List(_)),
        Shape::ListOf(of) => {
            let may_be_map = variable.also.iter().any(|also| also == "map");
            matches!(here.node.kind, Kind::List(_))
                && at.items().all(|item| {
                    fits(item, of, variable)
                        || (may_be_map && matches!(item.resolved().node.kind, Kind::Map(_)))
                })
        }
        Shape::Map => matches!(here.node.kind, Kind::Map(_)),
        Shape::Network | Shape::AddressWithPrefix => {
            text.contains('/') && text.parse::<IpNet>().is_ok()
        }
        Shape::Address => text.parse::<std::net::IpAddr>().is_ok(),
        Shape::Mac => forms::mac(text).is_some(),
        Shape::Uuid => forms::is_uuid(text),
        Shape::Url => forms::is_url(text),
        Shape::Name => is_scalar && forms::is_host(text),
        Shape::Path => {
            is_scalar && (text.starts_with('/') || text.starts_with('~') || text.starts_with('.'))
        }
        Shape::Duration => forms::duration_seconds(text).is_some(),
        Shape::OneOf(words) => {
            let switch =
                matches!(here.node.kind, Kind::Bool(_)) && words.iter().any(|word| word == "on");
            switch || words.iter().chain(&variable.also).any(|word| word == text)
        }
        Shape::Base64 => forms::base64_bytes(text).is_some(),
        Shape::Hex(digits) => {
            let bare = text.trim_start_matches("0x");
            (1..=*digits).contains(&bare.len()) && bare.bytes().all(|b| b.is_ascii_hexdigit())
        }
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(at, shape, variable)),
    }
}
