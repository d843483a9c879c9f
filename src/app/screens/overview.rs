//! Overview: is it well, and if not, where do I go first?

use std::collections::BTreeSet;

use crate::domain::finding::standing;
use crate::domain::{Age, CheckId, Layer, Stamp, TargetId, Verdict};

use super::super::areas;
use super::super::changes::Change;
use super::super::filter::Filter;
use super::super::history::PastChange;
use super::super::kept::Rows;
use super::super::list::listing;
use super::super::mark::Mark;
use super::super::sharing;
use super::super::verdicts::{Group, GroupId, LayerSummary};
use super::super::{Model, RowId};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// From so many targets on, findings that say the same share a row of Overview.
pub const SHARED_FROM: usize = 3;

/// How far back "changed" reaches.
pub const CHANGED_WITHIN: Age = Age::seconds(600);

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "overview",
    title: "Overview",
    short: "Over",
    help: "Is it well, and if not, where do I go first: the layers, the findings, what changed",
    jump_words: &["home", "layers", "findings"],
    digit: Some('1'),
    layer: None,
    panels: &[
        PanelSpec { name: "layers", title: "Layers", rows: layer_rows, is_text: false },
        PanelSpec { name: "findings", title: "Findings", rows: find_rows, is_text: false },
        PanelSpec { name: "changed", title: "Changed", rows: changed_rows, is_text: false },
    ],
    commands: &["row.sort"],
    needs: None,
    is_listed: true,
    status,
};

/// One row of the layers.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerLine {
    /// The row; a layer or Changes.
    pub row: RowId,
    /// Its name.
    pub title: &'static str,
    /// Its state.
    pub mark: Mark,
    /// The word beside the mark.
    pub word: &'static str,
    /// The verdict for programs; `None` while nothing was judged.
    pub verdict: Option<Verdict>,
    /// The state in one line.
    pub sentence: String,
    /// When a fact of it was last seen.
    pub seen: Option<Stamp>,
    /// Whether what is shown is older than the trouble that hides the present.
    pub is_old: bool,
    /// How many findings it has; `None` where nothing counts.
    pub findings: Option<usize>,
    /// The worst verdict of each of the last minutes, oldest first, at most 60.
    pub history: Vec<Option<Verdict>>,
}

/// One row of findings: a judgement, or what several targets share.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingLine {
    /// The row.
    pub row: RowId,
    /// Its state.
    pub mark: Mark,
    /// What the check says.
    pub verdict: Verdict,
    /// The check.
    pub code: CheckId,
    /// The sentence.
    pub sentence: String,
    /// The layer it counts in.
    pub layer: Layer,
    /// The target; of several the one that is so for the longest time.
    pub target: Option<TargetId>,
    /// How many targets it is about.
    pub targets: usize,
    /// How many findings likely have the same cause and fold under it.
    pub folded: usize,
    /// Since when.
    pub since: Option<Stamp>,
    /// When the facts were last seen.
    pub seen: Option<Stamp>,
    /// How deep it stands: 1 for a member of the unfolded group above it.
    pub depth: u8,
    /// Whether it can be unfolded, and is.
    pub unfolded: Option<bool>,
}

/// The rows of the layers: the nine, then Changes.
pub fn layer_rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let mut layers = Layer::ALL.to_vec();
    if state.worst_first {
        layers.sort_by_key(|layer| {
            std::cmp::Reverse(model.verdicts.layer(*layer).worst().map_or(0, Verdict::weight))
        });
    }
    layers
        .into_iter()
        .filter(|layer| {
            let worst = model.verdicts.layer(*layer).worst();
            !state.problems_only || worst.is_some_and(Verdict::is_finding)
        })
        .map(RowId::Layer)
        .chain((!state.problems_only).then_some(RowId::Changes))
        .filter(|row| {
            filter.is_empty() || {
                let line = layer_line(model, row);
                filter.keeps(&[line.title, line.word, &line.sentence])
            }
        })
        .collect()
}

/// A row of the layers in words; any other row is the Changes row.
pub fn layer_line(model: &Model, row: &RowId) -> LayerLine {
    match row {
        RowId::Layer(layer) => line_of_layer(model, *layer),
        _ => changes_line(model),
    }
}

