//! Since when something is so: what this session saw at once, then what the
//! store tells of the time before.

use std::cmp::Reverse;

use crate::domain::{CheckId, KeyName, Layer, Stamp, TargetId, keys};

use super::super::history::{HistoryOrder, Series, SeriesKind, SeriesPast, SinceQuestion};
use super::super::overlay::{Overlay, Since};
use super::super::screens::target;
use super::super::verdicts::Group;
use super::super::{Effect, Model, RowId, sharing};
use super::see::row_text;

/// How many members of a group or changes of a layer a list of times names.
const NAMED: usize = 50;

/// How many series the store is asked about at once.
const ASKED: usize = 12;

/// How far back a plot may go, and its words.
const SPANS: [(i64, &str); 5] = [
    (3_600_000, "1 h"),
    (6 * 3_600_000, "6 h"),
    (24 * 3_600_000, "24 h"),
    (7 * 86_400_000, "7 days"),
    (30 * 86_400_000, "30 days"),
];

/// The span a plot begins with: a day.
const USUAL: i64 = 24 * 3_600_000;

/// The words of a span of a plot.
pub fn span_words(span_ms: i64) -> &'static str {
    SPANS.iter().find(|(span, _)| *span == span_ms).map_or("", |(_, words)| words)
}

/// Opens the list of times of a row and asks the store.
pub fn show(model: &mut Model, row: &RowId) -> Vec<Effect> {
    let title = row_text(model, row).unwrap_or_default();
    let lines = lines(model, row);
    let series = series_of(model, row);
    let question =
        (!series.is_empty()).then_some(SinceQuestion { series, span_ms: USUAL, now: model.now });
    let order = question.clone().map(|question| Effect::History(HistoryOrder::Since(question)));
    model.overlay = Some(Overlay::Since(Since { title, lines, question, ..Since::default() }));
    order.into_iter().collect()
}

/// Asks again, with the next longer or shorter time to plot.
pub fn other_span(since: &mut Since, is_longer: bool, now: Stamp) -> Vec<Effect> {
    let Some(question) = &mut since.question else { return Vec::new() };
    let at = SPANS.iter().position(|(span, _)| *span == question.span_ms).unwrap_or(0);
    let to = if is_longer { (at + 1).min(SPANS.len() - 1) } else { at.saturating_sub(1) };
    question.span_ms = SPANS.get(to).map_or(USUAL, |(span, _)| *span);
    question.now = now;
    vec![Effect::History(HistoryOrder::Since(question.clone()))]
}

/// Takes in what the store told. An answer to what nobody asks any more is dropped.
pub fn tell(model: &mut Model, question: &SinceQuestion, told: Result<Vec<SeriesPast>, String>) {
    let is_asked = matches!(&model.overlay, Some(Overlay::Since(since))
        if since.question.as_ref() == Some(question));
    if !is_asked {
        return;
    }
    let (lines, plot) = match told {
        Err(sentence) => (vec![sentence], None),
        Ok(mut series) => {
            let lines = series.iter().flat_map(|past| kept_lines(model, past)).collect();
            (lines, series.first_mut().and_then(|first| first.plot.take()))
        }
    };
    if let Some(Overlay::Since(since)) = &mut model.overlay {
        since.told = Some(lines);
        since.plot = plot;
    }
}

/// What the store keeps of a row.
fn series_of(model: &Model, row: &RowId) -> Vec<Series> {
    let verdict = |check: &CheckId, target: &TargetId| Series {
        kind: SeriesKind::Verdict,
        target: target.clone(),
        name: check.to_string(),
    };
    let probes = |target: &TargetId| {
        let names: Vec<Series> = target::asked(model, target)
            .map(|(name, _)| Series {
                kind: SeriesKind::Probe,
                target: target.clone(),
                name: name.to_string(),
            })
            .collect();
        names
    };
    let mut series = match row {
        RowId::Finding(check, target) => {
            let mut series = vec![verdict(check, target)];
            series.extend(probes(target));
            series
        }
        RowId::Change(number) => model
            .changes
            .get(*number)
            .map(|change| vec![verdict(&change.check, &change.target)])
            .unwrap_or_default(),
        RowId::Past(number) => model
            .history
            .changes
            .get(*number)
            .map(|change| vec![verdict(&change.check, &change.target)])
            .unwrap_or_default(),
        RowId::Group(id) => model
            .verdicts
            .group(id)
            .map(|(_, group)| {
                group.members.iter().map(|member| verdict(&id.check, &member.target)).collect()
            })
            .unwrap_or_default(),
        RowId::Fact(target, key) => {
            let name = key.to_string();
            let mut series = vec![Series { kind: SeriesKind::Fact, target: target.clone(), name }];
            series.extend(probes(target).into_iter().filter(|probe| is_of(key, &probe.name)));
            series
        }
        RowId::Target(target) => {
            let judgements = &model.verdicts.of(target).judgements;
            let findings = judgements.iter().filter(|j| j.verdict.is_finding());
            findings.map(|j| verdict(&j.check, target)).chain(probes(target)).collect()
        }
        _ => Vec::new(),
    };
    series.truncate(ASKED);
    series
}

