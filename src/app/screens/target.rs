//! The page of one target: what the checks say of it, and what is known of it.

use crate::domain::endpoint::BmcEndpoint;
use crate::domain::fact::{Unit, Value};
use crate::domain::finding::standing_of;
use crate::domain::store::ProbeState;
use crate::domain::{
    Cause, KeyName, ProbeName, Stamp, Target, TargetId, TargetKind, Verdict, keys, seconds_words,
};

use super::super::filter::Filter;
use super::super::mark::Mark;
use super::super::{Model, RowId};
use super::overview::{self, FindingLine};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "target",
    title: "Target",
    short: "Targ",
    help: "One machine, controller or switch: what the checks say and what is known",
    jump_words: &[],
    digit: None,
    layer: None,
    panels: &[
        PanelSpec { name: "checks", title: "Checks", rows: check_rows, is_text: false },
        PanelSpec { name: "facts", title: "Facts", rows: fact_rows, is_text: false },
    ],
    commands: &[],
    needs: None,
    is_listed: false,
    status,
};

/// A labelled line about a thing.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailLine {
    /// What it is.
    pub label: String,
    /// What is known of it.
    pub text: String,
    /// Its state, where it has one.
    pub mark: Option<Mark>,
    /// When it was seen; `None` for what the inventory says.
    pub seen: Option<Stamp>,
    /// Whether the last look did not give it any more.
    pub is_old: bool,
}

impl DetailLine {
    /// A line of what the inventory says.
    pub(super) fn said(label: &str, text: impl Into<String>) -> DetailLine {
        DetailLine {
            label: label.to_owned(),
            text: text.into(),
            mark: None,
            seen: None,
            is_old: false,
        }
    }
}

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub struct FactLine {
    /// The row.
    pub row: RowId,
    /// Its key.
    pub key: KeyName,
    /// What the key means.
    pub meaning: &'static str,
    /// The value with its unit; empty when there never was one.
    pub text: String,
    /// When it was last seen.
    pub seen: Option<Stamp>,
    /// Since when it is this value.
    pub since: Option<Stamp>,
    /// Why the last look did not give it.
    pub trouble: Option<Cause>,
}

/// What is said of the target before its lists.
pub fn head(model: &Model, target: &Target) -> Vec<DetailLine> {
    let mut lines = vec![DetailLine::said("Kind", kind_word(target))];
    if let Some(place) = super::rack::place_words(model, target) {
        lines.push(DetailLine::said("Rack", place));
    }
    if let Some(serial) = &target.serial {
        lines.push(DetailLine::said("Serial", serial.clone()));
    }
    if !target.aliases.is_empty() {
        lines.push(DetailLine::said("Also", target.aliases.join(", ")));
    }
    if let Some(ssh) = &target.ssh {
        let port = ssh.port.map(|port| format!(" port {port}")).unwrap_or_default();
        lines.push(DetailLine::said("Address", format!("{}{port}", ssh.address)));
    }
    if let Some(bmc) = &target.bmc {
        lines.push(DetailLine::said("Address", bmc.host.clone()));
    }
    if let Some(partner) = model.index.partner_of(&model.site, &target.id) {
        let label = if target.kind == TargetKind::Bmc { "Machine" } else { "BMC" };
        let mark = Mark::of_verdicts(model.verdicts.of(&partner));
        lines.push(DetailLine {
            label: label.to_owned(),
            text: format!("{} {}", model.name_of(&partner), mark.word()),
            mark: Some(mark),
            seen: None,
            is_old: false,
        });
    }
    lines.extend(probe_lines(model, &target.id));
    lines.push(DetailLine::said("Declared", target.declared.to_string()));
    lines
}

/// The probes that ask a target something; not IPMI of a controller that offers none.
pub fn asked<'a>(
    model: &'a Model,
    id: &TargetId,
) -> impl Iterator<Item = (&'a ProbeName, &'a ProbeState)> {
    let bmc = model.index.target(&model.site, id).and_then(|target| target.bmc.as_ref());
    let has_ipmi = bmc.is_none_or(BmcEndpoint::offers_ipmi);
    let probes = model.facts.of(id).probes.iter();
    probes.filter(move |(name, _)| has_ipmi || name.as_str() != "bmc.ipmi")
}

/// How each probe of a target fares.
pub fn probe_lines(model: &Model, target: &TargetId) -> Vec<DetailLine> {
    // What cannot look is what the first rows are for.
    let mut probes: Vec<_> = asked(model, target).collect();
    probes.sort_by_key(|(_, state)| state.trouble.is_none());
    probes
        .into_iter()
        .map(|(name, state)| {
            let (mark, text) = match (&state.trouble, state.tried) {
                (Some(cause), _) => (Mark::Unknown, cause.sentence.clone()),
                (None, None) => (Mark::Active, "looking".to_owned()),
                (None, Some(_)) => (Mark::Ok, format!("answers in {} ms", state.took_ms)),
            };
            DetailLine {
                label: name.to_string(),
                text,
                mark: Some(mark),
                seen: state.answered,
                is_old: state.trouble.is_some() && state.answered.is_some(),
            }
        })
        .collect()
}