fn line_of_layer(model: &Model, layer: Layer) -> LayerLine {
    let summary = model.verdicts.layer(layer);
    let (mark, sentence) = state_of_layer(model, layer, summary);
    let is_old = summary.worst() == Some(Verdict::Unknown);
    LayerLine {
        row: RowId::Layer(layer),
        title: layer.title(),
        mark,
        word: mark.word(),
        verdict: summary.worst(),
        sentence,
        seen: summary.seen,
        is_old,
        findings: summary.worst().map(|_| summary.counts.findings()),
        history: summary.history.iter().map(|minute| minute.worst).collect(),
    }
}

fn state_of_layer(model: &Model, layer: Layer, summary: &LayerSummary) -> (Mark, String) {
    if !model.is_loaded {
        return (Mark::Active, "reading the inventory".to_owned());
    }
    if !model.built.contains(&layer) {
        return (Mark::Off, "nothing looks here yet".to_owned());
    }
    if summary.targets == 0 {
        return (Mark::Off, "the inventory names nothing here".to_owned());
    }
    let looking = format!("looking {} of {}", summary.looked, summary.targets);
    let Some(worst) = summary.worst() else {
        return if summary.looked < summary.targets {
            (Mark::Active, looking)
        } else {
            (Mark::Off, "no check of it means anything yet".to_owned())
        };
    };
    let sentence = if worst.is_finding() {
        worst_sentence(model, summary)
    } else if summary.looked < summary.targets {
        looking
    } else {
        let answering = summary.looked - summary.silent.min(summary.looked);
        format!("{answering} of {} answer, {} checks hold", summary.targets, summary.counts.pass)
    };
    (Mark::of(worst), sentence)
}

/// The sentence of a layer is that of its worst finding.
fn worst_sentence(model: &Model, summary: &LayerSummary) -> String {
    summary
        .groups()
        .filter(|group| group.id.verdict.is_finding() && !group.leading.is_empty())
        .min_by(|a, b| rank(a).cmp(&rank(b)))
        .map(|group| sharing::sentence(model, group))
        .unwrap_or_default()
}

/// Worst first, then the most targets, then the oldest: a layer says what matters most, not what came first.
fn rank(group: &Group) -> (std::cmp::Reverse<u8>, std::cmp::Reverse<usize>, Option<Stamp>) {
    use std::cmp::Reverse;
    (Reverse(group.id.verdict.weight()), Reverse(group.leading.len()), group.since())
}

fn changes_line(model: &Model) -> LayerLine {
    let recent = recent_changes(model).count() + recent_past(model).count();
    let sentence = match (recent, model.changes.newest_first().next()) {
        (0, None) => "nothing changed since the start".to_owned(),
        (0, Some(last)) => format!("last change {}", last.at.hms()),
        (1, _) => "1 change in the last 10 minutes".to_owned(),
        (n, _) => format!("{n} changes in the last 10 minutes"),
    };
    let (mark, word, sentence) = match super::super::runs::changes_words(model) {
        Some((mark, word, of_run)) => (mark, word, format!("{of_run}; {sentence}")),
        None => (Mark::Off, "idle", format!("{sentence}; no run")),
    };
    LayerLine {
        row: RowId::Changes,
        title: "Changes",
        mark,
        word,
        verdict: None,
        sentence,
        seen: None,
        is_old: false,
        findings: None,
        history: Vec::new(),
    }
}

/// The rows of findings, worst first, then oldest. Findings that fold under
/// another one are told by that one; from [`SHARED_FROM`] targets on, one
/// check's same verdict for the same reason is one row.
pub fn finding_rows(model: &Model) -> Rows {
    model.kept_rows.get(model, SPEC.id, |model| find_rows(model, model.state_of(SPEC.id)))
}

fn find_rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let mut rows = Vec::new();
    for group in model.verdicts.layers.values().flat_map(LayerSummary::groups) {
        if !group.id.verdict.is_finding() || group.leading.is_empty() {
            continue;
        }
        let id = &group.id;
        let mut each = group.leading.iter().map(|member| {
            let row = RowId::Finding(id.check.clone(), member.target.clone());
            (standing(id.verdict, member.since, &id.check, &member.target), row)
        });
        if group.leading.len() >= SHARED_FROM {
            rows.extend(each.next().map(|(first, _)| (first, RowId::Group(id.clone()))));
        } else {
            rows.extend(each);
        }
    }
    rows.sort();
    rows.into_iter()
        .map(|(_, row)| row)
        .filter(|row| {
            filter.is_empty()
                || finding_line(model, row)
                    .is_some_and(|line| filter.keeps(&[line.code.as_str(), &line.sentence]))
        })
        .collect()
}

