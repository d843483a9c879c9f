//! Since when what is selected is so.

use std::cmp::Reverse;

use crate::domain::{Layer, Stamp, TargetId};

use super::super::overlay::{Overlay, Since};
use super::super::verdicts::Group;
use super::super::{Model, RowId, sharing};
use super::see::row_text;

/// How many members of a group or targets of a layer a list of times names.
const NAMED: usize = 50;

/// Opens the list of times of a row.
pub fn show_since(model: &mut Model, row: &RowId) {
    let title = row_text(model, row).unwrap_or_default();
    let lines = since_lines(model, row);
    model.overlay = Some(Overlay::Since(Since { title, lines, top: 0 }));
}

fn since_lines(model: &Model, row: &RowId) -> Vec<String> {
    let mut lines = Vec::new();
    match row {
        RowId::Finding(check, target) => {
            lines.extend(finding_since(model, check, target));
            lines.extend(probes_since(model, target));
        }
        RowId::Group(id) => {
            if let Some((_, group)) = model.verdicts.group(id) {
                lines.extend(
                    group.members.iter().take(NAMED).map(|member| {
                        time_line(model, &model.name_of(&member.target), member.since)
                    }),
                );
                lines.extend(more(group.members.len()));
            }
        }
        RowId::Fact(target, key) => {
            if let Some(known) = model.facts.of(target).known.get(key) {
                lines.push(time_line(model, "is this value", Some(known.since)));
                lines.push(time_line(model, "last seen", Some(known.seen)));
            }
            lines.extend(probes_since(model, target));
        }
        RowId::Target(target) => {
            let verdicts = model.verdicts.of(target);
            lines.extend(
                verdicts
                    .judgements
                    .iter()
                    .filter(|j| j.verdict.is_finding())
                    .map(|j| time_line(model, &format!("{} is {}", j.check, j.verdict), j.since)),
            );
            lines.extend(probes_since(model, target));
        }
        RowId::Layer(layer) => {
            lines.extend(groups_since(model, *layer));
            let changes = model.changes.newest_first().filter(|change| change.layer == *layer);
            lines.extend(changes.take(NAMED).map(|change| {
                let name = model.name_of(&change.target);
                let (at, check) = (change.at.hms(), &change.check);
                format!("{at}  {name} {check} {} to {}", change.from, change.to)
            }));
        }
        RowId::Change(number) => {
            if let Some(change) = model.changes.get(*number) {
                lines.extend(finding_since(model, &change.check, &change.target));
            }
        }
        _ => {}
    }
    if lines.is_empty() {
        lines.push("nothing changed since the start".to_owned());
    }
    lines
}

/// The findings of a layer, worst first, then oldest, with whom they are about.
fn groups_since(model: &Model, layer: Layer) -> Vec<String> {
    let mut groups: Vec<&Group> = model
        .verdicts
        .layer(layer)
        .groups()
        .filter(|group| group.id.verdict.is_finding() && !group.leading.is_empty())
        .collect();
    groups.sort_by_key(|group| (Reverse(group.id.verdict.weight()), group.since()));
    let line = |group: &Group| {
        let who = sharing::who(model, group).unwrap_or_else(|| sharing::counted(model, group));
        let what = format!("{} {} on {who}", group.id.check, group.id.verdict);
        time_line(model, &what, group.since())
    };
    groups.into_iter().take(NAMED).map(line).collect()
}

fn more(total: usize) -> Option<String> {
    let left = total.saturating_sub(NAMED);
    (left > 0).then(|| format!("and {left} more"))
}

fn finding_since(
    model: &Model,
    check: &crate::domain::CheckId,
    target: &TargetId,
) -> Option<String> {
    let judgement = model.verdicts.judgement(check, target)?;
    Some(time_line(model, &format!("{check} is {}", judgement.verdict), judgement.since))
}

fn probes_since(model: &Model, target: &TargetId) -> Vec<String> {
    let facts = model.facts.of(target);
    facts
        .probes
        .iter()
        .map(|(name, state)| {
            let word = match &state.trouble {
                Some(cause) => format!("{name} cannot look ({})", cause.word),
                None if state.tried.is_none() => format!("{name} was asked"),
                None => format!("{name} answers"),
            };
            time_line(model, &word, state.since)
        })
        .collect()
}

fn time_line(model: &Model, what: &str, since: Option<Stamp>) -> String {
    match since {
        Some(since) => {
            format!("{what} since {} ({})", since.hms(), model.now.since(since).long())
        }
        None => format!("{what}, since when is not known"),
    }
}
