//! Timeline: what changed before this? It lists the changes of this session,
//! then those that were kept before it; stepping through time comes later.

use crate::domain::{CheckId, Layer, Stamp, TargetId, Verdict};
use crate::install::journal::RunWord;

use super::super::filter::Filter;
use super::super::mark::Mark;
use super::super::{Model, RowId};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "timeline",
    title: "Timeline",
    short: "Time",
    help: "Every change of a verdict that is kept, and the runs, newest first",
    jump_words: &["time", "changes", "history"],
    digit: Some('9'),
    layer: None,
    panels: &[PanelSpec { name: "changes", title: "What changed", rows, is_text: false }],
    commands: &[],
    needs: Some("Stepping through time is not built yet; t on a row says since when it is so"),
    is_listed: true,
    status,
};

/// One change, of this session or kept from before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeLine<'a> {
    /// When it was noticed.
    pub at: Stamp,
    /// The layer it counts in.
    pub layer: Layer,
    /// Whom it is about.
    pub target: &'a TargetId,
    /// Which check noticed.
    pub check: &'a CheckId,
    /// The verdict before.
    pub from: Verdict,
    /// The verdict then.
    pub to: Verdict,
    /// What the check said then.
    pub sentence: &'a str,
}

fn status(model: &Model) -> String {
    let kept = match model.history.changes.len() {
        0 => String::new(),
        n => format!("; {n} kept from before"),
    };
    let since = match (model.changes.len(), model.changes.forgotten()) {
        (0, _) => "Nothing changed since this console began".to_owned(),
        (n, 0) => format!("{n} changes since this console began"),
        (n, lost) => format!("the last {n} changes; {lost} older ones are not kept here"),
    };
    match &model.history.trouble {
        Some(trouble) => trouble.clone(),
        None => format!("{since}{kept}"),
    }
}

fn rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let now = model.changes.newest_first().map(|change| RowId::Change(change.number));
    let before = (0..model.history.changes.len()).map(RowId::Past);
    let changes = now.chain(before).filter_map(|row| {
        let line = line(model, &row)?;
        let words = [line.layer.word(), line.check.as_str(), line.sentence];
        let is_kept = (!state.problems_only || line.to.is_finding()) && filter.keeps(&words);
        is_kept.then_some((line.at, row))
    });
    let runs = run_rows(model).into_iter().filter(|(_, row)| {
        run_line(model, row).is_some_and(|line| {
            (!state.problems_only || line.is_bad) && filter.keeps(&["run", &line.sentence])
        })
    });
    let mut rows: Vec<(Stamp, RowId)> = changes.chain(runs).collect();
    // Of what happened at the same moment the order stays.
    rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// A run's start or end.
#[derive(Debug, Clone, PartialEq)]
pub struct RunMoment {
    /// The run.
    pub run: u64,
    /// When.
    pub at: Stamp,
    /// The state that began then.
    pub mark: Mark,
    /// What happened.
    pub sentence: String,
    /// Whether it ended badly.
    pub is_bad: bool,
}

/// The starts and ends of the runs, newest first.
pub fn run_moments(model: &Model) -> Vec<RunMoment> {
    let mut moments: Vec<RunMoment> =
        run_rows(model).iter().filter_map(|(_, row)| run_line(model, row)).collect();
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    moments
}

fn run_rows(model: &Model) -> Vec<(Stamp, RowId)> {
    let runs = model.runs.list.iter();
    runs.flat_map(|run| {
        let began = (run.started, RowId::RunBegan(run.id));
        let ended = run.ended.map(|at| (at, RowId::RunEnded(run.id)));
        ended.into_iter().chain([began])
    })
    .collect()
}

/// A run's start or end in words; `None` for any other row.
pub fn run_line(model: &Model, row: &RowId) -> Option<RunMoment> {
    match row {
        RowId::RunBegan(id) => model.runs.of(*id).map(|run| RunMoment {
            run: run.id,
            at: run.started,
            mark: Mark::Active,
            sentence: format!("run {id} started: {}", run.title),
            is_bad: false,
        }),
        RowId::RunEnded(id) => model.runs.of(*id).and_then(|run| {
            Some(RunMoment {
                run: run.id,
                at: run.ended?,
                mark: run.mark(),
                sentence: match run.word {
                    RunWord::Done => format!("run {id} done: {}", run.title),
                    word => {
                        let ending = run.ending_words();
                        format!("run {id} {}, {ending}: {}", word.word(), run.title)
                    }
                },
                is_bad: run.is_bad(),
            })
        }),
        _ => None,
    }
}

/// Every change, newest first.
pub fn lines(model: &Model) -> impl Iterator<Item = ChangeLine<'_>> {
    let now = model.changes.newest_first().map(|change| RowId::Change(change.number));
    let before = (0..model.history.changes.len()).map(RowId::Past);
    now.chain(before).filter_map(|row| line(model, &row))
}

/// A row; `None` when it is forgotten.
pub fn line<'a>(model: &'a Model, row: &RowId) -> Option<ChangeLine<'a>> {
    match row {
        RowId::Change(number) => model.changes.get(*number).map(|change| ChangeLine {
            at: change.at,
            layer: change.layer,
            target: &change.target,
            check: &change.check,
            from: change.from,
            to: change.to,
            sentence: &change.sentence,
        }),
        RowId::Past(number) => model.history.changes.get(*number).map(|change| ChangeLine {
            at: change.at,
            layer: change.layer,
            target: &change.target,
            check: &change.check,
            from: change.from,
            to: change.to,
            sentence: &change.sentence,
        }),
        _ => None,
    }
}