/// A row of findings in words; `None` when it is gone.
pub fn finding_line(model: &Model, row: &RowId) -> Option<FindingLine> {
    match row {
        RowId::Finding(check, target) => {
            let judgement = model.verdicts.judgement(check, target)?;
            Some(FindingLine {
                row: row.clone(),
                mark: Mark::of(judgement.verdict),
                verdict: judgement.verdict,
                code: check.clone(),
                sentence: judgement.sentence.clone(),
                layer: judgement.layer,
                target: Some(target.clone()),
                targets: 1,
                folded: model.verdicts.of(target).folded_under(check),
                since: judgement.since,
                seen: judgement.seen,
                depth: 0,
                unfolded: None,
            })
        }
        RowId::Group(id) => {
            let (layer, group) = model.verdicts.group(id)?;
            let first = group.members.first()?;
            let judgement = model.verdicts.judgement(&id.check, &first.target)?;
            Some(FindingLine {
                row: row.clone(),
                mark: Mark::of(id.verdict),
                verdict: id.verdict,
                code: id.check.clone(),
                sentence: sharing::sentence(model, group),
                layer,
                target: Some(first.target.clone()),
                targets: group.members.len(),
                folded: group.folded,
                since: first.since,
                seen: judgement.seen,
                depth: 0,
                unfolded: Some(false),
            })
        }
        _ => None,
    }
}

fn recent_changes(model: &Model) -> impl Iterator<Item = &Change> {
    let now = model.now;
    model.changes.newest_first().take_while(move |change| now.since(change.at) <= CHANGED_WITHIN)
}

/// One row of what changed: a change, or several in a row that say the same.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedLine {
    /// When the last of them was noticed.
    pub at: Stamp,
    /// The state now.
    pub mark: Mark,
    /// What is so now.
    pub sentence: String,
    /// The targets, the last one first.
    pub targets: Vec<TargetId>,
}

/// The rows of what changed in the last ten minutes, newest first. One check's
/// same change on several targets, one after the other, is one row, that of
/// the last of them.
pub fn changed_rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let mut rows = Vec::new();
    let mut before: Option<&Change> = None;
    let kept =
        recent_changes(model).filter(|c| filter.keeps(&[c.layer.word(), c.sentence.as_str()]));
    for change in kept {
        if !before.is_some_and(|newer| is_same(newer, change)) {
            rows.push(RowId::Change(change.number));
        }
        before = Some(change);
    }
    let kept = recent_past(model)
        .filter(|(_, c)| filter.keeps(&[c.layer.word(), c.sentence.as_str()]))
        .map(|(number, _)| RowId::Past(number));
    rows.extend(kept);
    rows
}

/// What turned in the last ten minutes, before this console began.
fn recent_past(model: &Model) -> impl Iterator<Item = (usize, &PastChange)> {
    let now = model.now;
    let past = model.history.changes.iter().enumerate();
    past.take_while(move |(_, change)| now.since(change.at) <= CHANGED_WITHIN)
}

fn is_same(one: &Change, other: &Change) -> bool {
    one.check == other.check && one.from == other.from && one.to == other.to
}

/// A row of what changed in words; `None` when it is gone.
pub fn changed_line(model: &Model, row: &RowId) -> Option<ChangedLine> {
    if let RowId::Past(number) = row {
        let change = model.history.changes.get(*number)?;
        return Some(ChangedLine {
            at: change.at,
            mark: Mark::of(change.to),
            sentence: change.sentence.clone(),
            targets: vec![change.target.clone()],
        });
    }
    let RowId::Change(number) = row else { return None };
    let last = model.changes.get(*number)?;
    let mut named = BTreeSet::new();
    let targets: Vec<TargetId> = recent_changes(model)
        .skip_while(|change| change.number != *number)
        .take_while(|change| is_same(change, last))
        .filter(|change| named.insert(&change.target))
        .map(|change| change.target.clone())
        .collect();
    let sentence = match targets.len() {
        0 | 1 => last.sentence.clone(),
        _ => sharing::changed(model, last, &targets),
    };
    Some(ChangedLine { at: last.at, mark: Mark::of(last.to), sentence, targets })
}