/// Kind and roles in words.
pub fn kind_word(target: &Target) -> String {
    let roles: Vec<&str> = target.roles.iter().map(|role| role.title()).collect();
    let kind = match target.kind {
        TargetKind::Host => "host",
        TargetKind::Bmc => "management controller",
        TargetKind::Switch => "switch",
        TargetKind::Api(system) => system.title(),
    };
    if roles.is_empty() { kind.to_owned() } else { format!("{kind}, {}", roles.join(", ")) }
}

/// The judgements of the target, worst first; those that hold last.
pub fn check_rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let Some(target) = model.route_target() else { return Vec::new() };
    let filter = Filter::of(&state.filter);
    let mut judgements: Vec<_> = model
        .verdicts
        .of(&target.id)
        .judgements
        .iter()
        .filter(|judgement| !state.problems_only || judgement.verdict.is_finding())
        .filter(|judgement| filter.keeps(&[judgement.check.as_str(), &judgement.sentence]))
        .collect();
    judgements.sort_by(|a, b| standing_of(a).cmp(&standing_of(b)));
    judgements
        .into_iter()
        .map(|judgement| RowId::Finding(judgement.check.clone(), target.id.clone()))
        .collect()
}

/// A judgement's row in words; a finding that folds under another stands deeper.
pub fn check_line(model: &Model, row: &RowId) -> Option<FindingLine> {
    let mut line = overview::finding_line(model, row)?;
    if let RowId::Finding(check, target) = row {
        line.depth = u8::from(model.verdicts.of(target).folded.contains_key(check));
    }
    Some(line)
}

/// Everything that is known of the target, by key.
pub fn fact_rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let Some(target) = model.route_target() else { return Vec::new() };
    let filter = Filter::of(&state.filter);
    let facts = model.facts.of(&target.id);
    let mut names: Vec<&KeyName> = facts.known.keys().chain(facts.lost.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| !state.problems_only || facts.lost.contains_key(*name))
        .map(|name| RowId::Fact(target.id.clone(), name.clone()))
        .filter(|row| {
            filter.is_empty()
                || fact_line(model, row).is_some_and(|line| {
                    filter.keeps(&[line.key.as_str(), line.meaning, &line.text])
                })
        })
        .collect()
}

/// A fact's row in words; `None` for any other row.
pub fn fact_line(model: &Model, row: &RowId) -> Option<FactLine> {
    let RowId::Fact(target, key) = row else { return None };
    let facts = model.facts.of(target);
    let info = keys::find(key.as_str());
    let known = facts.known.get(key);
    let of_probe =
        info.and_then(|info| facts.probe(info.probe.name)).and_then(|probe| probe.trouble.clone());
    Some(FactLine {
        row: row.clone(),
        key: key.clone(),
        meaning: info.map_or("", |info| info.meaning),
        text: known
            .map(|known| match &known.value {
                Value::Table(table) => match table.rows.len() {
                    0 => "none".to_owned(),
                    1 => "1 row, Enter shows it".to_owned(),
                    count => format!("{count} rows, Enter lists them"),
                },
                Value::List(items) if items.is_empty() => "none".to_owned(),
                value => value_words(value, info.map_or(Unit::Count, |info| info.unit)),
            })
            .unwrap_or_default(),
        seen: known.map(|known| known.seen),
        since: known.map(|known| known.since),
        trouble: of_probe.or_else(|| facts.lost.get(key).cloned()),
    })
}

/// A value with its unit, as a person reads it.
pub fn value_words(value: &Value, unit: Unit) -> String {
    let Value::Number(number) = value else { return value.to_string() };
    match unit {
        Unit::Seconds => seconds_words(*number),
        Unit::Bytes => bytes_words(*number),
        Unit::Watts if *number >= 1000.0 => format!("{:.1} kW", number / 1000.0),
        _ => {
            let suffix = match unit {
                Unit::Count | Unit::Seconds | Unit::Bytes => "",
                Unit::Millis => " ms",
                Unit::Percent => "%",
                Unit::Celsius => " C",
                Unit::Watts => " W",
                Unit::Volts => " V",
                Unit::Rpm => " rpm",
            };
            format!("{value}{suffix}")
        }
    }
}

fn bytes_words(bytes: f64) -> String {
    let mut amount = bytes;
    for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
        if amount < 1024.0 {
            return if unit == "B" {
                format!("{amount:.0} {unit}")
            } else {
                format!("{amount:.1} {unit}")
            };
        }
        amount /= 1024.0;
    }
    format!("{amount:.1} PiB")
}

fn status(model: &Model) -> String {
    let Some(target) = model.route_target() else {
        return match &model.route().target {
            Some(id) => format!("{id} is not in the inventory any more"),
            None => "No target chosen".to_owned(),
        };
    };
    let verdicts = model.verdicts.of(&target.id);
    let findings = verdicts.judgements.iter().filter(|j| j.verdict.is_finding()).count();
    let place = super::rack::place_words(model, target).map(|p| format!(", {p}"));
    let place = place.unwrap_or_default();
    match verdicts.worst() {
        None => format!("{}{place}: no answer yet", target.name),
        Some(Verdict::NotYet) => {
            format!("{}{place}: no check of it means anything yet", target.name)
        }
        Some(_) if findings == 0 => {
            format!("{}{place}: all {} checks hold", target.name, verdicts.judgements.len())
        }
        Some(_) => format!(
            "{}{place}: {findings} of {} checks found something",
            target.name,
            verdicts.judgements.len()
        ),
    }
}