fn is_of(key: &KeyName, probe: &str) -> bool {
    keys::find(key.as_str()).is_some_and(|info| info.probe.name == probe)
}

/// What this session knows by itself.
fn lines(model: &Model, row: &RowId) -> Vec<String> {
    let mut lines = Vec::new();
    match row {
        RowId::Finding(check, target) => {
            lines.extend(finding_since(model, check, target));
            lines.extend(probes_since(model, target));
        }
        RowId::Group(id) => {
            if let Some((_, group)) = model.verdicts.group(id) {
                let mut members: Vec<_> = group.members.iter().collect();
                members.sort_by_key(|member| &member.target);
                lines.extend(
                    members.into_iter().take(NAMED).map(|member| {
                        time_line(model, &model.name_of(&member.target), member.since)
                    }),
                );
                lines.extend(more(group.members.len()));
            }
        }
        RowId::Fact(target, key) => {
            if let Some(known) = model.facts.of(target).known.get(key) {
                lines.push(time_line(model, "this console sees it", Some(known.since)));
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
            let turned = |at: Stamp, target: &TargetId, words: String| {
                format!("{}  {} {words}", at.near(model.now), model.name_of(target))
            };
            let now = model.changes.newest_first().filter(|change| change.layer == *layer);
            let now =
                now.map(|c| turned(c.at, &c.target, format!("{} {} to {}", c.check, c.from, c.to)));
            let before = model.history.changes.iter().filter(|change| change.layer == *layer);
            let before = before
                .map(|c| turned(c.at, &c.target, format!("{} {} to {}", c.check, c.from, c.to)));
            lines.extend(now.chain(before).take(NAMED));
        }
        RowId::Change(number) => {
            if let Some(change) = model.changes.get(*number) {
                lines.extend(finding_since(model, &change.check, &change.target));
            }
        }
        RowId::Past(number) => {
            if let Some(change) = model.history.changes.get(*number) {
                lines.extend(finding_since(model, &change.check, &change.target));
            }
        }
        _ => {}
    }
    if lines.is_empty() {
        lines.push("nothing changed since this console began".to_owned());
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

fn finding_since(model: &Model, check: &CheckId, target: &TargetId) -> Option<String> {
    let judgement = model.verdicts.judgement(check, target)?;
    Some(time_line(model, &format!("{check} is {}", judgement.verdict), judgement.since))
}

fn probes_since(model: &Model, target: &TargetId) -> Vec<String> {
    target::asked(model, target)
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
            format!("{what} since {} ({})", since.near(model.now), model.now.since(since).long())
        }
        None => format!("{what}, since when is not known"),
    }
}

/// What the store tells of a series in words.
fn kept_lines(model: &Model, past: &SeriesPast) -> Vec<String> {
    let now = model.now;
    let name = match past.series.kind {
        SeriesKind::Fact | SeriesKind::Probe => past.series.name.clone(),
        SeriesKind::Verdict => {
            format!("{} {}", model.name_of(&past.series.target), past.series.name)
        }
    };
    let mut lines = vec![String::new()];
    let Some(newest) = past.steps.first() else {
        lines.push(format!("{name}: nothing is kept yet"));
        return lines;
    };
    lines.push(format!("{name}, as kept:"));
    for (at, step) in past.steps.iter().enumerate() {
        let words = step.words.as_deref().unwrap_or("no longer told");
        let age = now.since(step.at).long();
        let since = if at == 0 { format!(" ({age})") } else { String::new() };
        let noticed = match step.unwatched_since {
            Some(from) => {
                format!("; it came while no console watched, after {}", from.near(now))
            }
            None => String::new(),
        };
        lines.push(format!("  {}  {words}{since}{noticed}", step.at.near(now)));
    }
    if let Some((from, _)) = past.gaps.last() {
        let words = newest.words.as_deref().unwrap_or("no longer told");
        let ago = now.since(*from).long();
        lines.push(format!("  was {words} already when a console last watched, {ago} ago"));
        let shown = past.gaps.len().min(3);
        let gaps = past
            .gaps
            .iter()
            .rev()
            .take(shown)
            .map(|(from, until)| format!("{} to {}", from.near(now), until.near(now)));
        let gaps: Vec<String> = gaps.collect();
        let others = past.gaps.len() - shown;
        let others = if others > 0 { format!(" and {others} times before") } else { String::new() };
        lines.push(format!("  no console watched {}{others}", gaps.join(", ")));
    }
    lines
}