/// Of the worst findings the one that most others share their likely cause
/// with: its row, and how many there are with it.
pub fn shared_cause(model: &Model) -> Option<(FindingLine, usize)> {
    finding_rows(model)
        .iter()
        .filter_map(|row| finding_line(model, row))
        .map(|line| {
            let together = line.targets + line.folded;
            (line, together)
        })
        .filter(|(_, together)| *together > 1)
        .max_by_key(|(line, together)| (line.verdict.weight(), *together))
}

/// What Overview says in the status line.
pub fn status(model: &Model) -> String {
    if !model.is_loaded {
        return "Reading the inventory".to_owned();
    }
    if !model.site.has_inventory {
        return "No inventory here yet: Install (7) offers inventory.example.yml".to_owned();
    }
    let findings = model.verdicts.findings();
    if let Some(next) = next_step(model) {
        return next;
    }
    if let Some((line, together)) = shared_cause(model) {
        let who = line.target.as_ref().map(|id| spoken_name(model, id)).unwrap_or_default();
        let share = if together == findings {
            format!("The {findings} findings")
        } else {
            format!("{together} of the {findings} findings")
        };
        return if line.targets > 1 {
            format!("{share} are one, {}. Tab goes there", line.code)
        } else {
            format!("{share} share one likely cause: {who}. Tab goes there")
        };
    }
    match findings {
        0 => all_well(model),
        1 => "1 finding. Tab goes there".to_owned(),
        n => format!("{n} findings, worst first. Tab goes there"),
    }
}

/// What people say on the telephone: a controller goes by its machine.
fn spoken_name(model: &Model, id: &TargetId) -> String {
    let machine = model.index.target(&model.site, id).and_then(|target| target.machine.as_ref());
    match machine {
        Some(machine) => format!("the BMC of {}", model.name_of(machine)),
        None => model.name_of(id),
    }
}

/// What to try first about the selected finding, while the findings have the keys.
fn next_step(model: &Model) -> Option<String> {
    if areas::focused_panel(model, &SPEC) != "findings" {
        return None;
    }
    let panel = SPEC.panel("findings")?;
    let row = listing(model, panel).row()?.clone();
    let details = super::details::of_row(model, &row)?;
    let next = details.next.first()?;
    Some(format!("Try: {next}"))
}

fn all_well(model: &Model) -> String {
    match looked(model) {
        (_, 0) => "No check is about anything in this inventory".to_owned(),
        (looked, targets) if looked < targets => format!("looking {looked} of {targets}"),
        _ => "All that is looked at is well".to_owned(),
    }
}

/// Why there is no row of findings.
pub fn no_finding(model: &Model) -> &'static str {
    match looked(model) {
        (_, 0) => "Nothing to look at yet",
        (looked, targets) if looked < targets => {
            "No finding so far; not everything was looked at yet"
        }
        _ => "No finding: nothing that is looked at is wrong",
    }
}

/// How many targets were looked at, layer by layer, and how many there are to look at.
fn looked(model: &Model) -> (usize, usize) {
    let layers = model.verdicts.layers.values();
    layers.fold((0, 0), |(looked, all), layer| (looked + layer.looked, all + layer.targets))
}

/// The layers in numbers: their names, and how many targets answer.
pub fn layers_in_numbers(model: &Model) -> Vec<(&'static str, String)> {
    let judged = Layer::ALL.into_iter().map(|layer| (layer, model.verdicts.layer(layer)));
    judged
        .filter(|(_, summary)| summary.worst().is_some())
        .map(|(layer, summary)| {
            let words = match summary.silent {
                0 => format!("{} of {} looked at", summary.looked, summary.targets),
                silent => format!("{silent} of {} cannot be looked at", summary.targets),
            };
            (layer.title(), words)
        })
        .collect()
}

/// The group a row belongs to, for screens that unfold it.
pub fn group_of(model: &Model, check: &CheckId, target: &TargetId) -> Option<GroupId> {
    let judgement = model.verdicts.judgement(check, target)?;
    Some(GroupId {
        check: check.clone(),
        verdict: judgement.verdict,
        cause: judgement.cause.clone(),
    })
}
